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

/**
 * Calls it over all words. Each has a loop of its own, made from text: one loop for all would be compiled for many
 * callees, where a program has one at each place.
 */
function over(words: Int32Array, call: Call): () => void {
  const make = new Function(
    'words',
    'call',
    'use',
    `return () => {
      let sum = 0
      for (let at = 0; at < words.length; at += 4) sum ^= call(words[at], words[at + 1], words[at + 2], words[at + 3])
      use(sum)
    }`,
  )
  return make(words, call, do_not_optimize)
}

/** Measures nanoseconds of one call, the median of the samples. */
function timer(call: Call): () => Promise<number> {
  const loop = over(words, call)
  return async () => (await measure(loop, { min_cpu_time: milliseconds * 1e6 })).p50 / (words.length / 4)
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
const onWasm: Call = (context, state, event, facts) => wasm.on(1, context, state, event, facts)
const onPlain: Call = (context, state, event, facts) => plain.on(1, context, state, event, facts)

const compare = (first: Call, second: Call) => comparePairs(rounds, timer(first), timer(second))

say({
  loading,
  decide: await compare(wasm.decide, plain.decide),
  floor: await compare(wasm.decide, empty),
  on: await compare(onWasm, onPlain),
})
process.exit(0)
