// What all connections of a server together may cost while they drain: the oldest pays when it is too much.
//
// 1. Each connection has bounds of its own (`drainIdleMs`, `drainMs`, `drainBytes`); these are the bounds of their sum.
// 2. A connection that drains has sent its FIN. Reclaimed, it is reset: the peer has had longer than all others.
import { EVENT_OVER_LIMIT } from '../../assembly/abi.js'
import type { ConnectionGuard } from './guard.js'

/** The budget of one server. */
export class DrainBudget {
  // A map keeps the order of insertion: the first is the oldest.
  readonly #draining = new Map<ConnectionGuard, number>()
  #bytes = 0
  #unlimited = false

  constructor(
    public connections: number,
    public totalBytes: number,
  ) {}

  /** From now on the bounds of another one are right. */
  obey({ connections, totalBytes }: DrainBudget): void {
    this.connections = connections
    this.totalBytes = totalBytes
  }

  /** A connection begins to drain. */
  enter(guard: ConnectionGuard): void {
    if (this.#draining.has(guard)) return
    this.#draining.set(guard, 0)
    if (this.#draining.size > this.connections) this.#reclaim()
  }

  /** It has thrown bytes away. */
  drained(guard: ConnectionGuard, bytes: number): void {
    const before = this.#draining.get(guard)
    if (before === undefined) return
    this.#draining.set(guard, before + bytes)
    this.#bytes += bytes
    while (this.#bytes > this.totalBytes && this.#draining.size > 0 && !this.#unlimited) this.#reclaim()
  }

  /** It has ended. */
  leave(guard: ConnectionGuard): void {
    this.#bytes -= this.#draining.get(guard) ?? 0
    this.#draining.delete(guard)
  }

  /** Nobody new can come any more: those that are left have their own bounds, and a common deadline. */
  lift(): void {
    this.#unlimited = true
  }

  #reclaim(): void {
    if (this.#unlimited) return
    for (const oldest of this.#draining.keys()) {
      this.leave(oldest)
      return oldest.emit(EVENT_OVER_LIMIT)
    }
  }
}
