// The source of the engine as JavaScript, in place of the Wasm; to be bundled with twinPlugin.
import * as source from 'finrst:source'
import type { Exports, Imports, Loader } from './engine.ts'
import { load } from './twin-memory.ts'

/** The engine; there is one, whoever loads it. */
export const twin: Exports = source.engine

/** Makes these the imports of the twin. */
export const loadTwin: Loader = (imports: Imports) => {
  Object.assign(source.imports, imports)
  return { engine: source.engine, peek: load }
}
