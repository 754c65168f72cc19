// Mistakes that one could make in the engine; each must be caught by the invariants, the model or a vector.
import type { Mutant } from '../twin/source.ts'

const [engine, record, known, drive] = ['engine.ts', 'record.ts', 'known.ts', 'drive.ts'] as const

/** A mistake that takes a line away. */
const without = (title: string, file: string, from: string): Mutant => ({ title, file, from, to: '' })

export const mutants: readonly Mutant[] = [
  without(
    'a drop that discards bytes closes',
    engine,
    'if (leaving && has(facts, FACT_UNFLUSHED)) return RULE_DISCARD_RESETS;',
  ),
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
  without(
    'an exit closes what the runtime still holds',
    engine,
    'if (has(facts, FACT_UNFLUSHED)) return RULE_EXIT_RESETS;',
  ),
  {
    title: 'a reset is claimed on a shared socket',
    file: record,
    from: 'const shared = step == STEP_DISCONNECT ? 0 : FLAG_SHARED;',
    to: 'const shared = 0;',
  },
  {
    title: 'a disconnect is claimed for a reset although the option was refused',
    file: record,
    from: 'const shared = step == STEP_DISCONNECT ? 0 : FLAG_SHARED;',
    to: 'if (step == STEP_DISCONNECT) return settleReset(state); const shared = FLAG_SHARED;',
  },
  {
    title: 'the verdict is given out again',
    file: engine,
    from: 'if (has(state, FLAG_REPORTED) || !reports(context, state, facts, rule)) continue; break;',
    to: 'if (!reports(context, state, facts, rule)) continue; break;',
  },
  without(
    'a step that failed is taken for done',
    record,
    'if (result != RESULT_DONE) return (CLAIMING >> step) & 1 ? (state & ~CLAIM_MASK) | FLAG_FIN_ASKED : state;',
  ),
  {
    title: 'what was claimed before a step that failed stays',
    file: record,
    from: 'return (CLAIMING >> step) & 1 ? (state & ~CLAIM_MASK) | FLAG_FIN_ASKED : state;',
    to: 'return state;',
  },
  {
    title: 'a queue that nobody can see is empty',
    file: known,
    from: 'return has(context, CAN_SEE_ACKED) && trait(context, TRAIT_SEES_ACKED);',
    to: 'return has(context, CAN_SEE_ACKED);',
  },
  { title: 'a drain starts no clock', file: 'rules.ts', from: '5268987,', to: '5244507,' },
  {
    title: 'a second close starts over',
    file: engine,
    from: 'return resets && rule != RULE_ALREADY_SO ? RULE_UNREAD_RESETS : rule;',
    to: 'return resets ? RULE_UNREAD_RESETS : rule;',
  },
  {
    title: 'an event of a FIN that was sent is not fed back',
    file: drive,
    from: 'if (shut == RESULT_PENDING) return next;',
    to: 'if (shut >= 0) return next;',
  },
  {
    title: 'an open connection is never armed',
    file: engine,
    from: 'return has(context, CAN_ARM) ? RULE_OPEN_ARMS : RULE_OPEN_CANNOT_ARM;',
    to: 'return RULE_OPEN_CANNOT_ARM;',
  },
  {
    title: 'an abort arms nothing',
    file: engine,
    from: 'case STEP_ARM: if (has(state, FLAG_ARMED) || !has(context, CAN_ARM)) continue; break;',
    to: 'case STEP_ARM: if ((state & PHASE_MASK) != PHASE_NEW) continue; break;',
  },
  {
    title: 'a close releases before the peer has finished',
    file: engine,
    from: 'if (!has(state, FLAG_PEER_FIN) && drains(context, facts)) return RULE_FIN_SENT_DRAINS;',
    to: '',
  },
  {
    title: 'the duplicate is closed although the runtime let go early',
    file: engine,
    from: 'if (!has(state, FLAG_PEER_FIN) && drains(context, facts)) return RULE_CLOSED_DRAINS;',
    to: '',
  },
  {
    title: 'a drain that its host cannot do is waited for',
    file: known,
    from: 'return has(context, CAN_DRAIN | POLICY_UNREAD_ABORTS) == CAN_DRAIN && !has(facts, FACT_BUDGET);',
    to: 'return has(context, CAN_DRAIN) != 0;',
  },
  {
    title: 'our own descriptor is never closed',
    file: engine,
    from: 'case STEP_CLOSE: if (!has(context, CAN_HOLD)) continue; break;',
    to: 'case STEP_CLOSE: continue;',
  },
  without(
    'a deadline leaves a truncated stream to the kernel',
    engine,
    'if (rule == RULE_STALE || has(facts, FACT_UNFLUSHED)) return rule;',
  ),
  {
    title: 'a failure after our FIN resets',
    file: engine,
    from: 'if (rule != RULE_FAILURE_RESETS) return rule;',
    to: 'if (rule != RULE_FAILURE_RESETS) return RULE_FAILURE_RESETS;',
  },
  {
    title: 'a failure closes whatever the policy says',
    file: engine,
    from: 'if (!has(context, POLICY_FAILURE_CLOSES)) return rule;',
    to: '',
  },
  {
    title: 'every exit is complete',
    file: engine,
    from: 'return has(context, POLICY_EXIT_CLOSES) || has(facts, FACT_COMPLETE) ? RULE_EXIT_SENDS_FIN : rule;',
    to: 'return RULE_EXIT_SENDS_FIN;',
  },
  {
    title: "the peer's FIN ends our side although the policy keeps it open",
    file: engine,
    from: 'before(state, PHASE_FINISHING) && has(context, POLICY_PEER_FIN_CLOSES) ? RULE_PEER_FIN_FLUSHES : rule;',
    to: 'before(state, PHASE_FINISHING) ? RULE_PEER_FIN_FLUSHES : rule;',
  },
  {
    title: 'delivery is confirmed without an acknowledgement',
    file: record,
    from: 'if (!has(state, FLAG_FIN_OUT) || !acked(context, state, facts)) return next;',
    to: 'if (!has(state, FLAG_FIN_OUT)) return next;',
  },
  {
    title: 'a reset is claimed behind a FIN',
    file: record,
    from: 'if ((state & PHASE_MASK) != PHASE_ENDED || has(state, FLAG_FIN_OUT | FLAG_FIN_ASKED)) return state;',
    to: 'if ((state & PHASE_MASK) != PHASE_ENDED) return state;',
  },
  {
    title: 'a FIN is claimed although bytes lie unread at the last close',
    file: record,
    from: 'const resets = !confirmed && (has(state, FLAG_ARMED) || has(facts, FACT_UNREAD));',
    to: 'const resets = false;',
  },
  {
    title: 'what is queued is lost even where no abort acts at once',
    file: record,
    from: 'const gone = disconnects(context) ? facts : facts & ~FACT_UNSENT;',
    to: 'const gone = facts;',
  },
  {
    title: 'the runtime is asked to reset although the kernel was',
    file: engine,
    from: 'const last = isReset(rule) && has(context, CAN_ARM | CAN_RESET) == CAN_RESET && !disconnects(context);',
    to: 'const last = false;',
  },
]
