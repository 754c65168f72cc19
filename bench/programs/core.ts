// The engine in this runtime: a decision and an event in Wasm against the same source as plain JavaScript, and against
// an empty exported call; and what it takes to make an instance.
import { do_not_optimize, measure } from 'mitata'
import bytes from '../../embed/finrst.wasm'
import { type Imports, loadWasm } from '../../simulation/engine.ts'
import { loadTwin } from '../../simulation/twin.ts'
import { say } from '../../test/support/channel.js'
import { eventWords } from '../events.js'
import { comparePairs, median } from '../pairs.js'

const { rounds, milliseconds } = JSON.parse(process.argv[2] ?? '{}') as { rounds: number; milliseconds: number }

type Call = (context: number, state: number, event: number, facts: number) => number

// An export that gives its second argument and takes as many as decide: what the call by itself costs.
const emptyModule = Uint8Array.from(
  [0, 97, 115, 109, 1, 0, 0, 0, 1, 9, 1, 96, 4, 127, 127, 127, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 101, 0, 0].concat([
    10, 6, 1, 4, 0, 32, 0, 11,
  ]),
)

function over(words: Int32Array, call: Call): () => void {
  return () => {
    let sum = 0
    for (let at = 0; at < words.length; at += 4) {
      sum ^= call(words[at] as number, words[at + 1] as number, words[at + 2] as number, words[at + 3] as number)
    }
    do_not_optimize(sum)
  }
}

/** Nanoseconds of one call, the median of the samples. */
async function nanoseconds(words: Int32Array, call: Call): Promise<number> {
  const { p50 } = await measure(over(words, call), { min_cpu_time: milliseconds * 1e6 })
  return p50 / (words.length / 4)
}

const words = eventWords()
const done = (): number => 0
const imports: Imports = { setsockopt: done, shutdown: done, disconnect: done, close: done, request: done }

/** Microseconds from the bytes to the first decision: the first time in this process, and later times. */
function instantiation(): { first: number; later: number } {
  const once = (): number => {
    const started = performance.now()
    const module = new WebAssembly.Module(new Uint8Array(bytes))
    const { exports } = new WebAssembly.Instance(module, { host: imports as never })
    do_not_optimize((exports.decide as Call)(0, 0, 1, 0))
    return (performance.now() - started) * 1000
  }
  const first = once()
  return { first, later: median(Array.from({ length: 30 }, once)) }
}

// Before anything else has compiled it.
const loading = instantiation()
const wasm = loadWasm(imports).engine
const plain = loadTwin(imports).engine
const empty = new WebAssembly.Instance(new WebAssembly.Module(emptyModule)).exports.e as Call
const onOf =
  ({ on }: typeof wasm): Call =>
  (context, state, event, facts) =>
    on(1, context, state, event, facts)

const compare = (first: Call, second: Call) =>
  comparePairs(
    rounds,
    () => nanoseconds(words, first),
    () => nanoseconds(words, second),
  )

say({
  loading,
  decide: await compare(wasm.decide, plain.decide),
  floor: await compare(wasm.decide, empty),
  on: await compare(onOf(wasm), onOf(plain)),
})
process.exit(0)
