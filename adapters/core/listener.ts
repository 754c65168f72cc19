// The guard of a listener of a runtime's own: what it accepts carries no protocol that is known here.
import type { ConnectionGuard } from './guard.js'
import { parsePolicy } from './policy.js'
import { type Door, GuardedServer, PlainMember, parseServerOptions } from './server.js'
import type { ServerGuard, ServerOptions } from './server-types.js'
import type { Policy } from './types.js'

/** A runtime's own connections, as its listener needs them. */
export interface Accepted<Connection> {
  guard(connection: Connection, policy: Policy | undefined): ConnectionGuard
  /** The runtime's close(), which has no effect if it was called before. */
  close(connection: Connection): void
}

/** A listener whose connections are guarded before their owner sees them. */
export class GuardedListener<Connection> {
  readonly #guards: GuardedServer
  readonly #policy: Policy | undefined
  readonly #accepted: Accepted<Connection>

  /** @throws TypeError, RangeError that names the argument, the value and what is allowed */
  constructor(
    door: Door,
    policy: Policy | undefined,
    options: ServerOptions | undefined,
    accepted: Accepted<Connection>,
  ) {
    parsePolicy(policy, true)
    this.#guards = new GuardedServer(door, parseServerOptions(options))
    this.#policy = policy
    this.#accepted = accepted
  }

  get guards(): ServerGuard {
    return this.#guards
  }

  /** Lets a connection in. For one that cannot be guarded it answers how to tell that it has ended. */
  admit(connection: Connection): (() => void) | undefined {
    let guard: ConnectionGuard
    try {
      guard = this.#accepted.guard(connection, this.#policy)
    } catch (reason) {
      const gone = this.#guards.admitUnguarded(
        {
          destroy: () => {
            this.#accepted.close(connection)
            gone()
          },
        },
        reason as Error,
      )
      return gone
    }
    this.#guards.admit(new PlainMember(guard))
    return undefined
  }
}
