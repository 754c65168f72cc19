// Loads the policy engine once for the process and hands its calls on to the connection that they are about.
import { instantiateSync } from '@assemblyscript/loader'
import bytes from '../../embed/finrst.wasm'
import { RESULT_DONE, STEP_REPORT } from '../../assembly/abi.js'

/** The system calls of one connection. Numbers are 0, RESULT_PENDING or a negative errno of the platform. */
export interface Calls {
  setsockopt(level: number, option: number, value: Uint8Array): number
  shutdown(how: number): number
  disconnect(): number
  close(): number
}

/** What an adapter does for one connection. */
export interface Connection {
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
  readonly memory: { readonly buffer: ArrayBuffer }
  on(socket: number, context: number, state: number, event: number, facts: number): number
  setLinger(socket: number, context: number, seconds: number): number
  decide(context: number, state: number, event: number, facts: number): number
  enter(context: number, state: number, event: number, facts: number): number
  settle(state: number, step: number, result: number): number
  certainty(context: number, state: number): number
  normalise(context: number, errno: number): number
  encodeLinger(context: number, seconds: number): number
  decodeLinger(context: number): number
  buffer(): number
  column(platform: number, which: number): number
  version(): number
}

const connections = new Map<number, Connection>()
let lastToken = 0
let loaded: Engine | undefined
let memory = new ArrayBuffer(0)

function connection(token: number): Connection {
  const found = connections.get(token)
  if (found === undefined) throw new Error(`finrst: no connection has the token ${token}`)
  return found
}

// The engine keeps struct linger in one place: a view of it is made once, and not at every call.
let value = new Uint8Array(0)

function bytesAt(at: number, length: number): Uint8Array {
  if (value.byteOffset !== at || value.length !== length) value = new Uint8Array(memory, at, length)
  return value
}

const host = {
  setsockopt: (token: number, level: number, option: number, at: number, length: number) =>
    connection(token).wire.setsockopt(level, option, bytesAt(at, length)),
  shutdown: (token: number, how: number) => connection(token).wire.shutdown(how),
  disconnect: (token: number) => connection(token).wire.disconnect(),
  close: (token: number) => connection(token).wire.close(),
  request: (token: number, step: number, state: number) => {
    if (step !== STEP_REPORT) return connection(token).request(step)
    connection(token).report(state)
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
  do lastToken = lastToken === 0x3fffffff ? 1 : lastToken + 1
  while (connections.has(lastToken))
  connections.set(lastToken, it)
  return lastToken
}

/** The connections that have a token now. */
export function registered(): Connection[] {
  return [...connections.values()]
}

export function unregister(token: number): void {
  connections.delete(token)
}
