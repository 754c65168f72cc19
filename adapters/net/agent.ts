// Guards the connections of an http.Agent or https.Agent, by the methods that Node documents for whoever extends it.
import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { wrongType } from '../core/check.js'
import { parsePolicy } from '../core/policy.js'
import { shared } from '../core/shared.js'
import type { Guard, Policy } from '../core/types.js'
import { type Pooled, takePooled } from './pooled.js'

type Done = (error: Error | null, socket?: Socket) => void

/** The documented methods of an agent that its types leave out. */
interface Extensible {
  createConnection(options: object, done?: Done): Socket | undefined
  keepSocketAlive(socket: Socket): boolean
  reuseSocket(socket: Socket, request: object): void
}

const methods = ['createConnection', 'keepSocketAlive', 'reuseSocket'] as const
const guarded = shared('agents', () => new WeakSet<object>())

/** Takes hold of every connection that the agent makes from now on. */
export function guardAgentWith<A extends Agent>(
  agent: A,
  policy: Policy | undefined,
  guard: (socket: Socket) => Guard | undefined,
): A {
  const it = agent as unknown as Extensible
  if (typeof agent !== 'object' || agent === null || methods.some((name) => typeof it[name] !== 'function')) {
    throw wrongType('agent', agent, 'an http.Agent or an https.Agent')
  }
  parsePolicy(policy, false)
  if (guarded.has(agent)) return agent
  guarded.add(agent)
  const { createConnection, keepSocketAlive, reuseSocket } = it
  const pool = new WeakMap<Socket, Pooled>()
  const known = new WeakSet<Socket>()
  // What the agent connects is for a request that waits: it begins at once.
  const hold = (socket: Socket): void => {
    if (known.has(socket)) return
    known.add(socket)
    const take = (): void => {
      const pooled = takePooled(socket, guard)
      if (pooled === undefined) return
      pooled.begin()
      pool.set(socket, pooled)
    }
    const secure = 'encrypted' in socket
    if (socket.connecting || secure) socket.prependOnceListener(secure ? 'secureConnect' : 'connect', take)
    else take()
  }
  Object.assign(agent, {
    createConnection(options: object, done?: Done): Socket | undefined {
      const made = Reflect.apply(createConnection, agent, [
        options,
        (error: Error | null, socket?: Socket) => {
          if (socket) hold(socket)
          done?.(error, socket)
        },
      ])
      if (made) hold(made)
      return made
    },
    keepSocketAlive(socket: Socket): boolean {
      pool.get(socket)?.rest()
      return Reflect.apply(keepSocketAlive, agent, [socket])
    },
    reuseSocket(socket: Socket, request: object): void {
      pool.get(socket)?.begin()
      Reflect.apply(reuseSocket, agent, [socket, request])
    },
  } satisfies Extensible)
  return agent
}
