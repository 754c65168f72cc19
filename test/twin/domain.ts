// Declares what each event reads of its inputs; with it a small product of values is the whole domain of the engine.
//
// 1. `early` are the phases before our FIN (OPEN, FINISHING, CLOSING), `late` those after it (FINISHED, DRAINING).
// 2. A word that is not listed does not change what decide() answers, and enter() copies or overwrites its bits
//    without looking. test/twin.test.ts proves that by chance, and the rest by trying everything.
// 3. spec/README.md tells the same in words.
import { CAN, CONFIRM, CONTEXT, EVENT, FACT, FIELD, FLAG, PHASE, POLICY } from '../../adapters/core/names.js'

/** What is read: words, and the name of the group that has them. */
export interface Reads {
  decide: string
  enter: string
}

const resets = 'CAN.ARM CAN.DISCONNECT CAN.RESET CAN.HOLD TRAITS FLAG.ARMED FLAG.REPORTED'
const afterFin =
  'CAN.DRAIN CAN.SEE_ACKED CAN.HOLD POLICY.UNREAD_ABORTS CONFIRM TRAITS FLAG.PEER_FIN FLAG.ACKED FLAG.REPORTED ' +
  'FACT.BUDGET FACT.UNACKED'
const stays = 'FACT.SHARED FACT.LATE'
const notesReset =
  `${stays} CAN.SEE_ACKED CAN.DISCONNECT TRAITS FLAG.ACKED FLAG.FIN_OUT ` + 'FACT.UNACKED FACT.UNFLUSHED FACT.UNSENT'
const seenAtEnd = 'FLAG.ACKED FLAG.ARMED FLAG.FIN_OUT FLAG.SHARED DELIVERY FACT.UNACKED FACT.UNREAD'
const notesEnd = `${stays} CAN.SEE_ACKED TRAITS ${seenAtEnd}`
const notesAfterFin = `${notesEnd} CAN.DRAIN POLICY.UNREAD_ABORTS CONFIRM FLAG.PEER_FIN FACT.BUDGET`
const notesLeft = 'CAN.HOLD FLAG.SHARED FLAG.ARMED FACT.UNFLUSHED FACT.UNREAD'
const drops = 'POLICY.HANDS_OFF POLICY.UNREAD_ABORTS FACT.UNFLUSHED FACT.UNREAD CAN.HOLD'
const deadline = 'POLICY.DEADLINE_DETACHES FACT.UNFLUSHED CAUSE'

const afterTheFin: Reads = { decide: afterFin, enter: notesAfterFin }
const nothing: Reads = { decide: '', enter: '' }
const always = (reads: Reads): { early: Reads; late: Reads } => ({ early: reads, late: reads })

/** By event: what is read before our FIN, and after it. */
export const reads: Readonly<Record<string, { early: Reads; late: Reads }>> = {
  OPEN: always(nothing),
  CLOSE: {
    early: {
      decide: `POLICY.UNREAD_ABORTS FACT.UNREAD CONFIRM ${resets}`,
      enter: `POLICY.UNREAD_ABORTS FACT.UNREAD ${notesReset}`,
    },
    late: afterTheFin,
  },
  ABORT: always({ decide: resets, enter: notesReset }),
  FINISH_SENDING: { early: { decide: '', enter: `CAUSE ${stays}` }, late: nothing },
  DROPPED: {
    early: {
      decide: `${drops} POLICY.DROP_ABORTS FACT.LEAVING CONFIRM ${resets}`,
      enter: `${drops} POLICY.DROP_ABORTS FACT.LEAVING CAUSE ${notesLeft} ${notesReset}`,
    },
    late: afterTheFin,
  },
  FAILED: {
    early: {
      decide: `${drops} POLICY.FAILURE_CLOSES FACT.LEAVING CONFIRM ${resets}`,
      enter: `${drops} POLICY.FAILURE_CLOSES FACT.LEAVING CAUSE ${notesLeft} ${notesReset}`,
    },
    late: afterTheFin,
  },
  EXITING: {
    early: {
      decide: `POLICY.HANDS_OFF POLICY.EXIT_CLOSES FACT.UNFLUSHED FACT.COMPLETE ${resets}`,
      enter: `POLICY.HANDS_OFF POLICY.EXIT_CLOSES FACT.COMPLETE CAUSE ${notesLeft} ${notesReset}`,
    },
    late: { decide: 'FLAG.REPORTED', enter: notesEnd },
  },
  DEADLINE: always({ decide: `${deadline} ${resets}`, enter: `${deadline} ${notesReset} ${notesEnd}` }),
  OVER_LIMIT: always({ decide: `${deadline} ${resets}`, enter: `${deadline} ${notesReset} ${notesEnd}` }),
  PEER_FIN: {
    early: {
      decide: 'POLICY.PEER_FIN_CLOSES FLAG.PEER_FIN',
      enter:
        'POLICY.PEER_FIN_CLOSES FLAG.PEER_FIN CAUSE RECEIVED FLAG.FIN_OUT FLAG.ACKED CAN.SEE_ACKED TRAITS ' +
        `FACT.UNACKED ${stays}`,
    },
    late: { decide: afterFin, enter: `RECEIVED ${notesAfterFin}` },
  },
  PEER_RESET: always({
    decide: 'CAN.HOLD FLAG.REPORTED',
    enter: `RECEIVED FLAG.FIN_OUT FLAG.ACKED FACT.UNFLUSHED ${stays}`,
  }),
  OS_ERROR: always({ decide: resets, enter: notesReset }),
  RUNTIME_CLOSED: {
    early: {
      decide: `${drops} POLICY.DROP_ABORTS CONFIRM ${resets}`,
      enter: `${drops} POLICY.DROP_ABORTS CAUSE ${notesLeft} ${notesReset}`,
    },
    late: { decide: afterFin, enter: `CAN.HOLD ${notesAfterFin}` },
  },
  DATA: always({ decide: `RECEIVE ${resets}`, enter: `RECEIVE RECEIVED ${notesReset}` }),
  FIN_SENT: { early: { decide: afterFin, enter: `CAUSE ${notesAfterFin}` }, late: nothing },
  FLUSHED: {
    early: { decide: 'FLAG.FIN_ASKED FLAG.ARMED FACT.UNFLUSHED', enter: `FLAG.FIN_ASKED FACT.UNFLUSHED ${stays}` },
    late: nothing,
  },
  ACKED: { early: nothing, late: afterTheFin },
  STOP_RECEIVING: always({ decide: 'ARGUMENT', enter: `ARGUMENT ${stays}` }),
}

