// finrst/auto: `node --import finrst/auto app.js` guards the servers and the clients of a program that knows nothing of it.
//
// 1. A server is guarded when it listens, a client when its connection is there, an agent at its first request.
// 2. What cannot be guarded is left alone, and nothing is ever thrown into the program.
// 3. HTTP/2 of a client is left alone: its session reads and writes past the stream of the socket.
import http, { type Agent } from 'node:http'
import http2 from 'node:http2'
import { syncBuiltinESMExports } from 'node:module'
import net, { type Socket } from 'node:net'
import type { Guard } from '../core/types.js'
import { guardAgentWith } from '../net/agent.js'
import { guardNetSocket } from '../net/guards.js'
import { guardNetServer } from '../net/server.js'
import { readEnvironment, type Told } from './environment.js'
import { guardUndici } from './fetch.js'
import { netHost } from './socket.js'

type Method = (...values: never[]) => unknown

function quietly<T>(what: () => T): T | undefined {
  try {
    return what()
  } catch {
    return undefined
  }
}

/** Does something before every call of a method, which looks and answers as before. */
function beforeCalls<Name extends string>(owner: object, name: Name, first: (self: object) => void): void {
  const methods = owner as Record<Name, Method>
  methods[name] = new Proxy(methods[name], {
    apply(method, self: object, values) {
      quietly(() => first(self))
      return Reflect.apply(method, self, values)
    },
  })
}

function guardServers({ policy }: Told): void {
  beforeCalls(net.Server.prototype, 'listen', (server) => {
    guardNetServer(server as net.Server, policy, undefined, netHost)
  })
}

function guardClients({ policy }: Told): void {
  const guard = (socket: Socket): Guard | undefined => quietly(() => guardNetSocket(socket, policy, netHost))
  let opensSession = false
  beforeCalls(net.Socket.prototype, 'connect', (self) => {
    if (opensSession) return
    const socket = self as Socket & { alpnProtocol?: string | false | null }
    const secure = 'encrypted' in socket
    socket.prependOnceListener(secure ? 'secureConnect' : 'connect', () => {
      if (socket.alpnProtocol !== 'h2') guard(socket)
    })
  })
  http2.connect = new Proxy(http2.connect, {
    apply(connect, self, values) {
      opensSession = true
      try {
        return Reflect.apply(connect, self, values)
      } finally {
        opensSession = false
      }
    },
  })
  syncBuiltinESMExports()
  beforeCalls(http.Agent.prototype, 'addRequest', (agent) => {
    guardAgentWith(agent as Agent, policy, guard)
  })
  guardUndici(policy, guard)
}

function start(): void {
  let told: Told
  try {
    const other = ['deno', 'bun'].find((name) => name in process.versions)
    if (other !== undefined) throw new Error(`finrst: finrst/auto is for Node, and this is ${other}; use guardServer()`)
    told = readEnvironment(process.env)
  } catch (error) {
    // A program that was to be guarded, and is not, would be worse than one that does not start.
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(2)
  }
  if (told.servers) guardServers(told)
  if (told.clients) guardClients(told)
}

start()
