// A connection as an adapter gives it to its guard: what is true of it, and the calls that the engine's steps need.
import { notImplemented } from './libc.js'
import type { Capabilities } from './types.js'
import type { Calls } from './wasm.js'

/** What an adapter knows and does for one connection, besides the engine's own calls. */
export interface Wire extends Calls {
  /** STEP_* without a system call of its own, as far as it is not the guard's. */
  request(step: number): number
  readonly capabilities: Capabilities
  /** The socket, as its owner gave it. */
  readonly socket: object
  /** Platform row and CAN_*: the part of the context that is not policy. */
  readonly contextBits: number
  /** FACT_* at this moment, for this event, as far as they matter in this context. */
  facts(event: number, context: number): number
  /** Bytes that the peer's stack has not acknowledged, the runtime's buffers included; undefined: not known. */
  unsent(): number | undefined
  /** The same as at the last call of facts(). */
  lastUnsent(): number | undefined
  /** Whether the kernel's send queue was empty when {@link unsent} asked it last. */
  acked(): boolean
  /** The EVENT_* that has ended the connection while nobody read it, undefined if there is none; it may ask anew. */
  unheard(): number | undefined
  /** Fills `value` with the option; 0 or a negative errno. */
  getsockopt(level: number, option: number, value: Uint8Array): number
  /** Calls back once all that was written so far is in the kernel, at once if it is; never if it is lost. */
  whenFlushed(then: () => void): void
  /** The connection has ended: let go of every hook. */
  over(): void
  /** Whether what still runs for this connection keeps the process alive. */
  awaited(yes: boolean): void
  /** The runtime sends a FIN by itself when it dies of an error, so that being armed is not enough. */
  readonly finAtDeath?: boolean
  /** There is no connection: it is played, and nobody is told of its end. */
  readonly isPlayed?: true
  /** One line for whoever traces decisions, or undefined if nobody does. */
  readonly trace?: ((line: string) => void) | undefined
}

/** What a wire answers that has no such call. */
export const notSupported: number = notImplemented

/** What happens to bytes that arrive: given to the owner, thrown away, or left in the kernel. */
export type Reading = 'owner' | 'discard' | 'hold'
