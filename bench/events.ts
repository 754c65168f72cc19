// Inputs of the engine as they come: all events of a life in several policies, with the facts that go with them.
import { engine } from '../adapters/core/wasm.js'

const life = [
  [1, 0],
  [14, 0],
  [4, 0],
  [16, 0],
  [15, 4],
  [10, 4],
  [17, 0],
  [13, 0],
  [1, 0],
  [5, 33],
] as const

/** Words of context, state, event and facts, one after the other. */
export function eventWords(): Int32Array {
  const words: number[] = []
  const full = 1 | 64 | 128 | 256 | 512 | 1024 | 2048
  for (const policy of [0, 65536, 262144, 1048576]) {
    const context = full | policy | (2 << 24)
    let state = 0
    for (const [event, facts] of life) {
      words.push(context, state, event, facts)
      state = engine().enter(context, state, event, facts)
    }
  }
  return Int32Array.from(words)
}
