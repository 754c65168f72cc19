// Feeds the events of one connection to the engine, one after the other, and keeps the two words between them.
//
// 1. Events that a runtime fires while the engine is at work are queued and fed in order.
// 2. Nothing is fed after the end.
import {
  ARGUMENT_SHIFT,
  FLAG_ARMED,
  PHASE_ENDED,
  PHASE_MASK,
  PHASE_OPEN,
  POLICY_CRASH_LEAVES,
  RESULT_DONE,
  STEP_ARM,
  STEP_DISARM,
} from '../../assembly/abi.js'
import { traceLine } from './trace.js'
import { type Connection, engine, register, unregister } from './wasm.js'
import type { Wire } from './wire.js'

interface Queued {
  event: number
  argument: number
  fed: (() => void) | undefined
}

/** The engine's side of a guard. */
export abstract class Feed implements Connection {
  protected context: number
  /** Bytes that the peer's stack had not acknowledged when it was asked last. */
  protected lost: number | undefined
  #state = 0
  #busy = false
  #queue: Queued[] | undefined
  protected readonly token: number

  constructor(
    readonly wire: Wire,
    policyBits: number,
  ) {
    this.context = wire.contextBits | policyBits
    this.token = register(this)
  }

  abstract request(step: number): number
  abstract report(state: number): void
  abstract exit(crashed: boolean): void
  /** FACT_* that no wire knows. */
  protected abstract readonly ownFacts: number
  /** Every event so far was fed. */
  protected abstract settled(): void

  /** The state word, for adapters that must know the phase. */
  get state(): number {
    return this.#state
  }

  /** Whether the connection has ended and every event is too late. */
  get over(): boolean {
    return (this.#state & PHASE_MASK) === PHASE_ENDED
  }

  get armed(): boolean {
    return !this.over && (this.#state & FLAG_ARMED) !== 0
  }

  /** Feeds one event, after those that are already under way; `fed` is called once it was decided. */
  emit(event: number, argument = 0, fed?: () => void): void {
    if (this.over) return fed?.()
    if (this.#busy) {
      this.#queue ??= []
      this.#queue.push({ event, argument, fed })
      return
    }
    this.#busy = true
    try {
      this.#feed(event, argument)
      fed?.()
      for (let next = this.#queue?.shift(); next !== undefined; next = this.#queue?.shift()) {
        this.#feed(next.event, next.argument)
        next.fed?.()
      }
    } finally {
      this.#busy = false
    }
    this.settled()
  }

  #feed(event: number, argument: number): void {
    const facts = this.wire.facts(event, this.context) | (argument << ARGUMENT_SHIFT) | this.ownFacts
    const before = this.#state
    this.lost = this.wire.lastUnsent()
    this.#state = engine().on(this.token, this.context, before, event, facts)
    this.wire.trace?.(traceLine(this.context, before, event, facts, this.#state))
  }

  /** Arms or disarms between two events, if that is the policy's and the host's to do. */
  protected setArmed(yes: boolean): void {
    if ((this.context & POLICY_CRASH_LEAVES) === 0) this.arm(yes)
  }

  /** The same, whatever the policy says. */
  protected arm(yes: boolean): void {
    if ((this.#state & PHASE_MASK) !== PHASE_OPEN || this.armed === yes) return
    if (engine().setLinger(this.token, this.context, yes ? 0 : -1) >= 0) this.noteArmed(yes)
  }

  /** SO_LINGER was set. */
  protected noteArmed(yes: boolean): void {
    this.#state = engine().settle(this.#state, yes ? STEP_ARM : STEP_DISARM, RESULT_DONE)
  }

  /** Nothing will be fed any more. */
  protected forget(): void {
    unregister(this.token)
  }
}
