// Tests that the Wasm and its source run as JavaScript answer alike, over the whole domain of spec/README.md.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CERTAINTY, COLUMN, EVENT, FIELD, PHASE } from '../adapters/core/names.js'
import { engine, lingerBytes } from '../adapters/core/wasm.js'
import { platformClasses, type Product, productOf, type Reads, readsOf } from './twin/domain.ts'
import { Digest, pinLine, walkDomain } from './twin/dump.ts'
import { provideMemory } from './twin/memory.ts'
import { generator } from './twin/random.ts'

provideMemory()
const { choose, decide, steps } = await import('../assembly/engine.ts')
const { certainty, enter, enterRule, settle } = await import('../assembly/record.ts')
const { normalise } = await import('../assembly/errno.ts')
const { lingerSeconds, lingerSize, lingerWord } = await import('../assembly/linger.ts')
const { column, PLATFORMS } = await import('../assembly/table.ts')

const wasm = engine()
const seed = Number(process.env.FINRST_SEED ?? Date.now() % 2147483647)
const samples = Number(process.env.FINRST_SAMPLES ?? 5_000_000)
const events = Object.entries(EVENT)
const phases = Array.from({ length: (PHASE.ENDED ?? 0) + 1 }, (_, phase) => phase)
const bits =
  (mask: number) =>
  (number: number): number =>
    number & mask

// One platform for each set of the traits that a decision reads.
const traitsOf = (platform: number): number => wasm.column(platform, COLUMN.TRAITS ?? 0)
const { rows: platforms, classOf } = platformClasses(traitsOf)

let evaluations = 0
const began = performance.now()

function differs(what: string, words: number[], ours: number, theirs: number): never {
  return assert.unreachable(
    `${what}(${words.join(', ')}): the Wasm says ${ours}, its source says ${theirs}; seed ${seed}`,
  ) as never
}

const pinned = readFileSync('spec/vectors/exhaustive.sha256', 'utf8').trimEnd().split('\n')
const twin = { decide, enter }

for (const of of ['decide', 'enter'] as const) {
  test(`${of} answers alike over everything that it reads, and as spec/vectors/exhaustive.sha256 has it`, () => {
    const digest = new Digest()
    const [ours, theirs] = [wasm[of], twin[of]]
    walkDomain(of, traitsOf, (context, state, event, facts) => {
      const answer = ours(context, state, event, facts)
      const other = theirs(context, state, event, facts)
      if (answer !== other) differs(of, [context, state, event, facts], answer, other)
      digest.add(answer)
      evaluations += 1
      return 0
    })
    assert.is(
      pinLine(of, digest),
      pinned.find((line) => line.includes(`  ${of},`)),
      'run npm run pin if it changed on purpose',
    )
  })
}

// The causes, which enter() copies, stay as they are.
const causeMask = 15 << (FIELD.CAUSE_SHIFT ?? 0)

interface Masks {
  decide: Product['masks']
  enter: Product['masks']
}

const masksOf = (reads: Reads): Masks => ({
  decide: productOf(reads.decide, platforms).masks,
  enter: productOf(reads.enter, platforms).masks,
})

function projected(context: number, masks: Product['masks']): number {
  const rest = context & masks.context & ~63
  return (masks.context & 63) === 0
    ? rest
    : rest | (platforms.find((one) => classOf[one] === classOf[context & 63]) ?? 0)
}

test('nothing else changes a decision or a state', () => {
  const random = generator(seed)
  const table = new Map(
    events.flatMap(([name, event]) =>
      phases.map((phase) => [event * 8 + phase, masksOf(readsOf(name, phase))] as const),
    ),
  )
  for (let sample = 0; sample < samples; sample += 1) {
    const event = 1 + ((random() >>> 1) % events.length)
    const phase = (random() >>> 1) % phases.length
    const masks = table.get(event * 8 + phase) as Masks
    const context = random() & 0x7fffffff
    const state = (random() & ~7) | phase
    const facts = random() & 0xffff
    const plan = wasm.decide(context, state, event, facts)
    const less = wasm.decide(
      projected(context, masks.decide),
      state & masks.decide.state,
      event,
      facts & masks.decide.facts,
    )
    if (plan !== less) differs('decide, by what it reads', [context, state, event, facts], plan, less)
    const next = wasm.enter(context, state, event, facts)
    const kept = state & (masks.enter.state | causeMask)
    const unread = ~(masks.enter.state | causeMask)
    const clear = wasm.enter(projected(context, masks.enter), kept, event, facts & masks.enter.facts)
    const set = wasm.enter(projected(context, masks.enter), kept | unread, event, facts & masks.enter.facts)
    const copied = (set & state) | (clear & ~state)
    if (next !== copied) differs('enter, by what it reads', [context, state, event, facts], next, copied)
    if (next !== enter(context, state, event, facts))
      differs('enter', [context, state, event, facts], next, enter(context, state, event, facts))
    evaluations += 6
  }
})

