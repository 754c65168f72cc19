// Guards of Deno's own connections: which they take, and which they refuse before anything is touched.
import { wrongType } from '../core/check.js'
import { Descriptor } from '../core/descriptor.js'
import type { Ends } from '../core/address.js'
import { ConnectionGuard } from '../core/guard.js'
import type { NativeHost } from '../core/native.js'
import type { Platform } from '../core/platform.js'
import { parsePolicy } from '../core/policy.js'
import { countingScan } from '../core/scan.js'
import type { ServedHost } from '../core/served.js'
import { version } from '../core/shared.js'
import type { Policy } from '../core/types.js'
import { addUnasked, ask, giveWay } from '../core/unasked.js'
import { ConnWire } from './conn.js'
import { readDescriptor } from '../net/bare.js'
import { inWorker, keepDescriptor } from './descriptor.js'
import { watchExit } from './exit.js'
import { platform } from './platform.js'
import type { TcpConn } from './runtime.js'

const host: NativeHost = {
  kind: {
    reset: undefined,
    closesWithFin: true,
    ...(inWorker ? { armedBut: 'Deno sends a FIN when it terminates the worker that this is' } : {}),
    sendAfterPeerFin: { can: true, why: 'the runtime goes on sending' },
    drains: {
      held: 'the guard reads, and the duplicate after the runtime has closed',
      bare: 'the guard reads until the runtime closes',
    },
  },
  platform,
  read: readDescriptor,
  keep: keepDescriptor,
  watchExit,
}

// The same with TLS over it.
const secureHost: NativeHost = { ...host, secure: true, kind: { ...host.kind } }

/** Deno, as the guard of a connection of `Deno.serve()` sees it, but for how it closes. */
export const servedHost: Omit<ServedHost, 'closedWhole' | 'sendsFin'> = {
  ...host,
  kind: { ...host.kind, closesWithFin: false, reset: undefined },
  finAtDeath: true,
  isSerial: false,
}

/** What a guard takes in Deno, for its errors. */
export const expected = 'a connected TCP net.Socket, a Deno.TcpConn or a Deno.TlsConn'

// A property of the connection itself, known to all copies of this version: entries of a WeakMap cost the collector.
const key: unique symbol = Symbol.for(`finrst ${version} connection`) as never
type Guarded = object & { [key]?: ConnectionGuard }
const guardOf = (conn: object): ConnectionGuard | undefined => (conn as Guarded)[key]

/** The name of the class of a connection of Deno, undefined if it is none. */
export function connKind(socket: unknown): string | undefined {
  return resourceOf(socket)?.constructor.name
}

/** What Deno has a resource for, undefined if it is nothing of that kind. */
export function resourceOf(it: unknown): object | undefined {
  if (typeof it !== 'object' || it === null) return undefined
  return numberOf(it, 'Deno.internal.rid') === undefined ? undefined : it
}

/** The guard of a connection of Deno, made at the first call, or before, `unasked`. */
export function guardConn(conn: TcpConn, policy: Policy | undefined, unasked = false): ConnectionGuard {
  const known = guardOf(conn)
  if (known !== undefined) {
    if (!unasked) ask(known, () => parsePolicy(policy, true))
    return known
  }
  const kind = connKind(conn)
  if (kind !== 'TcpConn' && kind !== 'TlsConn') throw wrongType('socket', conn, expected)
  const parsed = parsePolicy(policy, true)
  const wire = new ConnWire(
    conn,
    kind === 'TlsConn' ? secureHost : host,
    descriptorOf(conn, platform()),
    keepsHalfOpen(policy),
  )
  const made = new ConnectionGuard(wire, parsed)
  Object.defineProperty(conn, key, { value: made })
  if (unasked) addUnasked(made)
  host.watchExit()
  wire.attach(made)
  return made
}

/** Lets go of a connection if nobody has asked for its guard: something takes it that is guarded itself. */
export function connGivesWay(conn: TcpConn): boolean {
  return giveWay(guardOf(conn))
}

const keepsHalfOpen = (policy: Policy | undefined): boolean =>
  policy === 'strict' || (typeof policy === 'object' && (policy.onPeerFin ?? keepOf(policy.preset)) === 'keep')

const keepOf = (preset: string | undefined): string => (preset === 'strict' ? 'keep' : 'close')

// Deno keeps the descriptor of what it accepted with the connection, but also when it is another's already: it is
// verified. What it connected is found by its addresses.
function descriptorOf(conn: TcpConn, on: Platform): Descriptor | undefined {
  if (on.libc === undefined) return undefined
  const ends: Ends = {
    ...{ localAddress: conn.localAddr.hostname, localPort: conn.localAddr.port },
    ...{ remoteAddress: conn.remoteAddr.hostname, remotePort: conn.remoteAddr.port },
  }
  const fd = numberOf(conn, 'Deno.internal.fd')
  const found = fd === undefined ? countingScan(on) : { fd, ours: false }
  const descriptor = found && Descriptor.of(ends, found, on, host)
  if (descriptor !== undefined) return descriptor
  throw new TypeError(`finrst: socket is closed, or its peer has reset it; expected ${expected}`)
}

function numberOf(conn: object, symbol: string): number | undefined {
  const key = Object.getOwnPropertySymbols(conn).find(({ description }) => description === symbol)
  const value: unknown = key === undefined ? undefined : (conn as Record<symbol, unknown>)[key]
  return typeof value === 'number' && value >= 0 ? value : undefined
}
