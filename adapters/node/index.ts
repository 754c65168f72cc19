// finrst for Node: guards net.Socket connections of this process.
import { Socket } from 'node:net'
import { wrongType } from '../core/check.js'
import { ConnectionGuard } from '../core/guard.js'
import { parsePolicy } from '../core/policy.js'
import type { Guard, Policy } from '../core/types.js'
import { Descriptor } from './descriptor.js'
import { remember } from './exit.js'
import { type Handle, platform } from './platform.js'
import { SocketWire } from './socket.js'

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

const guards = new WeakMap<Socket, ConnectionGuard>()
const expected = 'a connected TCP net.Socket'

/**
 * Takes hold of a connection: from now on it ends as the policy says, whoever ends it.
 *
 * A socket has one guard: a second call gives the first one's, whatever its policy. It does not change how the socket
 * is read or written.
 * @param socket a connected TCP `net.Socket`, not yet ended
 * @param policy a preset or single answers; default `compatible`
 * @throws TypeError, RangeError that names the argument, the value and what is allowed; the socket is left as it was
 */
export function guard(socket: Socket, policy?: Policy): Guard {
  const known = guards.get(socket)
  if (known !== undefined) return known
  const handle = connectedHandle(socket)
  const parsed = parsePolicy(policy, socket.allowHalfOpen)
  const here = platform()
  const descriptor =
    here.libc !== undefined && typeof handle.fd === 'number' && handle.fd >= 0
      ? Descriptor.of(socket, handle.fd, here.libc, here)
      : undefined
  const wire = new SocketWire(socket, here, descriptor)
  const made = new ConnectionGuard(wire, parsed)
  guards.set(socket, made)
  remember(made)
  wire.attach(made)
  return made
}

/**
 * Runs `fn` with a guard: when it returns the connection is closed, when it throws it fails.
 *
 * It resolves to what `fn` returned once the verdict is known, and rejects with what `fn` threw. A command that `fn`
 * gave itself stands.
 * @throws as {@link guard}
 */
export async function run<T>(socket: Socket, fn: (guard: Guard) => T | Promise<T>, policy?: Policy): Promise<T> {
  const held = guard(socket, policy)
  let result: T
  try {
    result = await fn(held)
  } catch (error) {
    await held.fail(error)
    throw error
  }
  await held.close()
  return result
}

// Everything that can refuse a socket, before anything is touched.
function connectedHandle(socket: Socket): Handle {
  if (!(socket instanceof Socket)) throw wrongType('socket', socket, expected)
  if ('encrypted' in socket) throw wrongType('socket', socket, `${expected} without TLS`)
  const refuse = (is: string, allowed = expected): never => {
    throw new TypeError(`finrst: socket is ${is}; expected ${allowed}`)
  }
  if (socket.destroyed) refuse('closed')
  if (socket.connecting) refuse('still connecting', `${expected}: guard it in its 'connect' event`)
  const handle = (socket as unknown as { _handle: Handle | null })._handle
  if (handle === null || handle === undefined) return refuse('not connected')
  if (handle.constructor.name !== 'TCP') refuse(`a ${handle.constructor.name} and no TCP connection`)
  if (socket.writableEnded) refuse('already ended', `${expected}: guard it before end()`)
  if (socket.localAddress === undefined) refuse('not connected')
  return handle
}
