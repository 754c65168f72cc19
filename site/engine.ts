// The engine of the page: finrst.wasm, or where a page may not compile Wasm its source as JavaScript.
import { type Imports, type Loader, loadWasm } from '../simulation/engine.ts'
import { loadTwin } from '../simulation/twin.ts'

const nothing = (): number => 0
const noImports: Imports = {
  setsockopt: nothing,
  shutdown: nothing,
  disconnect: nothing,
  close: nothing,
  request: nothing,
}

/** Which of the two runs here. */
export type EngineKind = 'wasm' | 'twin'

/** The engine that this page may use. */
export function chooseEngine(): { kind: EngineKind; load: Loader } {
  try {
    loadWasm(noImports)
    return { kind: 'wasm', load: loadWasm }
  } catch {
    // A Content-Security-Policy without 'wasm-unsafe-eval'.
    return { kind: 'twin', load: loadTwin }
  }
}
