// Explores every state that a connection can come to in one context, and holds each step against the invariants.
//
// 1. Breadth first, so that the trace of a contradiction is a shortest one.
// 2. An event comes with every set of facts that it reads and that can be true at that moment.
// 3. Every step that can fail does, and stays pending, in turn.
// 4. Besides the engine's state a history is kept: what was really declared, sent and seen.
import { EVENT, FACT } from '../../adapters/core/names.js'
import {
  CAN_SEE_ACKED,
  EVENT_ABORT,
  EVENT_ACKED,
  EVENT_CLOSE,
  EVENT_DATA,
  EVENT_OPEN,
  FACT_LATE,
  FACT_UNACKED,
  FACT_UNFLUSHED,
  FACT_UNSENT,
  FLAG_ACKED,
  FLAG_FIN_ASKED,
  FLAG_FIN_OUT,
  FLAG_PEER_FIN,
  PHASE_MASK,
  PHASE_NEW,
  TRAIT_SEES_ACKED,
} from '../../assembly/abi.ts'
import { stepsOf, tellState } from '../../conformance/vectors.js'
import { productOf, readsOf } from '../twin/domain.ts'
import { check, History, type Moment } from './checks.ts'
import type { Context } from './contexts.ts'
import { type Machine, outcomes } from './machine.ts'

/** What an exploration came to. */
export interface Explored {
  states: number
  transitions: number
}

/** Something that must not be, with the way there. */
export class Contradiction extends Error {}

const eventNames = Object.keys(EVENT)
const phaseMask = PHASE_MASK
const ruleField = 63 << 24
const causeField = 15 << 11
const receiveField = 3 << 8
const heldField = 2 << 8
const otherCause = EVENT_ABORT << 11
const closeCause = EVENT_CLOSE << 11

// Facts by event and phase, from what they are declared to read.
const factsByMoment = new Map<number, number[]>()

function factsFor(event: number, phase: number): number[] {
  const key = event * 8 + phase
  const known = factsByMoment.get(key)
  if (known !== undefined) return known
  const { decide, enter } = readsOf(eventNames[event - 1] ?? '', phase)
  const shared = phase === PHASE_NEW ? '' : 'FACT.SHARED'
  const read = new Set(`${decide} ${enter}`.split(' '))
  const list = [...read].filter((name) => /^(FACT|ARGUMENT)/.test(name) && name !== shared)
  const { facts } = productOf(list.join(' '), [])
  const some = facts.filter((word) => word >> 12 <= 4)
  factsByMoment.set(key, some)
  return some
}

// Whether these facts can be true of this connection now.
function plausible(
  context: number,
  state: number,
  event: number,
  facts: number,
  history: number,
  sees: boolean,
): boolean {
  const finOut = (state & FLAG_FIN_OUT) !== 0
  if (!sees && ((facts & FACT_UNACKED) !== 0 || (facts & FACT_UNSENT) !== 0)) return false
  if ((facts & FACT_UNSENT) !== 0 && (facts & FACT_UNACKED) === 0) return false
  if ((state & FLAG_ACKED) !== 0 && (facts & FACT_UNACKED) !== 0) return false
  // Whatever the runtime still holds was written before our FIN, or never will be sent.
  if ((facts & FACT_UNFLUSHED) !== 0 && (finOut || (state & FLAG_FIN_ASKED) !== 0 || (facts & FACT_LATE) !== 0))
    return false
  if ((facts & FACT_UNFLUSHED) !== 0 && (history & History.Gone) !== 0) return false
  // Once is enough for what stays true.
  if ((facts & FACT_LATE) !== 0 && (finOut || (event !== EVENT_DATA && event !== EVENT_ABORT && event !== EVENT_CLOSE)))
    return false
  if (event === EVENT_ACKED && (!sees || !finOut || (facts & FACT_UNACKED) !== 0)) return false
  return !((state & FLAG_PEER_FIN) !== 0 && event === EVENT_DATA) && context !== 0
}

function keyOf(state: number, history: number): number {
  const cause = state & causeField
  const told = cause === 0 || cause === closeCause ? cause : otherCause
  // To hold is decided like normal receiving, and how the other direction ended decides nothing.
  const held = (state & receiveField) === heldField ? receiveField : 0
  const asked = (state & FLAG_FIN_ASKED) !== 0 ? 1 : 0
  return (((state & 0x3fffff & ~causeField & ~held) | told) * 2 + asked) * History.Size + history
}

// The next choice of outcomes, with at most one that is not `done`; false when all were tried.
function advance(choices: number[], positions: number): boolean {
  choices.length = Math.min(choices.length, positions)
  while (choices.length < positions) choices.push(0)
  for (let at = positions - 1; at >= 0; at -= 1) {
    const outcome = choices[at] ?? 0
    const others = choices.reduce((sum, one, index) => sum + (index < at && one !== 0 ? 1 : 0), 0)
    if (outcome < outcomes.length - 1 && (outcome > 0 || others < 1)) {
      choices[at] = outcome + 1
      choices.length = at + 1
      return true
    }
  }
  return false
}

interface Node {
  state: number
  history: number
  from: Node | undefined
  via: string
}

function trace(node: Node | undefined): string[] {
  return node === undefined ? [] : [...trace(node.from), `${node.via} → ${tellState(node.state)}`]
}

function tellMoment(moment: Moment, machine: Machine): string {
  const facts = Object.keys(FACT).filter((name) => (moment.facts & (FACT[name] ?? 0)) !== 0)
  const steps = machine.calls.map((step, index) => {
    const outcome = outcomes[machine.results[index] ?? 0]
    return `${stepsOf(step)[0]}${outcome === 'done' ? '' : ` ${outcome}`}`
  })
  return `${eventNames[moment.event - 1]} [${facts.join(' ')}]: ${steps.join(', ') || 'nothing'}`
}

/** Explores one context. Throws {@link Contradiction} at the first moment that must not be. */
export function explore(machine: Machine, context: Context): Explored {
  const traits = machine.engine.column(context.word & 63, 0)
  const sees = (context.word & CAN_SEE_ACKED) !== 0 && (traits & TRAIT_SEES_ACKED) !== 0
  const seen = new Set<number>([keyOf(0, 0)])
  const queue: Node[] = [{ state: 0, history: 0, from: undefined, via: 'nothing yet' }]
  let transitions = 0
  const choices: number[] = []
  for (const node of queue) {
    const phase = node.state & phaseMask
    for (let event = 1; event <= eventNames.length; event += 1) {
      if (phase === PHASE_NEW && event !== EVENT_OPEN && event !== EVENT_CLOSE) continue
      for (const facts of factsFor(event, phase)) {
        if (!plausible(context.word, node.state, event, facts, node.history, sees)) continue
        choices.length = 0
        do {
          const after = machine.feed(context.word, node.state, event, facts, choices)
          transitions += 1
          const moment: Moment = {
            context: context.word,
            traits,
            sees,
            before: node.state,
            history: node.history,
            event,
            facts,
            after,
          }
          const { history, broken } = check(moment, machine)
          if (broken !== undefined) {
            const lines = [...trace(node), `${tellMoment(moment, machine)} → ${tellState(after)}`]
            throw new Contradiction(`${broken}\n  ${context.title}\n  ${lines.join('\n  ')}`)
          }
          const key = keyOf(after, history)
          if (seen.has(key)) continue
          seen.add(key)
          queue.push({ state: after & ~ruleField, history, from: node, via: tellMoment(moment, machine) })
        } while (advance(choices, machine.positions))
      }
    }
  }
  return { states: queue.length, transitions }
}
