// Mistakes that one could make in the engine; each must be caught by an invariant or by a vector.
import type { Mutant } from '../twin/source.ts'

const engine = 'engine.ts'
const record = 'record.ts'

export const mutants: readonly Mutant[] = [
  {
    title: 'a drop that discards bytes closes',
    file: engine,
    from: 'if (leaving && has(facts, FACT_UNFLUSHED)) return RULE_DISCARD_RESETS;',
    to: '',
  },
  {
    title: 'a flush with bytes left sends our FIN',
    file: engine,
    from: 'return has(facts, FACT_UNFLUSHED) || has(state, FLAG_FIN_ASKED) ? RULE_STALE : rule;',
    to: 'return has(state, FLAG_FIN_ASKED) ? RULE_STALE : rule;',
  },
  {
    title: 'our FIN is asked for twice',
    file: engine,
    from: 'return has(facts, FACT_UNFLUSHED) || has(state, FLAG_FIN_ASKED) ? RULE_STALE : rule;',
    to: 'return has(facts, FACT_UNFLUSHED) ? RULE_STALE : rule;',
  },
  {
    title: 'nothing is ever disarmed',
    file: engine,
    from: 'case STEP_DISARM: if (!has(state, FLAG_ARMED)) continue; break;',
    to: 'case STEP_DISARM: continue;',
  },
  {
    title: 'an exit closes what the runtime still holds',
    file: engine,
    from: 'if (has(facts, FACT_UNFLUSHED)) return RULE_EXIT_RESETS;',
    to: '',
  },
  {
    title: 'a reset is claimed on a shared socket',
    file: record,
    from: 'return has(state, FLAG_ARMED) && !has(state, FLAG_SHARED) ? settleReset(state) : state;',
    to: 'return has(state, FLAG_ARMED) ? settleReset(state) : state;',
  },
  {
    title: 'the verdict is given out again',
    file: engine,
    from: 'if (has(state, FLAG_REPORTED) || !reports(context, state, facts, rule)) continue; break;',
    to: 'if (!reports(context, state, facts, rule)) continue; break;',
  },
  {
    title: 'a step that failed is taken for done',
    file: record,
    from: 'if (result != RESULT_DONE) return step == STEP_DISARM ? state & ~(ENDED_MASK << FIELD_ENDED_SHIFT) : state;',
    to: '',
  },
  {
    title: 'a queue that nobody can see is empty',
    file: 'known.ts',
    from: 'return has(context, CAN_SEE_ACKED) && trait(context, TRAIT_SEES_ACKED);',
    to: 'return has(context, CAN_SEE_ACKED);',
  },
  {
    title: 'a drain starts no clock',
    file: 'rules.ts',
    from: '5268987,',
    to: '5244507,',
  },
  {
    title: 'a second close starts over',
    file: engine,
    from: 'return resets && rule != RULE_ALREADY_SO ? RULE_UNREAD_RESETS : rule;',
    to: 'return resets ? RULE_UNREAD_RESETS : rule;',
  },
  {
    title: 'an event of a FIN that was sent is not fed back',
    file: 'drive.ts',
    from: 'if (shut == RESULT_PENDING) return next;',
    to: 'if (shut >= 0) return next;',
  },
]
