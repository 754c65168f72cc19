// finrst for Deno: guards the connections of this process, Deno.TcpConn and net.Socket.
import { Socket } from 'node:net'
import { runGuarded } from '../core/run.js'
import type { Guard, Policy } from '../core/types.js'
import { guardNetSocket } from '../net/guards.js'
import { connKind, expected, guardConn } from './native.js'
import type { TcpConn } from './runtime.js'
import { netHost } from './socket.js'

export { explain } from '../core/explain.js'
export type {
  Capabilities,
  Capability,
  CloseOptions,
  Confirm,
  Explanation,
  FinaliseOptions,
  Guard,
  Policy,
  PolicyOptions,
  PresetName,
  StopReceiving,
  Verdict,
} from '../core/types.js'
export { table } from '../spec/files.js'
export type { Cell, Evidence, Row as TableRow } from '../spec/types.js'
export type { ServingOptions } from '../core/serving.js'
export type { HttpServer, NetAddr, ServeHandler, ServeInfo, ServeOptions, TcpConn } from './runtime.js'
export { type GuardedServeOptions, serve } from './serve.js'

/**
 * Takes hold of a connection: from now on it ends as the policy says, whoever ends it.
 *
 * A socket has one guard: a second call gives the first one's, whatever its policy. It does not change how the socket
 * is read or written. Guard a connection of Deno before you take its `readable` or `writable`. `close()` lets go of it,
 * which is a reset if a write is under way; `closeWrite()` and the end of `writable` declare our side complete.
 * @param socket a `Deno.TcpConn`, a connected TCP `net.Socket`, or a `tls.TLSSocket`
 *   after its handshake; not yet ended
 * @param policy a preset or single answers; default `compatible`
 * @throws TypeError, RangeError that names the argument, the value and what is allowed; the socket is left as it was
 */
export function guard(socket: TcpConn | Socket, policy?: Policy): Guard {
  if (!(socket instanceof Socket) && connKind(socket) !== undefined) return guardConn(socket, policy)
  return guardNetSocket(socket as Socket, policy, netHost, expected)
}

/**
 * Runs `fn` with a guard: when it returns the connection is closed, when it throws it fails.
 *
 * It resolves to what `fn` returned once the verdict is known, and rejects with what `fn` threw. A command that `fn`
 * gave itself stands.
 * @throws as {@link guard}
 */
export async function run<T>(
  socket: TcpConn | Socket,
  fn: (guard: Guard) => T | Promise<T>,
  policy?: Policy,
): Promise<T> {
  return runGuarded(guard(socket, policy), fn)
}
