// Guards of node:net sockets: which sockets they take, and which they refuse before anything is touched.
import { Socket } from 'node:net'
import { wrongType } from '../core/check.js'
import { Descriptor } from '../core/descriptor.js'
import { areEndingsHeard } from '../core/endings.js'
import type { ConnectionGuard } from '../core/guard.js'
import { type ParsedPolicy, parsePolicy } from '../core/policy.js'
import type { Policy } from '../core/types.js'
import { addUnasked, ask, giveWay } from '../core/unasked.js'
import { briefOf } from './brief.js'
import { claim, wireOf } from './hooks.js'
import type { NetHost } from './host.js'
import { SocketWire } from './socket.js'
import type { Internals } from './stream.js'

/** Whether they allowed half-open before, of those that nobody has asked to guard. */
const halfOpen = new WeakMap<Socket, boolean>()
const expected = 'a connected TCP net.Socket'

/** What is read of a socket and its types leave out. */
interface Layered extends Internals {
  /** Of TLS: no handshake has been completed yet. */
  readonly secureConnecting?: boolean
  /** The same of one that no server has made: it stays connecting for ever. */
  readonly _secureEstablished?: boolean
  readonly _tlsOptions?: { readonly isServer?: boolean }
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
  const parse = typeof policy === 'function' ? policy : (keeps: boolean) => parsePolicy(policy, keeps)
  const host = hostOf(socket, runtime, allowed)
  // Of a guarded server: it has its guard now.
  briefOf(socket)?.takeUp()
  const known = guardOf(socket)
  if (known !== undefined) {
    if (!runtime.unasked) ask(known, parse)
    return known
  }
  const internals = connected(socket as Layered, host)
  // A connection has one guard: what TLS was put on has it too.
  const below = internals._handle?._parentWrap ?? undefined
  if (below !== undefined && guardOf(below)?.over === false) {
    throw new TypeError('finrst: socket is TLS over a guarded socket; expected one whose connection has no guard')
  }
  const { allowHalfOpen } = socket
  const parsed = parse(allowHalfOpen)
  const platform = host.platform()
  // A runtime that was never asked who the peer is cannot tell it of a connection that has ended.
  if (areEndingsHeard()) void socket.remoteAddress
  const found = platform.libc === undefined ? undefined : host.find(internals)
  if (typeof found === 'string') throw strangerError(found)
  const descriptor = found === undefined ? undefined : Descriptor.of(socket, found, platform, host)
  const wire = new SocketWire(socket, host, descriptor, parsed)
  if (runtime.unasked) {
    addUnasked(wire.guard)
    halfOpen.set(socket, allowHalfOpen)
  }
  if (below !== undefined) claim(below, wire)
  host.watchExit()
  wire.attach()
  return wire.guard
}

/** The guard of a socket, or of the TLS above it. */
const guardOf = (socket: Socket): ConnectionGuard | undefined => (wireOf(socket) as SocketWire | undefined)?.guard

/** Lets go of a connection if nobody has asked for its guard: something takes it that is guarded itself. */
export function socketGivesWay(socket: Socket): boolean {
  const gaveWay = giveWay(guardOf(socket))
  if (gaveWay) socket.allowHalfOpen = halfOpen.get(socket) === true
  return gaveWay
}

// The runtime as this kind of socket needs it.
function hostOf(socket: Socket, runtime: NetHost, allowed: string): NetHost {
  if (!(socket instanceof Socket)) throw wrongType('socket', socket, allowed)
  // A socket of Bun's http server has the field whether it speaks TLS or not.
  if (!('encrypted' in socket) || socket.encrypted === false || socket.encrypted === undefined) return runtime
  if (runtime.secure === undefined) throw wrongType('socket', socket, `${expected} without TLS`)
  return runtime.secure
}

const strangerError = (stranger: string): TypeError =>
  new TypeError(`finrst: socket is ${stranger} and no TCP connection; expected ${expected}`)

// Everything else that can refuse a socket.
function connected(socket: Layered, host: NetHost): Internals {
  const refuse = (is: string, instead = expected): never => {
    throw new TypeError(`finrst: socket is ${is}; expected ${instead}`)
  }
  if (socket.destroyed) refuse('closed')
  if (socket.connecting) refuse('still connecting', `${expected}: guard it in its 'connect' event`)
  const past = host.past?.is(socket) === true
  if (!past && (socket._handle === null || socket._handle === undefined)) return refuse('not connected')
  const stranger = past ? undefined : host.stranger(socket)
  if (stranger !== undefined) throw strangerError(stranger)
  if (socket.writableEnded) refuse('already ended', `${expected}: guard it before end()`)
  // What a server has accepted is connected; of others the kernel is asked.
  if (!socket.server && socket.localAddress === undefined) refuse('not connected')
  if (host.tls === undefined && socket.server?.setSecureContext !== undefined) {
    refuse('the connection under TLS', "its TLS socket: guard it in the server's 'secureConnection' event")
  }
  if (socket.secureConnecting && !(socket._tlsOptions?.isServer && socket._secureEstablished)) {
    refuse('still negotiating TLS', `${expected}: guard it in 'secureConnect' or 'secureConnection'`)
  }
  return socket
}
