// Tests the short form of the soak on every runtime that is installed, that a leak is told, and how lines are fitted.
import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { installed, type Runtime } from '../scripts/runtimes.ts'
import { fitLine } from './endurance/fit.ts'
import { backend } from '#adapter/libc'
import { faultsOf, fitsOf, leakBytes, pageBytes, soak } from './endurance/soak.ts'
import { soakInMarkdown } from './endurance/soak-words.ts'
import { contradictions } from './endurance/web-endings.ts'
import { cannotCount } from './support/descriptors.js'
import { fact, factIf } from './support/deadline.js'
import { fractions } from './twin/random.js'

const here: Runtime = { name: 'node', version: process.versions.node, command: [process.execPath] }
const others = (['deno', 'bun'] as const).map((name) => installed(name))
const runtimes = [here, ...others.flatMap((found) => ('runtime' in found ? [found.runtime] : []))]
for (const found of others) if ('missing' in found) factIf(found.missing, 'its soak', () => undefined)

const noCalls = backend().name === 'none' && 'no system calls'

const mayHaveNetwork = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0

const brief = { seconds: 2, everySeconds: 1, lanes: 4, seed: 1 }

for (const runtime of runtimes) {
  factIf(
    cannotCount,
    `a mix of endings under ${runtime.name} comes to what it should, and leaves no descriptor`,
    async () => {
      const result = await soak(runtime, brief)
      assert.equal(faultsOf(result), [])
      assert.ok(result.samples.length >= 2)
      assert.is(result.alone, mayHaveNetwork)
      assert.ok(Object.keys(result.visits).length > 10 && result.bytes > 100_000, JSON.stringify(result.visits))
    },
    120_000,
  )
}

for (const runtime of runtimes) {
  factIf(
    cannotCount || (runtime === here && noCalls),
    `connections of HTTP that need no guard are among them under ${runtime.name}`,
    async () => {
      const result = await soak(runtime, { ...brief, seconds: 1, only: ['unwatched last', 'unwatched early'] })
      assert.equal(faultsOf(result), [])
      const { 'unwatched last': last = 0, 'unwatched early': early = 0 } = result.visits
      assert.ok(last > 0 && early > 0)
      // A guard waits until the peer's stack has all of the answer; without one nobody asks. Deno may need a turn more
      // to write, and then a guard waits for it.
      const without = result.verdicts['unwatched: delivery handed'] ?? 0
      if (runtime.name === 'deno') assert.ok(without > last / 2 && without <= last, `${without} of ${last}`)
      else assert.is(without, last)
    },
    120_000,
  )
}

fact('a server that counts otherwise than its clients is told', () => {
  const ended = { fin: 3, reset: 2, silent: 0, unknown: 0 }
  const made = { whole: 1, early: 2, broken: 1, left: 1 }
  assert.equal(contradictions({ connections: 5, unguarded: 0, ended }, made), [])
  assert.equal(contradictions({ connections: 5, unguarded: 0, ended: { ...ended, fin: 1, reset: 4 } }, made), [])
  assert.equal(contradictions({ connections: 5, unguarded: 0, ended: { ...ended, fin: 0, reset: 5 } }, made), [
    '0 counted as fin, not 1 to 3',
    '5 counted as reset, not 2 to 4',
  ])
  assert.equal(contradictions({ connections: 4, unguarded: 1, ended: { ...ended, fin: 1, unknown: 1 } }, made), [
    '4 counted and 1 unguarded, not 5 and none',
    '1 counted as unknown, not 0 to 0',
  ])
})

factIf(
  cannotCount,
  'without guards it tells what is held, and judges nothing else',
  async () => {
    const result = await soak(here, { ...brief, seconds: 1, bare: true })
    assert.equal([faultsOf(result), result.verdicts], [[], {}])
    assert.ok((result.samples.at(-1)?.connections ?? 0) > 20)
    // An answer that breaks off is taken for a whole one: that is what guards are for.
    assert.match(result.problems.join(), /saw eof behind/)
  },
  120_000,
)

factIf(
  cannotCount || noCalls,
  'memory of no object that is kept of each connection is seen',
  async () => {
    const { samples } = await soak(here, { ...brief, seconds: 1, leaks: 'native', only: ['net aborted'] })
    const [first] = samples
    const last = samples.at(-1)
    const connections = (last?.connections ?? 0) - (first?.connections ?? 0)
    assert.ok(connections > 20)
    assert.ok((last?.allocated ?? 0) - (first?.allocated ?? 0) > 4000 * connections)
    assert.ok((last?.heapUsed ?? 0) - (first?.heapUsed ?? 0) < 4000 * connections)
  },
  120_000,
)

factIf(
  cannotCount,
  'a descriptor that is kept of each connection is told',
  async () => {
    // At the end of its patience the rest is taken as it is: a short one, because here nothing will come back.
    const result = await soak(here, { ...brief, seconds: 1, leaks: 'descriptors', only: ['net aborted'], restMs: 100 })
    assert.match(faultsOf(result).join(), /descriptors more than at the first rest/)
  },
  120_000,
)

