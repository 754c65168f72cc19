// Finds out what the engine really does: from which phase to which, by which event and rule, by running its source.
//
// 1. Nothing is typed by hand: every event is decided in every phase, with every combination of what it reads there,
//    on one platform of each set of traits, as spec/domain.json declares it.
// 2. The source on disk is run, not the committed Wasm, so that a change of a rule needs one generation and not two.
//    test/states.test.ts holds the Wasm to the same answer, and every transition to being reached from the beginning.
import { COLUMN, EVENT, PHASE, PLAN } from '../../adapters/core/names.ts'
import { readRules } from '../../adapters/spec/files.ts'
import { platformClasses, productOf, readsOf } from '../../test/twin/domain.ts'
import { sourceMachine } from '../../test/twin/source.ts'

/** One thing that happens: in a phase, an event fires a rule and leads to a phase, perhaps the same. */
export interface Transition {
  from: string
  to: string
  event: string
  rule: string
}

/** What of the engine is run. */
export interface Subject {
  decide(context: number, state: number, event: number, facts: number): number
  enter(context: number, state: number, event: number, facts: number): number
  column(platform: number, which: number): number
}

const phases = Object.entries(PHASE).filter(([name]) => name !== 'MASK')

/** The name of a phase in a state. */
export function phaseOf(state: number): string {
  const number = state & (PHASE.MASK ?? 0)
  const found = phases.find(([, value]) => value === number)
  if (found === undefined) throw new Error(`spec/abi.json has no phase ${number}`)
  return found[0]
}

/** The number of the rule in a plan. */
export function ruleOf(plan: number): number {
  return (plan >> (PLAN.RULE_SHIFT ?? 0)) & (PLAN.RULE_MASK ?? 0)
}

/** Everything that can happen, in the order of phases, events and rules. */
export function transitionsOf(engine: Subject): Transition[] {
  const { rules } = readRules()
  const idOf = new Map(rules.map(({ number, id }) => [number, id]))
  const { rows: platforms } = platformClasses((row) => engine.column(row, COLUMN.TRAITS ?? 0))
  return phases.flatMap(([from, phase]) =>
    Object.entries(EVENT).flatMap(([event, number]) => {
      const { contexts, states, facts } = productOf(readsOf(event, phase).decide, platforms)
      // By rule, the phases that it led to.
      const seen = new Map<number, Set<string>>()
      for (const context of contexts) {
        for (const rest of states) {
          for (const fact of facts) {
            const rule = ruleOf(engine.decide(context, rest | phase, number, fact))
            const to = phaseOf(engine.enter(context, rest | phase, number, fact))
            seen.set(rule, (seen.get(rule) ?? new Set()).add(to))
          }
        }
      }
      return [...seen]
        .sort(([a], [b]) => a - b)
        .flatMap(([rule, tos]) => [...tos].map((to) => ({ from, to, event, rule: idOf.get(rule) ?? String(rule) })))
    }),
  )
}

/** The transitions of the source that lies on disk. */
export async function realTransitions(): Promise<Transition[]> {
  const { machine } = await sourceMachine()
  return transitionsOf(machine.engine)
}
