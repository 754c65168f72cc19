// Guards of node:net sockets: which sockets they take, and which they refuse before anything is touched.
import { Socket } from 'node:net'
import { wrongType } from '../core/check.js'
import { Descriptor } from '../core/descriptor.js'
import { ConnectionGuard } from '../core/guard.js'
import { parsePolicy } from '../core/policy.js'
import type { Policy } from '../core/types.js'
import type { NetHost } from './host.js'
import { SocketWire } from './socket.js'
import type { Internals } from './stream.js'

const guards = new WeakMap<Socket, ConnectionGuard>()
const expected = 'a connected TCP net.Socket'

/**
 * The guard of a socket, made at the first call.
 * @param allowed what else the runtime's adapter takes, for its errors
 * @throws TypeError, RangeError that names the argument, the value and what is allowed; the socket is left as it was
 */
export function guardNetSocket(
  socket: Socket,
  policy: Policy | undefined,
  host: NetHost,
  allowed = expected,
): ConnectionGuard {
  const known = guards.get(socket)
  if (known !== undefined) return known
  const internals = connected(socket, host, allowed)
  const parsed = parsePolicy(policy, socket.allowHalfOpen)
  const platform = host.platform()
  const found = platform.libc === undefined ? undefined : host.find(internals)
  const descriptor = found === undefined ? undefined : Descriptor.of(socket, found, platform, host)
  const wire = new SocketWire(socket, host, descriptor)
  const made = new ConnectionGuard(wire, parsed)
  guards.set(socket, made)
  host.remember(made)
  wire.attach(made)
  return made
}

// Everything that can refuse a socket.
function connected(socket: Socket, host: NetHost, allowed: string): Internals {
  if (!(socket instanceof Socket)) throw wrongType('socket', socket, allowed)
  if ('encrypted' in socket) throw wrongType('socket', socket, `${expected} without TLS`)
  const refuse = (is: string, instead = expected): never => {
    throw new TypeError(`finrst: socket is ${is}; expected ${instead}`)
  }
  if (socket.destroyed) refuse('closed')
  if (socket.connecting) refuse('still connecting', `${expected}: guard it in its 'connect' event`)
  const internals = socket as Internals
  if (internals._handle === null || internals._handle === undefined) return refuse('not connected')
  const stranger = host.stranger(internals)
  if (stranger !== undefined) refuse(`${stranger} and no TCP connection`)
  if (socket.writableEnded) refuse('already ended', `${expected}: guard it before end()`)
  if (socket.localAddress === undefined) refuse('not connected')
  return internals
}