/** Rests of a program that keeps so many bytes of each connection, on top of noise. */
const rests = (bytes: number, noise: number) => {
  const next = fractions(7)
  return Array.from({ length: 60 }, (_, index) => {
    const connections = index * 1000
    const heapUsed = 5e6 + bytes * connections + noise * (next() - 0.5)
    return { seconds: index, connections, heapUsed, rss: 5e7, descriptors: 9, guards: 0 }
  })
}
const judge = (samples: ReturnType<typeof rests>): string[] => {
  const fits = fitsOf(samples)
  return faultsOf({ bare: false, problems: [], samples, ...(fits === undefined ? {} : { fits }) })
}

fact('memory that is kept of each connection is told, and noise is not', () => {
  assert.equal(judge(rests(0, 200_000)), [])
  assert.match(judge(rests(100, 200_000)).join(), /^heapUsed grows by \d+\.\d ± \d+\.\d bytes a connection$/)
  assert.equal(judge(rests(leakBytes / 2, 0)), [])
})

fact('so is what the allocator has given out, though much is given out at some rests', () => {
  const given = (bytes: number) => (one: ReturnType<typeof rests>[number], index: number) => ({
    ...one,
    allocated: 3e7 + bytes * one.connections + (index % 4 === 0 ? 8e6 : 0),
  })
  assert.equal(judge(rests(0, 0).map(given(0))), [])
  assert.match(judge(rests(0, 0).map(given(2 * leakBytes))).join(), /^allocated grows by 32\.0 ± \d/)
})

fact('of resident memory counts what is no file, and beside an allocator only pages', () => {
  const grown = (bytes: number) => rests(0, 0).map((one) => ({ ...one, rss: 5e7 + bytes * one.connections }))
  assert.match(judge(grown(100)).join(), /^rss grows by 100\.0/)
  assert.equal(judge(grown(5000).map((one) => ({ ...one, anonymous: 4e7 }))), [])
  assert.match(judge(grown(100).map((one) => ({ ...one, anonymous: one.rss }))).join(), /^rss grows by 100\.0/)
  assert.equal(judge(grown(100).map((one) => ({ ...one, anonymous: one.rss, allocated: 1e7 }))), [])
  const pages = grown(pageBytes + 1).map((one) => ({ ...one, anonymous: one.rss, allocated: 1e7 }))
  assert.match(judge(pages).join(), /^rss grows by 4097\.0/)
})

fact('a line is the one of least squares, with an interval that holds it', () => {
  // R: confint(lm(y ~ x), level = 0.99) for residuals that have nothing in common.
  const exact = fitLine([1, 2, 3, 4, 5].map((x) => [x, 2 * x + 1]))
  assert.ok(Math.abs(exact.slope - 2) < 1e-12 && exact.margin < 1e-9 && exact.start === 3)
  const zigzag = fitLine([0, 1, 2, 3, 4, 5, 6, 7].map((x) => [x, x + (x % 2)]))
  assert.ok(Math.abs(zigzag.slope - 1.0476190476) < 1e-9)
  // Six degrees of freedom: t = 3.7074, standard error 0.0829.
  assert.ok(Math.abs(zigzag.margin - 3.7074 * Math.sqrt(1.9047619 / 6 / 42)) < 0.002, String(zigzag.margin))
})

fact('values that resemble the ones before count as fewer of them', () => {
  const next = fractions(3)
  const single = Array.from({ length: 40 }, (_, x) => [x, next()] as const)
  const doubled = single.flatMap(([x, y]) => [[2 * x, y] as const, [2 * x + 1, y] as const])
  const naive = fitLine(single.map(([x, y]) => [2 * x, y]))
  assert.ok(fitLine(doubled).margin > naive.margin * 0.9)
})

fact('a line that cannot have an error is refused', () => {
  assert.throws(() => fitLine([[1, 1]]), /at least 4 points, not 1/)
  assert.throws(() => fitLine([1, 1, 1, 1].map((x) => [x, x])), /one place/)
})

fact('the result is told as a table, and a fault in words', () => {
  const samples = rests(100, 0)
  const fits = fitsOf(samples)
  assert.ok(fits)
  const result = {
    ...{ runtime: { name: 'node', version: '20.0.0' }, bare: false, seconds: 60, seed: 1, samples, fits },
    ...{ visits: { 'net whole': 3 }, bytes: 9e9 },
    ...{ verdicts: { 'net: fin by us, close': 3 }, problems: [], alone: true, lost: 0 },
  }
  const text = soakInMarkdown([result])
  assert.match(
    text,
    /\| node 20\.0\.0 \| 1\.0 \| 59,000 \| 9\.0 \| 0 \| 9 → 9 \|.* 100\.00 ± .*\| not told \|.*\*\*broken\*\* \|/,
  )
  assert.match(text, /^- heapUsed grows by 100\.0/m)
  const told = samples.map((one) => ({ ...one, allocated: 3e7, anonymous: 4e7 }))
  const bare = soakInMarkdown([{ ...result, bare: true, samples: told, fits: { ...fits, allocated: fits.rss } }])
  assert.match(bare, /\| node 20\.0\.0, bare \| .* \| 30\.0 → 30\.0 MB; .* \| 50\.0 \(40\.0\) → 50\.0/)
})

test.run()
