// What is true of a connection when an event comes, asked of its duplicate as far as the event can change it.
import {
  CONFIRM_MASK,
  CONFIRM_NONE,
  CONFIRM_SHIFT,
  EVENT_ACKED,
  EVENT_CLOSE,
  EVENT_DATA,
  EVENT_DROPPED,
  EVENT_EXITING,
  EVENT_FAILED,
  EVENT_FIN_SENT,
  EVENT_FINISH_SENDING,
  EVENT_FLUSHED,
  EVENT_OPEN,
  EVENT_PEER_FIN,
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
  FLAG_PEER_FIN,
  POLICY_UNREAD_ABORTS,
  RECEIVE_MASK,
  RECEIVE_REFUSE,
} from '../../assembly/abi.js'
import type { Descriptor } from './descriptor.js'
import type { Platform } from './platform.js'

const setOf = (...events: number[]): number => events.reduce((bits, event) => bits | (1 << event), 0)
const isIn = (events: number, event: number): boolean => (events & (1 << event)) !== 0

// A fact costs a system call, so it is asked only for the events that it can change.
const withoutFacts = setOf(EVENT_OPEN, EVENT_DATA, EVENT_FINISH_SENDING, EVENT_STOP_RECEIVING)
const asksUnread = setOf(EVENT_CLOSE, EVENT_DROPPED, EVENT_FAILED, EVENT_EXITING, EVENT_RUNTIME_CLOSED)

// When these come everything was transmitted, or it does not matter any more.
const behindFin = setOf(EVENT_FIN_SENT, EVENT_PEER_FIN, EVENT_ACKED)

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
  /** Our FIN and everything before it was confirmed, and that stays so. */
  #confirmed = false
  readonly #descriptor: Descriptor | undefined
  readonly #platform: Platform

  constructor(descriptor: Descriptor | undefined, platform: Platform) {
    this.#descriptor = descriptor
    this.#platform = platform
  }

  /** FACT_* for an event in a state. */
  of(event: number, state: number, context: number, known: Known): number {
    // Data that was refused resets, and the verdict tells what the reset threw away.
    const refused = event === EVENT_DATA && ((state >> FIELD_RECEIVE_SHIFT) & RECEIVE_MASK) === RECEIVE_REFUSE
    if (isIn(withoutFacts, event) && !refused) return 0
    let facts = known.leaving ? FACT_LEAVING : 0
    if (known.unflushed) facts |= FACT_UNFLUSHED
    if (event === EVENT_FLUSHED) return facts
    const finOut = (state & FLAG_FIN_OUT) !== 0
    if (this.#isUnread(event, state, context, known)) facts |= FACT_UNREAD
    if (!finOut && this.#goesOn(event, state, context, facts)) return facts | FACT_UNACKED
    if (this.#confirmed) return facts
    this.ask()
    this.#confirmed = this.#queued === 0 && (finOut || event === EVENT_FIN_SENT)
    // A queue that cannot be asked is not confirmed.
    if (event === EVENT_PEER_RESET || this.#queued === 0) return facts
    const asks = !isIn(behindFin, event) && (this.#descriptor?.untransmitted() ?? 0) > 0
    return facts | FACT_UNACKED | (asks ? FACT_UNSENT : 0)
  }

  // Whether our stream goes on, with no verdict yet: unless what is unread resets it, or nobody waits for an answer.
  #goesOn(event: number, state: number, context: number, facts: number): boolean {
    // Behind our FIN alone it is too early to ask: it has just left.
    if (event === EVENT_FIN_SENT) return (state & FLAG_PEER_FIN) === 0
    if (event !== EVENT_CLOSE) return event === EVENT_PEER_FIN
    return (facts & FACT_UNREAD) === 0 && ((context >> CONFIRM_SHIFT) & CONFIRM_MASK) !== CONFIRM_NONE
  }

  #isUnread(event: number, state: number, context: number, known: Known): boolean {
    if (!isIn(asksUnread, event)) return false
    if (known.unread) return true
    // Behind the peer's FIN, which the runtime has read, nothing lies in the kernel; and a close does not mind.
    if ((state & FLAG_PEER_FIN) !== 0) return false
    if (event === EVENT_CLOSE && (context & POLICY_UNREAD_ABORTS) === 0 && (state & FLAG_FIN_OUT) === 0) return false
    return (this.#descriptor?.unread() ?? 0) > 0
  }

  /** Asks the send queue anew. */
  ask(): void {
    if (!this.#confirmed) this.#queued = this.#descriptor?.unacked()
  }

  /**
   * The event that has ended the connection while nobody read it, undefined if there is none: what a kernel had queued
   * when the peer reset stays in its queue, and would be waited for until the deadline.
   */
  get unheard(): number | undefined {
    const descriptor = this.#descriptor
    if (descriptor === undefined || !this.#queued || descriptor.peerIsGone() !== true) return undefined
    // Where both FINs have passed there is no peer any more either, and nothing is left in the queue.
    this.ask()
    return this.#queued ? descriptor.eventOfLoss() : undefined
  }

  /** Whether the send queue was empty when it was asked last. */
  get acked(): boolean {
    return this.#queued === 0
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
