// Guards of node:net sockets: which sockets they take, and which they refuse before anything is touched.
import { Socket } from 'node:net'
import { wrongType } from '../core/check.js'
import { Descriptor } from '../core/descriptor.js'
import { ConnectionGuard } from '../core/guard.js'
import { type ParsedPolicy, parsePolicy } from '../core/policy.js'
import type { Policy } from '../core/types.js'
import type { NetHost } from './host.js'
import { SocketWire } from './socket.js'
import type { Internals } from './stream.js'

const guards = new WeakMap<Socket, ConnectionGuard>()
const expected = 'a connected TCP net.Socket'

/** What is read of a socket and its types leave out. */
interface Layered extends Internals {
  /** Of TLS: no handshake has been completed yet. */
  readonly secureConnecting?: boolean
  /** The server that accepted it; one of TLS has its certificate set. */
  readonly server?: { readonly setSecureContext?: unknown }
}

/**
 * The guard of a socket, made at the first call.
 * @param policy as the owner gave it, or as a server has parsed it once for all
 * @param allowed what else the runtime's adapter takes, for its errors
 * @throws TypeError, RangeError that names the argument, the value and what is allowed; the socket is left as it was
 */
export function guardNetSocket(
  socket: Socket,
  policy: Policy | undefined | ((allowHalfOpen: boolean) => ParsedPolicy),
  runtime: NetHost,
  allowed = expected,
): ConnectionGuard {
  const known = guards.get(socket)
  if (known !== undefined) return known
  const host = hostOf(socket, runtime, allowed)
  const internals = connected(socket as Layered, host)
  // A connection has one guard: what TLS was put on has it too.
  const below = internals._handle?._parentWrap ?? undefined
  if (below !== undefined && guards.has(below)) {
    throw new TypeError('finrst: socket is TLS over a guarded socket; expected one whose connection has no guard')
  }
  const { allowHalfOpen } = socket
  const parsed = typeof policy === 'function' ? policy(allowHalfOpen) : parsePolicy(policy, allowHalfOpen)
  const platform = host.platform()
  const found = platform.libc === undefined ? undefined : host.find(internals)
  const descriptor = found === undefined ? undefined : Descriptor.of(socket, found, platform, host)
  const wire = new SocketWire(socket, host, descriptor)
  const made = new ConnectionGuard(wire, parsed)
  guards.set(socket, made)
  if (below !== undefined) guards.set(below, made)
  host.remember(made)
  wire.attach(made)
  return made
}

// The runtime as this kind of socket needs it.
function hostOf(socket: Socket, runtime: NetHost, allowed: string): NetHost {
  if (!(socket instanceof Socket)) throw wrongType('socket', socket, allowed)
  if (!('encrypted' in socket)) return runtime
  if (runtime.secure === undefined) throw wrongType('socket', socket, `${expected} without TLS`)
  return runtime.secure
}

// Everything else that can refuse a socket.
function connected(socket: Layered, host: NetHost): Internals {
  const refuse = (is: string, instead = expected): never => {
    throw new TypeError(`finrst: socket is ${is}; expected ${instead}`)
  }
  if (socket.destroyed) refuse('closed')
  if (socket.connecting) refuse('still connecting', `${expected}: guard it in its 'connect' event`)
  if (socket._handle === null || socket._handle === undefined) {
    return refuse(host.withoutHandle?.(socket) ?? 'not connected')
  }
  const stranger = host.stranger(socket)
  if (stranger !== undefined) refuse(`${stranger} and no TCP connection`)
  if (socket.writableEnded) refuse('already ended', `${expected}: guard it before end()`)
  if (socket.localAddress === undefined) refuse('not connected')
  if (host.tls === undefined && socket.server?.setSecureContext !== undefined) {
    refuse('the connection under TLS', "its TLS socket: guard it in the server's 'secureConnection' event")
  }
  if (socket.secureConnecting) {
    refuse('still negotiating TLS', `${expected}: guard it in 'secureConnect' or 'secureConnection'`)
  }
  return socket
}
