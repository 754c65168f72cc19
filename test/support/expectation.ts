// What an owner and a peer have done to a guarded connection, and what may follow from it: a model beside the real one.
//
// 1. It knows what was called and what the runtime held then. It does not know how the guard decides.
// 2. It is unsure where two ends race: then it demands nothing.
import type { PolicyOptions, Verdict } from '#adapter/index'

/** What is true of the connection at a call. */
export interface Moment {
  /** The runtime holds bytes that are not in the kernel. */
  unflushed: boolean
}

/** What may be found at the end. */
export class Expectation {
  /** The stream was given up before it was declared complete: nobody may read it to an end of file. */
  mustReset = false
  /** What a verdict may give as its cause. */
  readonly causes = new Set<Verdict['cause']>()
  #declared = false
  readonly #closesOnPeerFin: boolean
  readonly #dropAborts: boolean
  readonly #failureAborts: boolean

  constructor({ preset, onDrop, onFailure, onPeerFin }: PolicyOptions, halfOpen: boolean) {
    const strict = preset === 'strict'
    this.#dropAborts = (onDrop ?? (strict ? 'abort' : 'close')) === 'abort'
    this.#failureAborts = (onFailure ?? 'abort') === 'abort'
    this.#closesOnPeerFin = onPeerFin === undefined ? !strict && !halfOpen : onPeerFin === 'close'
  }

  /** The owner says that the stream is complete. */
  declare(): void {
    this.#declared = true
    for (const cause of ['close', 'deadline', 'limit', 'abort'] as const) this.causes.add(cause)
  }

  abort(): void {
    this.#giveUp('abort', true)
  }

  fail({ unflushed }: Moment, leaving: boolean): void {
    this.#giveUp('failure', this.#failureAborts || (leaving && unflushed))
  }

  drop({ unflushed }: Moment, leaving: boolean): void {
    this.#giveUp('drop', this.#dropAborts || (leaving && unflushed))
  }

  /** The peer half-closed, or has left. */
  peerEnds(): void {
    if (this.#closesOnPeerFin) this.declare()
    // Deno ends a write that waits with EPIPE, which is an error of the stream.
    for (const cause of ['peer', 'error', 'failure'] as const) this.causes.add(cause)
  }

  // What is dropped without being given up is flushed, within bounds.
  #giveUp(cause: Verdict['cause'], gone: boolean): void {
    if (!this.#declared && gone) this.mustReset = true
    this.declare()
    this.causes.add(cause)
  }
}
