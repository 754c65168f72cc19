// The engine as a host of the simulation sees it, and the committed Wasm as one; its source may be another.
import type { Engine } from '../adapters/core/wasm.js'
import bytes from '../embed/finrst.wasm'

/** The exports that a host needs. */
export type Exports = Omit<Engine, 'memory' | 'setLinger' | 'version'>

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
