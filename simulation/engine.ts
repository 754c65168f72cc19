// The engine as a host of the simulation sees it, and the committed Wasm as one; its source may be another.
import bytes from '../embed/finrst.wasm'

/** The exports that a host needs. */
export interface Exports {
  on(socket: number, context: number, state: number, event: number, facts: number): number
  decide(context: number, state: number, event: number, facts: number): number
  enter(context: number, state: number, event: number, facts: number): number
  settle(state: number, step: number, result: number): number
  certainty(context: number, state: number): number
  normalise(context: number, errno: number): number
  column(platform: number, which: number): number
  encodeLinger(context: number, seconds: number): number
  decodeLinger(context: number): number
  buffer(): number
}

/** The imports of the engine. */
export interface Imports {
  setsockopt(socket: number, level: number, option: number, value: number, length: number): number
  shutdown(socket: number, how: number): number
  disconnect(socket: number): number
  close(socket: number): number
  request(socket: number, what: number, argument: number): number
}

/** Makes an engine around these imports; `peek` reads a word of its memory. */
export type Loader = (imports: Imports) => { engine: Exports; peek: (address: number) => number }

let compiled: WebAssembly.Module | undefined

/** The committed Wasm; it throws where Wasm must not be compiled. */
export const loadWasm: Loader = (imports) => {
  compiled ??= new WebAssembly.Module(new Uint8Array(bytes))
  const instance = new WebAssembly.Instance(compiled, { host: imports as never })
  const engine = instance.exports as unknown as Exports & { memory: WebAssembly.Memory }
  const view = new DataView(engine.memory.buffer)
  return { engine, peek: (address) => view.getInt32(address, true) }
}