/** What the event OPEN reads in the phase NEW; every other event reads nothing there. */
export const readsWhenNew: Reads = {
  decide: 'POLICY.CRASH_LEAVES CAN.ARM TRAITS FLAG.ARMED',
  enter: `POLICY.CRASH_LEAVES CAN.ARM TRAITS ${stays}`,
}

/** The reads of an event in a phase. */
export function readsOf(event: string, phase: number): Reads {
  if (phase === PHASE.NEW) return event === 'OPEN' ? readsWhenNew : nothing
  if (phase === PHASE.ENDED) return nothing
  const both = reads[event]
  if (both === undefined) throw new Error(`nobody declared what ${event} reads`)
  return phase < (PHASE.FINISHED ?? 0) ? both.early : both.late
}

/** One input that is read: in which word it lies, its bits, and the values that it takes. */
export interface Dimension {
  word: 'context' | 'state' | 'facts'
  mask: number
  values: number[]
}

const field = (shift: string, mask: number, values: number[]): Dimension => {
  const by = FIELD[shift] ?? 0
  return { word: 'state', mask: mask << by, values: values.map((value) => value << by) }
}

/** The platforms that stand for all: one of each set of traits. */
export function dimensionOf(name: string, platforms: number[]): Dimension {
  const [group = '', word = ''] = name.split('.')
  const bit = (word_: Dimension['word'], bits: Readonly<Record<string, number>>): Dimension => {
    const mask = bits[word]
    if (mask === undefined) throw new Error(`spec/abi.json has no ${group}_${word}`)
    return { word: word_, mask, values: [0, mask] }
  }
  switch (group) {
    case 'CAN':
      return bit('context', CAN)
    case 'POLICY':
      return bit('context', POLICY)
    case 'FLAG':
      return bit('state', FLAG)
    case 'FACT':
      return bit('facts', FACT)
    case 'TRAITS':
      return { word: 'context', mask: CONTEXT.PLATFORM_MASK ?? 0, values: platforms }
    case 'CONFIRM':
      return {
        word: 'context',
        mask: 3 << (CONFIRM.SHIFT ?? 0),
        values: [0, 1, 2, 3].map((v) => v << (CONFIRM.SHIFT ?? 0)),
      }
    case 'ARGUMENT':
      return { word: 'facts', mask: 15 << 12, values: Array.from({ length: 16 }, (_, v) => v << 12) }
    case 'RECEIVE':
      return field('RECEIVE_SHIFT', 3, [0, 1, 2, 3])
    // None, the one that a deadline asks for, and one for all others.
    case 'CAUSE':
      return field('CAUSE_SHIFT', 15, [0, EVENT.CLOSE ?? 0, EVENT.DROPPED ?? 0])
    case 'DELIVERY':
      return field('DELIVERY_SHIFT', 7, [0, 1, 2, 3, 4])
    case 'RECEIVED':
      return field('RECEIVED_SHIFT', 3, [0, 1, 2, 3])
    default:
      throw new Error(`no input is named ${name}`)
  }
}

/** The words that a list of reads can form, and the bits that it covers. */
export interface Product {
  contexts: number[]
  states: number[]
  facts: number[]
  masks: Record<Dimension['word'], number>
}

const joined = (dimensions: Dimension[]): number[] =>
  dimensions.reduce((words, { values }) => words.flatMap((word) => values.map((value) => word | value)), [0])

/** Every combination of what is read, each word on its own. */
export function productOf(list: string, platforms: number[]): Product {
  const names = [...new Set(list.split(' ').filter((name) => name !== ''))]
  const dimensions = names.map((name) => dimensionOf(name, platforms))
  const of = (word: Dimension['word']): Dimension[] => dimensions.filter((dimension) => dimension.word === word)
  const mask = (word: Dimension['word']): number => of(word).reduce((bits, dimension) => bits | dimension.mask, 0)
  return {
    contexts: joined(of('context')),
    states: joined(of('state')),
    facts: joined(of('facts')),
    masks: { context: mask('context'), state: mask('state') | (PHASE.MASK ?? 0), facts: mask('facts') },
  }
}
