// Tests that no word and no answer of an import makes the committed Wasm trap, and that every state is a verdict.
// FINRST_SAMPLES sets how many words there are, FINRST_SEED which.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as names from '../adapters/core/names.js'
import { rules } from '../adapters/core/rules.js'
import { verdictIn } from '../adapters/core/verdict.js'
import { type Exports, loadWasm } from '../simulation/engine.ts'
import { seedOf } from './support/seed.js'
import { generator } from './twin/random.ts'

const samples = Number(process.env.FINRST_SAMPLES ?? 100_000)
const seed = seedOf()
const { EVENT, FIELD, PHASE, RESULT, STEP } = names
const events = Object.keys(EVENT).length
const report = STEP.REPORT ?? 0
const ended = PHASE.ENDED ?? 0
const shiftOf = (field: string): number => FIELD[`${field}_SHIFT`] ?? 0
const ruleNames = new Set(rules.map(({ number }) => number))

/** A host that answers anything, and counts what it was asked. */
class AnyHost {
  calls = 0
  reports = 0
  readonly engine: Exports
  readonly next: () => number

  constructor(next: () => number) {
    this.next = next
    const answer = (): number => {
      this.calls += 1
      return this.#answer()
    }
    const request = (_: number, step: number): number => {
      if (step !== report) return answer()
      // A verdict that was not taken would be given again.
      this.reports += 1
      return RESULT.DONE ?? 0
    }
    this.engine = loadWasm({
      ...{ setsockopt: answer, shutdown: answer, disconnect: answer, close: answer },
      request,
    }).engine
  }

  // What a host may say most of the time, and any word at all.
  #answer(): number {
    const word = this.next()
    switch (word & 3) {
      case 0:
        return RESULT.DONE ?? 0
      case 1:
        return RESULT.PENDING ?? 1
      case 2:
        return -((word >>> 2) & 4095)
      default:
        return this.next()
    }
  }
}

/** Where it stopped, so that it can be repeated. */
const at = (what: string, words: readonly number[]): string => `${what}(${words.join(', ')}), seed ${seed}`

const never = (what: string, words: readonly number[], call: () => number): number => {
  try {
    const answer = call()
    if (answer === (answer | 0)) return answer
    throw new Error(`it answers ${answer}`)
  } catch (error) {
    throw new Error(`${at(what, words)}: ${(error as Error).message}`)
  }
}

/** Every field of a verdict has a word, and its rule a name. */
const decodes = (engine: Exports, context: number, state: number): void => {
  const verdict = verdictIn(state, engine.certainty(context, state))
  const delivery = (state >> shiftOf('DELIVERY')) & (names.DELIVERY.MASK ?? 0)
  const rule = (state >> shiftOf('RULE')) & (FIELD.RULE_MASK ?? 0)
  const known = delivery <= (names.DELIVERY.LOST ?? 0) && (rule === 0 || ruleNames.has(rule))
  if (!known || Object.values(verdict).some((word) => word === undefined)) {
    throw new Error(`${at('no verdict', [context, state])}: ${JSON.stringify(verdict)}`)
  }
}

test(`${samples} random words and answers: no trap, and an answer to each`, () => {
  const next = generator(seed)
  const host = new AnyHost(next)
  const { engine } = host
  for (let sample = 0; sample < samples; sample += 1) {
    const words = [next(), next(), next() % 64, next()] as const
    const [context, state, event, facts] = words
    never('on', words, () => engine.on(sample, context, state, event, facts))
    never('decide', words, () => engine.decide(context, state, event, facts))
    never('enter', words, () => engine.enter(context, state, event, facts))
    never('settle', words, () => engine.settle(state, event, facts))
    never('certainty', words, () => engine.certainty(context, state))
    never('normalise', words, () => engine.normalise(context, facts))
    never('column', words, () => engine.column(context, facts & 0x7fffffff))
    never('encodeLinger', words, () => engine.encodeLinger(context, facts))
    never('decodeLinger', words, () => engine.decodeLinger(context))
    // With the words of nobody's connection it must still come to an end.
    never('verdict', words, () => JSON.stringify(verdictIn(state, engine.certainty(context, state))).length)
  }
  assert.ok(host.calls > samples / 100, `only ${host.calls} calls of the host`)
})

test(`${samples} random events in the lives of connections: one verdict each, and every state is one`, () => {
  const next = generator(seed + 1)
  const host = new AnyHost(next)
  const { engine } = host
  let lives = 0
  for (let sample = 0; sample < samples; lives += 1) {
    const context = next() & 0x7fffffff
    let state = never('on', [context, 0], () => engine.on(lives, context, 0, EVENT.OPEN ?? 0, 0))
    host.reports = 0
    for (let turn = 0; turn < 64 && (state & 7) !== ended; turn += 1, sample += 1) {
      const words = [context, state, 1 + ((next() >>> 1) % events), next() & 0xffff] as const
      const [, before, event, facts] = words
      state = never('on', words, () => engine.on(lives, context, before, event, facts))
      decodes(engine, context, state)
    }
    if (host.reports > 1) assert.unreachable(`${host.reports} verdicts: ${at('life', [context])}`)
  }
  console.log(
    `\nnote: ${samples} words, ${samples} events of ${lives} connections, ${host.calls} answers, seed ${seed}`,
  )
})

test('the one trap is the one that spec/README.md tells of', () => {
  const { engine } = new AnyHost(generator(seed))
  assert.throws(
    () => engine.column(1, -100_000),
    (error: Error) => error instanceof WebAssembly.RuntimeError,
  )
  assert.is(engine.column(1, 18), 0)
})

test.run()
