// finrst for Deno: guards the connections of this process, Deno.TcpConn and net.Socket.
import type { Agent } from 'node:http'
import { type Server, Socket } from 'node:net'
import { namedFor, relayWith } from '../core/relay.js'
import { runGuarded } from '../core/run.js'
import type { ServerGuard, ServerOptions } from '../core/server-types.js'
import type { Guard, Policy, RelayOptions, Verdict } from '../core/types.js'
import { guardAgentWith } from '../net/agent.js'
import { guardNetSocket } from '../net/guards.js'
import { netLeg } from '../net/leg.js'
import { guardNetServer } from '../net/server.js'
import { ConnLeg } from './leg.js'
import { connKind, expected, guardConn } from './native.js'
import { expectedServer, guardDenoListener, isListener } from './listener.js'
import type { TcpConn, TcpListener } from './runtime.js'
import { netHost } from './socket.js'

export { explain } from '../core/explain.js'
export type { CloseServerOptions, ServerGuard, ServerOptions, Summary } from '../core/server-types.js'
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
  RelayOptions,
  StopReceiving,
  Verdict,
} from '../core/types.js'
export type { Ending } from '../core/endings.js'
export { countVerdicts, type MeterLike, type VerdictCount, type VerdictCounts } from '../net/endings.js'
export { closeOnSignals, type SignalOptions } from '../net/signals.js'
export { table } from '../spec/files.js'
export type { Cell, Evidence, Row as TableRow } from '../spec/types.js'
export type { ServingOptions } from '../core/serving.js'
export type { HttpServer, NetAddr, ServeHandler, ServeInfo, ServeOptions, TcpConn, TcpListener } from './runtime.js'
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

/**
 * Guards every connection that a server accepts from now on, with the same policy.
 *
 * An answer of HTTP is a whole: a handler that throws or rejects, a body that breaks off and `response.destroy()` reset
 * the connection, and between two answers it ends with a FIN. What a listener of Deno accepts is guarded when
 * `accept()` or `for await` gives it, with TLS before its handshake; `close()` closes the listener, and the owner says
 * which of its connections are complete. A second call gives the guard of the first.
 * @param server a server of node:net, node:tls, node:http, node:https or node:http2, listening or not, or what
 *   `Deno.listen()` or `Deno.listenTls()` gives
 * @param policy a preset or single answers; default `compatible`, and of HTTP a `drainBytes` of 64 MiB
 * @param options what all connections together may cost while they drain
 * @throws TypeError, RangeError that names the argument, the value and what is allowed; the server is left as it was
 */
export function guardServer(server: Server | TcpListener, policy?: Policy, options?: ServerOptions): ServerGuard {
  if (isListener(server)) return guardDenoListener(server, policy, options)
  return guardNetServer(server, policy, options, netHost, expectedServer)
}

/**
 * Two connections as one, as a proxy has them: bytes and back pressure both ways, a FIN for a FIN, a reset for a reset.
 *
 * It reads and writes both until both have ended. A stream whose FIN has come is delivered to its end, whatever its
 * sender does afterwards; a peer's reset is told to the other peer after what was read before it (`deliverMs`). A
 * connection that fails or is dropped resets the other. It resets both at a bound and when `signal` is aborted.
 * @param a a connection as {@link guard} takes it, guarded or not; nobody else reads it
 * @param b the other one
 * @returns the verdicts of `a` and `b`
 * @throws (rejects) TypeError, RangeError that names the argument, the value and what is allowed; if one of the two is
 *   refused, the other is reset
 */
export function relay(
  a: TcpConn | Socket,
  b: TcpConn | Socket,
  options: RelayOptions = {},
): Promise<[Verdict, Verdict]> {
  return relayWith(a, b, options, (socket, name, policy) => {
    if (socket instanceof Socket || connKind(socket) === undefined) {
      return netLeg(socket as Socket, name, policy, netHost, expected)
    }
    return new ConnLeg(
      socket,
      namedFor(name, () => guardConn(socket, policy)),
    )
  })
}

/**
 * Guards every connection that an agent makes from now on: a request that is given up resets, and a connection that
 * waits in the pool ends with a FIN, whoever ends it. Repeating it changes nothing.
 * @param agent an `http.Agent` or `https.Agent`; it is changed, and returned
 * @param policy a preset or single answers; default `compatible`
 * @throws TypeError, RangeError that names the argument, the value and what is allowed; the agent is left as it was
 */
export function guardAgent<A extends Agent>(agent: A, policy?: Policy): A {
  return guardAgentWith(agent, policy, (socket) => guardNetSocket(socket, policy, netHost))
}
