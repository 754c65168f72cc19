// The endings of the endurance tests: what each is called, what its peer must read, and what its verdict must say.
//
// 1. Both sides know this list, each checks its own half, and so the verdict agrees with what the peer saw.
// 2. An answer is a pattern that depends on the position of each byte, and all of it is compared.
import type { Verdict } from '#adapter/index'
import { patternBytes } from '../../conformance/pattern.js'

/** What a peer can read: all bytes and end of file, a reset, or nothing, because it left by itself. */
export type Reads = 'whole' | 'reset' | 'nothing'

/** Some words of a verdict; where several are lawful, a list. */
export type Words = { [Key in 'ended' | 'by' | 'cause']?: readonly Verdict[Key][] }

export interface Expected {
  reads: Reads
  verdict: Words
}

const closes: Words = { ended: ['fin'], by: ['us'], cause: ['close'] }
const resets = (cause: Verdict['cause']): Words => ({ ended: ['reset'], by: ['us'], cause: [cause] })

/** The endings of one connection that carries one answer. */
export const endings = {
  whole: { reads: 'whole', verdict: closes },
  streamed: { reads: 'whole', verdict: closes },
  paced: { reads: 'whole', verdict: closes },
  closed: { reads: 'whole', verdict: closes },
  'half-closed': { reads: 'whole', verdict: closes },
  finalised: { reads: 'whole', verdict: closes },
  idle: { reads: 'whole', verdict: closes },
  aborted: { reads: 'reset', verdict: resets('abort') },
  failed: { reads: 'reset', verdict: resets('failure') },
  dropped: { reads: 'reset', verdict: resets('drop') },
  late: { reads: 'reset', verdict: resets('deadline') },
  // Of a reset whose error another call of the runtime has taken, a write of Deno tells EPIPE: then it is the kernel's.
  'peer-resets': {
    reads: 'nothing',
    verdict: { ended: ['reset'], by: ['peer', 'kernel'], cause: ['peer', 'error'] },
  },
} as const satisfies Record<string, Expected>

export type Ending = keyof typeof endings

export const endingNames = Object.keys(endings) as Ending[]

/** What is asked of the guarded program in the first line of a connection. */
export interface Request {
  ending: Ending
  /** How long the answer is. */
  bytes: number
  id: number
  /** Milliseconds that a close may take, where the ending is a close with a bound. */
  within?: number | undefined
}

/** The longest answer. */
export const mostBytes = 8_000_000

/** How much of an answer is written before its ending comes. */
export const writtenOf = (ending: Ending, bytes: number): number =>
  ending === 'aborted' || ending === 'failed' || ending === 'peer-resets' ? bytes >> 1 : bytes

/** How much a peer sends that is to be handed back by `finalise()`. */
export const restBytes = 10_000

let pattern: Buffer | undefined

/** The first bytes of every answer. */
export const answer = (bytes: number): Buffer => {
  pattern ??= patternBytes(0, mostBytes)
  return pattern.subarray(0, bytes)
}

/** Compares an answer as it comes in. */
export class Comparison {
  bytes = 0
  same = true

  take(chunk: Buffer): void {
    this.same &&= chunk.equals(answer(mostBytes).subarray(this.bytes, this.bytes + chunk.length))
    this.bytes += chunk.length
  }
}

/** What contradicts the words, in words; undefined: nothing. */
export const contradiction = (verdict: Verdict, words: Words): string | undefined => {
  for (const key of ['ended', 'by', 'cause'] as const) {
    const allowed: readonly string[] | undefined = words[key]
    if (allowed !== undefined && !allowed.includes(verdict[key])) {
      const code = (verdict.error as NodeJS.ErrnoException | undefined)?.code
      const why = code === undefined ? verdict.rule : `${verdict.rule}, ${code}`
      return `the verdict says ${key} "${verdict[key]}", not "${allowed.join('" or "')}" (rule ${why})`
    }
  }
  return undefined
}
