// Guards what Deno.listen() and Deno.listenTls() accept: each connection when accept() gives it, also in a `for await`.
import { wrongType } from '../core/check.js'
import { GuardedListener } from '../core/listener.js'
import type { ServerGuard, ServerOptions } from '../core/server-types.js'
import type { Policy } from '../core/types.js'
import { guardConn, resourceOf } from './native.js'
import type { TcpConn, TcpListener } from './runtime.js'

const known = new WeakMap<object, ServerGuard>()

/** Whether it is a listener of Deno, of whatever transport. */
export const isListener = (server: unknown): server is TcpListener =>
  resourceOf(server) !== undefined && typeof (server as Partial<TcpListener>).accept === 'function'

/** The guard of a listener of Deno, made at the first call. */
export function guardDenoListener(
  listener: TcpListener,
  policy: Policy | undefined,
  options: ServerOptions | undefined,
  allowed: string,
): ServerGuard {
  const before = known.get(listener)
  if (before !== undefined) return before
  if (listener.addr.transport !== 'tcp') throw wrongType('server', listener, allowed)
  const stop = (): void => closeQuietly(listener)
  const guarded = new GuardedListener<TcpConn>({ stop }, policy, options, { guard: guardConn, close: closeQuietly })
  const { accept } = listener
  listener.accept = async () => {
    const conn = await Reflect.apply(accept, listener, [])
    const gone = guarded.admit(conn)
    if (gone !== undefined) tellClose(conn, gone)
    return conn
  }
  known.set(listener, guarded.guards)
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
