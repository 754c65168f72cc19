// Guards the servers and the clients of node:net, and whatever is built on them, in a program that knows nothing of it.
//
// 1. Only methods that all sockets and servers share are hooked, so it makes no difference how a program imports them.
// 2. A server is guarded at its first connection, a client when its connection is there: whoever asks before says how.
// 3. What cannot be guarded is left alone, and nothing is ever thrown into the program.
// 4. HTTP/2 of a client is left alone: its session reads and writes past the stream of the socket.
// 5. Where TLS begins on a connection, the guard of the connection gives way to one of TLS.
import http, { type Agent } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import net, { type Socket } from 'node:net'
import tls from 'node:tls'
import type { Told } from '../core/environment.js'
import { replace } from '../core/originals.js'
import type { Guard } from '../core/types.js'
import { guardAgentWith } from './agent.js'
import { guardNetSocket, socketGivesWay } from './guards.js'
import type { NetHost } from './host.js'
import { guardServerAt } from './server.js'

type Secure = Socket & { alpnProtocol?: string | false | null; secureConnecting?: boolean }

/** Guards a socket if it can be guarded. */
export type Take = (socket: Socket) => Guard | undefined

/** Does something before every call of a method, which looks and answers as before; where there is none, nothing. */
function beforeCalls(owner: object, name: string, first: (self: object, values: readonly unknown[]) => void): void {
  replace(
    owner as Record<string, unknown>,
    name,
    (method) =>
      new Proxy(method, {
        apply(_, self: object, values) {
          quietly(() => first(self, values))
          return Reflect.apply(method, self, values)
        },
      }),
  )
}

/** The answer, or nothing where there is an error: nobody is there to catch it. */
export function quietly<T>(what: () => T): T | undefined {
  try {
    return what()
  } catch {
    return undefined
  }
}

let warned = false

/** Says aloud, at the first connection, where a death of the process cannot be a reset although the system has one. */
export function warnOnce({ withoutCalls }: Told, { platform }: NetHost): void {
  if (warned || withoutCalls) return
  warned = true
  const { libc, system, backend } = platform()
  if (libc !== undefined || system === undefined) return
  process.emitWarning(`a crash of this program is no reset: ${backend.why}`, 'FinrstWarning')
}

/** From now on every server is guarded. */
export function guardServers(told: Told, host: NetHost): void {
  const { policy, options } = told
  // On Bun a server of HTTP is none of net.
  const bases = [http.Server, https.Server].filter(({ prototype }) => !(prototype instanceof net.Server))
  for (const { prototype } of new Set([net.Server, ...bases])) {
    beforeCalls(prototype, 'emit', (server, [event, connection]) => {
      if (event !== 'connection') return
      warnOnce(told, host)
      guardServerAt(server as net.Server, connection as Socket, policy, options, host)
    })
  }
}

/** From now on every client is guarded. */
export function guardClients(told: Told, host: NetHost): Take {
  const { policy } = told
  const take: Take = (socket) => quietly(() => guardNetSocket(socket, policy, host))
  let opensSession = false
  beforeCalls(net.Socket.prototype, 'connect', (self) => {
    const socket = self as Secure
    if (opensSession || socket.destroyed) return
    warnOnce(told, host)
    socket.prependOnceListener('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      if (socket.alpnProtocol !== 'h2') take(socket)
    })
  })
  replace(http2, 'connect', (connect) => (...values: unknown[]) => {
    opensSession = true
    try {
      return connect(...values)
    } finally {
      opensSession = false
    }
  })
  syncBuiltinESMExports()
  const agents = new WeakSet<object>()
  beforeCalls(http.Agent.prototype, 'addRequest', (agent) => {
    if (agents.has(agent)) return
    agents.add(agent)
    guardAgentWith(agent as Agent, policy, take)
  })
  return take
}

/** From now on TLS that begins on such a connection is guarded in its place. */
export function guardTlsOver({ policy }: Told, host: NetHost): void {
  beforeCalls(tls.TLSSocket.prototype, '_wrapHandle', (self, [below]) => {
    if (!(below instanceof net.Socket) || !socketGivesWay(below)) return
    const socket = self as Socket
    const take = (): unknown => quietly(() => guardNetSocket(socket, policy, host))
    // The socket itself is made after this. Its handshake ends in 'secure', and a client's in 'secureConnect' besides.
    process.nextTick(() => socket.prependOnceListener('secure', take).prependOnceListener('secureConnect', take))
  })
}
