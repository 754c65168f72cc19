// Loads the policy engine once for the process and hands its calls on to the connection that they are about.
import { instantiateSync } from '@assemblyscript/loader'
import bytes from '../../embed/finrst.wasm'
import { RESULT_DONE, STEP_REPORT } from '../../assembly/abi.js'
import { Tokens } from './tokens.js'

/** The system calls of one connection. Numbers are 0, RESULT_PENDING or a negative errno of the platform. */
export interface Calls {
  /** Sets an option. */
  setsockopt(level: number, option: number, value: Uint8Array): number
  /** SHUT_RD, SHUT_WR or both, as the platform numbers them. */
  shutdown(how: number): number
  /** Aborts, and keeps the descriptor. */
  disconnect(): number
  /** Closes the descriptor of the guard. */
  close(): number
}

/** What an adapter does for one connection. */
export interface Connection {
  /** Its system calls. */
  readonly wire: Calls
  /** STEP_* without a system call of its own. */
  request(step: number): number
  /** The verdict is final; `state` holds it. */
  report(state: number): void
  /** The process ends: on purpose, or of an error that nobody caught. */
  exit(crashed: boolean): void
}

/** The exports of finrst.wasm; spec/README.md documents them. */
export interface Engine {
  /** The memory of the module; options are laid out there. */
  readonly memory: { readonly buffer: ArrayBuffer }
  /** Takes an event, walks its plan through the host, and answers the state. */
  on(socket: number, context: number, state: number, event: number, facts: number): number
  /** Sets SO_LINGER; seconds, -1 for off. */
  setLinger(socket: number, context: number, seconds: number): number
  /** The plan for an event: its steps, and the rule that fired. */
  decide(context: number, state: number, event: number, facts: number): number
  /** The state that an event leads to, before any step. */
  enter(context: number, state: number, event: number, facts: number): number
  /** The state after a step came to that result. */
  settle(state: number, step: number, result: number): number
  /** How well it is known what a verdict in that state rests on. */
  certainty(context: number, state: number): number
  /** The ERROR_* that an errno of the platform means. */
  normalise(context: number, errno: number): number
  /** Writes struct linger at `buffer()`; answers its size. */
  encodeLinger(context: number, seconds: number): number
  /** Reads struct linger at `buffer()`; seconds, -1 for off. */
  decodeLinger(context: number): number
  /** Where in the memory options are laid out. */
  buffer(): number
  /** A column of the platform table. */
  column(platform: number, which: number): number
  /** The version of the ABI. */
  version(): number
}

const connections = new Tokens<Connection>()
let loaded: Engine | undefined
let memory = new ArrayBuffer(0)

// The engine keeps struct linger in one place: a view of it is made once, and not at every call.
let value = new Uint8Array(0)

function bytesAt(at: number, length: number): Uint8Array {
  if (value.byteOffset !== at || value.length !== length) value = new Uint8Array(memory, at, length)
  return value
}

const host = {
  setsockopt: (token: number, level: number, option: number, at: number, length: number) =>
    connections.of(token).wire.setsockopt(level, option, bytesAt(at, length)),
  shutdown: (token: number, how: number) => connections.of(token).wire.shutdown(how),
  disconnect: (token: number) => connections.of(token).wire.disconnect(),
  close: (token: number) => connections.of(token).wire.close(),
  request: (token: number, step: number, state: number) => {
    if (step !== STEP_REPORT) return connections.of(token).request(step)
    connections.of(token).report(state)
    return RESULT_DONE
  },
}

/** The engine, instantiated at the first call. */
export function engine(): Engine {
  if (loaded === undefined) {
    // The exports as they are: those of the loader pass every call through a closure that counts its arguments.
    loaded = instantiateSync(bytes, { host }).instance.exports as unknown as Engine
    memory = loaded.memory.buffer
  }
  return loaded
}

/** The eight bytes of the engine's memory in which struct linger crosses. */
export function lingerBytes(length: number): Uint8Array {
  const at = engine().buffer()
  return bytesAt(at, length)
}

/** A token for a connection, valid until it is released. It is never a descriptor, so no number is reused soon. */
export function register(it: Connection): number {
  return connections.take(it)
}

/** The connections that have a token now. */
export function registered(): Connection[] {
  return connections.all()
}

export function unregister(token: number): void {
  connections.release(token)
}
