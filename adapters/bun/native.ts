// Guards of Bun's own sockets: which they take, what they refuse, and how their events come to us.
//
// A listener has one set of handlers for all its sockets, and a socket cannot be asked for them: the handlers are
// wrapped before they are given to Bun.
import { record, wrongType } from '../core/check.js'
import { Descriptor, type Found } from '../core/descriptor.js'
import { ConnectionGuard } from '../core/guard.js'
import type { NativeHost } from '../core/native.js'
import { parsePolicy } from '../core/policy.js'
import { countingScan } from '../core/scan.js'
import type { ServedHost } from '../core/served.js'
import { shared } from '../core/shared.js'
import type { Policy } from '../core/types.js'
import { addUnasked, ask } from '../core/unasked.js'
import { keepDescriptor, readDescriptor, strangerOf, toldBy } from './descriptor.js'
import { watchExit } from './exit.js'
import { platform } from './platform.js'
import type { BunSocket } from './runtime.js'
import { BunWire } from './wire.js'

const host: NativeHost = {
  kind: {
    reset: 'terminate() of the runtime',
    sendAfterPeerFin: { can: true, why: 'the runtime goes on sending where it was given allowHalfOpen: true' },
    drains: {
      held: 'the runtime reads, and the duplicate after it has closed',
      bare: 'the runtime reads until it is closed',
    },
  },
  platform,
  read: readDescriptor,
  keep: keepDescriptor,
  watchExit,
}

// The same with TLS over it.
const secureHost: NativeHost = {
  ...host,
  secure: true,
  kind: {
    ...host.kind,
    seesPeerEnd: { can: false, why: 'Bun tells the same end of file with close_notify and without' },
  },
}

/** Bun, as the guard of a connection of `Bun.serve()` sees it, but for what it makes of its own close. */
export const servedHost: Omit<ServedHost, 'closedWhole'> = {
  ...host,
  kind: { ...host.kind, reset: undefined },
  finAtDeath: false,
  isSerial: true,
  sendsFin: true,
}

/** What a guard takes in Bun, for its errors. */
export const expected = 'a connected TCP net.Socket or a socket of Bun.listen() or Bun.connect()'

const guards = shared('connections', () => new WeakMap<object, ConnectionGuard>())
const wires = shared('wires', () => new WeakMap<object, BunWire>())
const observed = shared('observed', () => new WeakSet<object>())

/** The class of a native socket of Bun as it names itself, undefined if it is none. */
export function bunKind(socket: unknown): string | undefined {
  if (typeof socket !== 'object' || socket === null) return undefined
  const tag: unknown = (socket as Record<symbol, unknown>)[Symbol.toStringTag]
  return tag === 'TCPSocket' || tag === 'TLSSocket' ? tag : undefined
}

/** The guard of a native socket of Bun, made at the first call, or before, `unasked`. */
export function guardBunSocket(socket: BunSocket, policy: Policy | undefined, unasked = false): ConnectionGuard {
  const known = guards.get(socket)
  if (known !== undefined) {
    if (!unasked) ask(known, () => parsePolicy(policy, true))
    return known
  }
  if (socket.readyState < 1) throw new TypeError(`finrst: socket is closed or not connected; expected ${expected}`)
  const on = platform()
  const found = on.libc !== undefined && socket.fd !== undefined ? toldBy(socket) : strangerOf(socket)
  if (typeof found === 'string') throw wrongType('socket', socket, expected)
  if (!observed.has(socket)) {
    const how = 'Bun.listen({ socket: observe({ open(socket) { guard(socket) } }) }), and so with Bun.connect()'
    throw new TypeError(`finrst: socket is not observed, so that its events stay unseen; wrap its handlers: ${how}`)
  }
  // Bun does not tell whether the socket is half-open: it is seen when the peer's FIN has come.
  const parsed = parsePolicy(policy, true)
  const asRuntime = policy !== 'strict' && (typeof policy !== 'object' || !answersPeerFin(policy))
  const runtime = bunKind(socket) === 'TLSSocket' ? secureHost : host
  const wire = new BunWire(socket, runtime, descriptorOf(socket, found), asRuntime)
  const made = new ConnectionGuard(wire, parsed)
  guards.set(socket, made)
  if (unasked) addUnasked(made)
  wires.set(socket, wire)
  host.watchExit()
  wire.attach(made)
  return made
}

const answersPeerFin = ({ preset, onPeerFin }: Exclude<Policy, string>): boolean =>
  onPeerFin !== undefined || preset === 'strict'

function descriptorOf(socket: BunSocket, told: Found | undefined): Descriptor | undefined {
  const on = platform()
  if (on.libc === undefined) return undefined
  const found = socket.fd === undefined ? countingScan(on) : told
  // Each of its addresses is a system call, if anybody asks for them.
  const descriptor = found && Descriptor.of(socket, found, on, host)
  if (descriptor === undefined) throw new TypeError(`finrst: socket has no descriptor; expected ${expected}`)
  return descriptor
}

type Handler = (socket: never, ...values: never[]) => unknown

/** The handlers of `Bun.listen({ socket })` and `Bun.connect({ socket })`; those that are seen here are named. */
export interface Handlers {
  open?: Handler | undefined
  data?: Handler | undefined
  drain?: Handler | undefined
  end?: Handler | undefined
  close?: Handler | undefined
}

const told = ['error', 'timeout', 'handshake', 'connectError'] as const

/**
 * The same handlers, whose sockets can be guarded: a listener of Bun has one set of them for all its sockets, so that
 * their events can be seen in no other way. It changes nothing for sockets that nobody guards.
 *
 * Give `allowHalfOpen: true` beside them where our side is to outlive the peer's FIN: without it Bun closes then.
 * @param handlers what `Bun.listen()` or `Bun.connect()` takes as `socket`
 * @throws TypeError if it is no object
 * @example
 * ```ts
 * Bun.listen({ hostname: 'localhost', port: 7007, socket: observe({ open(socket) { guard(socket) }, data() {} }) })
 * ```
 */
export function observe<T extends object>(handlers: T): T {
  return observeWith(handlers, {})
}

/** Who sees a socket before its owner does. */
export interface Watcher {
  opened?(socket: object): void
  closed?(socket: object): void
}

/** {@link observe}, also for somebody else. */
export function observeWith<T extends object>(handlers: T, watcher: Watcher): T {
  const given = record('handlers', handlers, 'the handlers of a socket of Bun') as Record<string, unknown>
  const call = (name: string, socket: object, ...values: unknown[]): unknown => {
    const handler = given[name]
    return typeof handler === 'function' ? Reflect.apply(handler, given, [socket, ...values]) : undefined
  }
  const others = told.filter((name) => typeof given[name] === 'function')
  return {
    ...given,
    ...Object.fromEntries(others.map((name) => [name, (...all: [object]) => call(name, ...all)])),
    open: (socket: object) => {
      observed.add(socket)
      watcher.opened?.(socket)
      return call('open', socket)
    },
    data: (socket: object, chunk: Uint8Array) =>
      (wires.get(socket)?.data(chunk) ?? true) ? call('data', socket, chunk) : undefined,
    drain: (socket: object) => ((wires.get(socket)?.drain() ?? true) ? call('drain', socket) : undefined),
    end: (socket: object) => {
      wires.get(socket)?.end()
      return call('end', socket)
    },
    close: (socket: object, error?: Error) => {
      wires.get(socket)?.closedByRuntime(error)
      watcher.closed?.(socket)
      return call('close', socket, error)
    },
  } as T
}
