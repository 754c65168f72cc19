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

/** Makes the guard of a connection that nobody has asked for. */
export type Unasked<Connection> = Accepted<Connection>['guard']

/** A listener whose connections are guarded before their owner sees them. */
export class GuardedListener<Connection> {
  readonly #guards: GuardedServer
  readonly #accepted: Accepted<Connection>
  #policy: Policy | undefined
  #unasked: Unasked<Connection> | undefined

  /**
   * @param unasked how it guards until {@link ask}, if nobody has asked for it yet
   * @throws TypeError, RangeError that names the argument, the value and what is allowed
   */
  constructor(
    door: Door,
    policy: Policy | undefined,
    options: ServerOptions | undefined,
    accepted: Accepted<Connection>,
    unasked?: Unasked<Connection>,
  ) {
    parsePolicy(policy, true)
    this.#guards = new GuardedServer(door, parseServerOptions(options))
    this.#policy = policy
    this.#accepted = accepted
    this.#unasked = unasked
  }

  get guards(): ServerGuard {
    return this.#guards
  }

  /**
   * Somebody asks for it: the first one's policy is right for what it accepts from now on, and their bounds.
   * @throws TypeError, RangeError that names the argument, the value and what is allowed
   */
  ask(policy: Policy | undefined, options: ServerOptions | undefined): ServerGuard {
    if (this.#unasked === undefined) return this.#guards
    parsePolicy(policy, true)
    this.#guards.budget.obey(parseServerOptions(options))
    this.#policy = policy
    this.#unasked = undefined
    return this.#guards
  }

  /** Lets a connection in. For one that cannot be guarded it answers how to tell that it has ended. */
  admit(connection: Connection): (() => void) | undefined {
    let guard: ConnectionGuard
    try {
      guard = (this.#unasked ?? this.#accepted.guard)(connection, this.#policy)
    } catch (reason) {
      // Nobody is there who would hear of it, or close it.
      if (this.#unasked !== undefined) return undefined
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
