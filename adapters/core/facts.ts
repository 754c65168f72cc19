// What is true of a connection when an event comes, asked of its duplicate as far as the event can change it.
import {
  EVENT_CLOSE,
  EVENT_DATA,
  EVENT_DROPPED,
  EVENT_EXITING,
  EVENT_FAILED,
  EVENT_FINISH_SENDING,
  EVENT_FLUSHED,
  EVENT_OPEN,
  EVENT_PEER_RESET,
  EVENT_RUNTIME_CLOSED,
  EVENT_STOP_RECEIVING,
  FACT_LEAVING,
  FACT_UNACKED,
  FACT_UNFLUSHED,
  FACT_UNREAD,
  FACT_UNSENT,
  FIELD_RECEIVE_SHIFT,
  FLAG_FIN_OUT,
  RECEIVE_MASK,
  RECEIVE_REFUSE,
} from '../../assembly/abi.js'
import type { Descriptor } from './descriptor.js'
import type { Platform } from './platform.js'

// A fact costs a system call, so it is asked only for the events that it can change.
const withoutFacts = new Set([EVENT_OPEN, EVENT_DATA, EVENT_FINISH_SENDING, EVENT_STOP_RECEIVING])
const asksUnread = new Set([EVENT_CLOSE, EVENT_DROPPED, EVENT_FAILED, EVENT_EXITING, EVENT_RUNTIME_CLOSED])

/** What only the runtime's side of a wire knows. */
export interface Known {
  /** The runtime lets go of its socket. */
  leaving: boolean
  /** It holds bytes that are not in the kernel yet. */
  unflushed: boolean
  /** It holds bytes that nobody read. */
  unread: boolean
}

/** The facts of one connection, and what its send queue held when they were asked last. */
export class Facts {
  #queued: number | undefined
  readonly #descriptor: Descriptor | undefined
  readonly #platform: Platform

  constructor(descriptor: Descriptor | undefined, platform: Platform) {
    this.#descriptor = descriptor
    this.#platform = platform
  }

  /** FACT_* for an event in a state. */
  of(event: number, state: number, known: Known): number {
    // Data that was refused resets, and the verdict tells what the reset threw away.
    const refused = event === EVENT_DATA && ((state >> FIELD_RECEIVE_SHIFT) & RECEIVE_MASK) === RECEIVE_REFUSE
    if (withoutFacts.has(event) && !refused) return 0
    let facts = known.leaving ? FACT_LEAVING : 0
    if (known.unflushed) facts |= FACT_UNFLUSHED
    if (event === EVENT_FLUSHED) return facts
    if (asksUnread.has(event) && (known.unread || (this.#descriptor?.unread() ?? 0) > 0)) facts |= FACT_UNREAD
    this.#queued = this.#descriptor?.unacked()
    // A queue that cannot be asked is not confirmed.
    if (event === EVENT_PEER_RESET || this.#queued === 0) return facts
    return facts | FACT_UNACKED | ((this.#descriptor?.untransmitted() ?? 0) > 0 ? FACT_UNSENT : 0)
  }

  /** Asks the send queue anew. */
  ask(): void {
    this.#queued = this.#descriptor?.unacked()
  }

  /**
   * How many bytes the peer's stack had not acknowledged when the queue was asked last. A reset throws the queue away,
   * so what it held is remembered from before.
   */
  unsent(unflushed: number | undefined, state: number): number | undefined {
    if (this.#queued === undefined || unflushed === undefined) return undefined
    const finOut = (state & FLAG_FIN_OUT) !== 0
    const fin = finOut && this.#platform.query?.countsFin === true && this.#queued > 0
    return unflushed + this.#queued - (fin ? 1 : 0)
  }
}
