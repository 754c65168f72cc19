// A guarded server of HTTP that counts its connections, and of which nobody wants to hear more: on Node those whose
// answers are whole at once have no guard, and on Bun those that have no other request.
//
// 1. Whoever looks at its guards wants to hear of them. So it tells its counts when it closes, and another follows it.
import http from 'node:http'
import type net from 'node:net'
import { guardServer, type PolicyOptions, type ServerGuard, type Summary } from '#adapter/index'

/** How long a client may think between two requests: a connection that ended meanwhile would be two. */
const patienceMs = 60_000

/** One such server after another. */
export class Unwatched {
  readonly #listener: http.RequestListener
  readonly #listen: (server: net.Server) => Promise<number>
  readonly #policy: PolicyOptions | undefined
  #guards: ServerGuard | undefined

  constructor(
    listener: http.RequestListener,
    listen: (server: net.Server) => Promise<number>,
    policy: PolicyOptions | undefined,
  ) {
    this.#listener = listener
    this.#listen = listen
    this.#policy = policy
  }

  /** Opens one; resolves to its port. */
  open(): Promise<number> {
    const server = http.createServer({ keepAliveTimeout: patienceMs }, this.#listener)
    this.#guards = guardServer(server, this.#policy)
    return this.#listen(server)
  }

  /** Closes it, whose clients have all gone; resolves to what it has counted. */
  close(): Promise<Summary> {
    if (this.#guards === undefined) throw new Error('there is none to close')
    return this.#guards.close({ idleMs: 0 })
  }
}
