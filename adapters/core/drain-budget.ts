// What all connections of a server together may cost while they drain: the oldest pays when it is too much.
//
// 1. Each connection has bounds of its own (`drainIdleMs`, `drainMs`, `drainBytes`); these are the bounds of their sum.
// 2. A connection that drains has sent its FIN. Reclaimed, it is reset: the peer has had longer than all others.
import { EVENT_OVER_LIMIT } from '../../assembly/abi.js'
import type { ConnectionGuard } from './guard.js'
import { type Linked, List } from './list.js'

/** A connection that drains. */
export class Draining implements Linked<Draining> {
  previous: Draining | undefined
  next: Draining | undefined
  bytes = 0

  constructor(readonly guard: ConnectionGuard) {}
}

/** The budget of one server. */
export class DrainBudget {
  readonly #draining = new List<Draining>()
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
  enter(guard: ConnectionGuard): Draining {
    const draining = new Draining(guard)
    this.#draining.add(draining)
    if (this.#draining.size > this.connections) this.#reclaim()
    return draining
  }

  /** It has thrown bytes away. */
  drained(draining: Draining, bytes: number): void {
    if (!this.#draining.has(draining)) return
    draining.bytes += bytes
    this.#bytes += bytes
    while (this.#bytes > this.totalBytes && this.#draining.size > 0 && !this.#unlimited) this.#reclaim()
  }

  /** It has ended. */
  leave(draining: Draining): void {
    if (!this.#draining.has(draining)) return
    this.#bytes -= draining.bytes
    this.#draining.remove(draining)
  }

  /** Nobody new can come any more: those that are left have their own bounds, and a common deadline. */
  lift(): void {
    this.#unlimited = true
  }

  #reclaim(): void {
    const oldest = this.#draining.first
    if (this.#unlimited || oldest === undefined) return
    this.leave(oldest)
    oldest.guard.emit(EVENT_OVER_LIMIT)
  }
}
