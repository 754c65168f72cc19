// The engine: a decision in Wasm against the same source as plain JavaScript, and against an empty exported call.
import { do_not_optimize, measure } from 'mitata'
import { engine } from '../adapters/core/wasm.js'
import { provideMemory } from '../test/twin/memory.js'
import { comparePairs, type Pair } from './pairs.js'

/** Inputs as they come: all events of a life in several policies, with the facts that go with them. */
function inputs(): Int32Array {
  const words: number[] = []
  const full = 1 | 64 | 128 | 256 | 512 | 1024 | 2048
  for (const policy of [0, 65536, 262144, 1048576]) {
    const context = full | policy | (2 << 24)
    let state = 0
    for (const [event, facts] of [
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
    ] as const) {
      words.push(context, state, event, facts)
      state = engine().enter(context, state, event, facts)
    }
  }
  return Int32Array.from(words)
}

type Decide = (context: number, state: number, event: number, facts: number) => number

function over(words: Int32Array, decide: Decide): () => void {
  return () => {
    let sum = 0
    for (let at = 0; at < words.length; at += 4) {
      sum ^= decide(words[at] as number, words[at + 1] as number, words[at + 2] as number, words[at + 3] as number)
    }
    do_not_optimize(sum)
  }
}

// An export that does nothing: what the call into the module costs by itself.
const emptyModule = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  9,
  1,
  96,
  4,
  127,
  127,
  127,
  127,
  1,
  127,
  3,
  2,
  1,
  0,
  7,
  5,
  1,
  1,
  101,
  0,
  0,
  10,
  6,
  1,
  4,
  0,
  32,
  0,
  11,
)

/** Nanoseconds of one call, the median of mitata's samples. */
async function nanoseconds(words: Int32Array, decide: Decide): Promise<number> {
  const { p50 } = await measure(over(words, decide), { min_cpu_time: 60e6 })
  return p50 / (words.length / 4)
}

/** `decide` in Wasm over plain JavaScript, and over an empty call. */
export async function benchCore(rounds: number): Promise<{ plain: Pair; empty: Pair }> {
  const words = inputs()
  const { decide } = engine()
  provideMemory()
  const plain = (await import('../assembly/engine.js')).decide as Decide
  const empty = new WebAssembly.Instance(new WebAssembly.Module(emptyModule)).exports.e as Decide
  return {
    plain: await comparePairs(
      rounds,
      () => nanoseconds(words, decide),
      () => nanoseconds(words, plain),
    ),
    empty: await comparePairs(
      rounds,
      () => nanoseconds(words, decide),
      () => nanoseconds(words, empty),
    ),
  }
}