test('words outside the domain are answered alike too', () => {
  const random = generator(seed + 1)
  for (let sample = 0; sample < samples / 5; sample += 1) {
    const [context, state, event, facts] = [random(), random(), random() % 24, random()]
    assert.is(wasm.decide(context, state, event, facts), decide(context, state, event, facts))
    assert.is(wasm.enter(context, state, event, facts), enter(context, state, event, facts))
    evaluations += 2
  }
})

test('a decision is the rule that was chosen and the steps that it takes', () => {
  const random = generator(seed + 2)
  for (let sample = 0; sample < 100_000; sample += 1) {
    const [context, state, facts] = [random() & 0x7fffffff, random(), random() & 0xffff]
    const event = 1 + ((random() >>> 1) % events.length)
    const rule = choose(context, state, event, facts)
    assert.is(decide(context, state, event, facts), (rule << 20) | steps(context, state, facts, rule))
    assert.is(enter(context, state, event, facts), enterRule(context, state, event, facts, rule))
  }
})

test('every result of every step is folded in alike', () => {
  const results = [0, 1, ...Array.from({ length: 14 }, (_, error) => -error)]
  for (const phase of phases) {
    for (let rest = 0; rest < 4096; rest += 1) {
      const flags = (bits(31)(rest) << 3) | ((rest & 32) << 5) | (((rest >> 6) & 3) << 15) | (((rest >> 8) & 15) << 19)
      for (let step = 0; step < 16; step += 1) {
        for (const result of results) {
          for (const state of [phase | flags, phase | flags | (63 << 24)]) {
            const ours = wasm.settle(state, step, result)
            if (ours !== settle(state, step, result))
              differs('settle', [state, step, result], ours, settle(state, step, result))
            evaluations += 1
          }
        }
      }
    }
  }
})

test('the certainty of every verdict on every platform is the same', () => {
  for (let context = 0; context < 256; context += 1) {
    for (let account = 0; account < 16; account += 1) {
      const state = account << (FIELD.ENDED_SHIFT ?? 0)
      const ours = wasm.certainty(context, state)
      if (ours !== certainty(context, state)) differs('certainty', [context, state], ours, certainty(context, state))
      assert.ok(ours <= (CERTAINTY.MEASURED ?? 0))
      evaluations += 1
    }
  }
})

test('every column and every errno of every platform is the same', () => {
  for (let platform = 0; platform < 64; platform += 1) {
    for (let which = 0; which < 64; which += 1) assert.is(wasm.column(platform, which), column(platform, which))
    for (let errno = -300; errno < 12_000; errno += 1) {
      const ours = wasm.normalise(platform, errno)
      if (ours !== normalise(platform, errno)) differs('normalise', [platform, errno], ours, normalise(platform, errno))
      evaluations += 1
    }
  }
  assert.is(PLATFORMS, 12)
})

const powers = Array.from({ length: 31 }, (_, power) => 2 ** power)
const seconds = [
  -2147483648,
  -2,
  -1,
  0,
  2147483647,
  ...powers.flatMap((power) => [power - 1, power, power + 1, (power * 0.7) | 0]),
]

test('struct linger is written and read alike for every platform and byte order', () => {
  const random = generator(seed + 3)
  for (let platform = 0; platform < 64; platform += 1) {
    const most = column(platform, COLUMN.LINGER_MOST ?? 0)
    for (const context of [platform, platform | (1 << 26)]) {
      for (const time of [...seconds, most, most + 1]) {
        const size = wasm.encodeLinger(context, time)
        assert.is(size, lingerSize(context, time))
        const words = new DataView(lingerBytes(8).slice().buffer)
        for (const index of [0, 1]) assert.is(words.getInt32(index * 4, true), lingerWord(context, time, index))
        if (size > 0) assert.is(wasm.decodeLinger(context), time)
        evaluations += 1
      }
      for (let sample = 0; sample < 2000; sample += 1) {
        const [first, second] = sample < 4 ? [sample & 1, sample >> 1] : [random(), random()]
        new Int32Array(lingerBytes(8).buffer, lingerBytes(8).byteOffset, 2).set([first, second])
        assert.is(wasm.decodeLinger(context), lingerSeconds(context, first, second))
        evaluations += 1
      }
    }
  }
})

test.after(() => {
  const seconds = (performance.now() - began) / 1000
  const rate = (evaluations / seconds / 1e6).toFixed(1)
  console.log(`\nnote: twin: ${evaluations} evaluations in ${seconds.toFixed(1)} s, ${rate} M/s, seed ${seed}`)
})

test.run()
