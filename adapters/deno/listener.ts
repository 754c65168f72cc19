// Guards what Deno.listen() and Deno.listenTls() accept: each connection when accept() gives it, also in a `for await`.
import { wrongType } from '../core/check.js'
import { type Accepted, GuardedListener, type Unasked } from '../core/listener.js'
import type { ServerGuard, ServerOptions } from '../core/server-types.js'
import { shared } from '../core/shared.js'
import type { Policy } from '../core/types.js'
import { guardConn, resourceOf } from './native.js'
import type { TcpConn, TcpListener } from './runtime.js'

const known = shared('listeners', () => new WeakMap<object, GuardedListener<TcpConn>>())

/** What a server is in Deno, for errors. */
export const expectedServer =
  'a server of node:net, node:tls, node:http, node:https or node:http2, or a listener of Deno.listen() or ' +
  'Deno.listenTls() over TCP; in place of Deno.serve() use serve()'

/** Whether it is a listener of Deno, of whatever transport. */
export const isListener = (server: unknown): server is TcpListener =>
  resourceOf(server) !== undefined && typeof (server as Partial<TcpListener>).accept === 'function'

/** The guard of a listener of Deno, made at the first call, or before, `unasked`. */
export function guardDenoListener(
  listener: TcpListener,
  policy: Policy | undefined,
  options: ServerOptions | undefined,
  unasked?: Unasked<TcpConn>,
): ServerGuard {
  const before = known.get(listener)
  if (before !== undefined) return before.ask(policy, options)
  if (listener.addr.transport !== 'tcp') throw wrongType('server', listener, expectedServer)
  const stop = (): void => closeQuietly(listener)
  const accepted: Accepted<TcpConn> = { guard: guardConn, close: closeQuietly }
  const guarded = new GuardedListener({ stop }, policy, options, accepted, unasked)
  const { accept } = listener
  listener.accept = async () => {
    const conn = await Reflect.apply(accept, listener, [])
    const gone = guarded.admit(conn)
    if (gone !== undefined) tellClose(conn, gone)
    return conn
  }
  known.set(listener, guarded)
  return guarded.guards
}

// It throws what has been closed already.
function closeQuietly(it: { close(): void }): void {
  try {
    it.close()
  } catch {
    // There is nothing left to close.
  }
}

function tellClose(conn: TcpConn, gone: () => void): void {
  const { close } = conn
  conn.close = () => {
    gone()
    Reflect.apply(close, conn, [])
  }
}
