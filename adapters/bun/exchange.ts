// One request of Bun.serve() and its answer: whether the answer was declared complete, and whether Bun has all of it.
import type { Exchange } from '../core/served.js'
import type { BunServer } from './runtime.js'

/** The exchange, as its connection asks for it. */
export class BunExchange implements Exchange {
  #left = false
  readonly #request: Request
  readonly #server: BunServer

  constructor(request: Request, server: BunServer) {
    this.#request = request
    this.#server = server
  }

  /** A handler that answers nothing has handed the connection over, to a WebSocket. */
  answered(response: unknown): void {
    this.#left = response === undefined
  }

  state(): 'open' | 'taken' | 'broken' | 'left' {
    if (this.#left) return 'left'
    if (this.#server.requestIP(this.#request) !== null) return 'open'
    return this.#request.signal.aborted ? 'broken' : 'taken'
  }

  // Bun notices that its connection is over when it writes.
  abandon(): void {}
}
