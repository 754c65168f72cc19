// Tests the short form of the soak on every runtime that is installed, that a leak is told, and how lines are fitted.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { installed, type Runtime } from '../scripts/runtimes.ts'
import { fitLine } from './endurance/fit.ts'
import { faultsOf, leakBytes, soak } from './endurance/soak.ts'
import { soakInMarkdown } from './endurance/soak-words.ts'
import { cannotCount } from './support/descriptors.js'
import { fact, factIf } from './support/deadline.js'
import { fractions } from './twin/random.js'

const here: Runtime = { name: 'node', version: process.versions.node, command: [process.execPath] }
const others = (['deno', 'bun'] as const).map((name) => installed(name))
const runtimes = [here, ...others.flatMap((found) => ('runtime' in found ? [found.runtime] : []))]
for (const found of others) if ('missing' in found) factIf(found.missing, 'its soak', () => undefined)

const brief = { seconds: 2, everySeconds: 1, lanes: 4, seed: 1 }

for (const runtime of runtimes) {
  factIf(
    cannotCount,
    `a mix of endings under ${runtime.name} comes to what it should, and leaves no descriptor`,
    async () => {
      const result = await soak(runtime, brief)
      assert.equal(faultsOf(result), [])
      assert.ok(result.samples.length >= 2)
      assert.ok(Object.keys(result.visits).length > 10 && result.bytes > 100_000, JSON.stringify(result.visits))
    },
    120_000,
  )
}

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
const fits = (samples: ReturnType<typeof rests>) => ({
  heapUsed: fitLine(samples.map((each) => [each.connections, each.heapUsed])),
  rss: fitLine(samples.map((each) => [each.connections, each.rss])),
})
const judge = (bytes: number, noise: number): string[] => {
  const samples = rests(bytes, noise)
  return faultsOf({ problems: [], samples, fits: fits(samples) })
}

fact('memory that is kept of each connection is told, and noise is not', () => {
  assert.equal(judge(0, 200_000), [])
  assert.match(judge(100, 200_000).join(), /^heapUsed grows by \d+\.\d ± \d+\.\d bytes a connection$/)
  assert.equal(judge(leakBytes / 2, 0), [])
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
  const result = {
    runtime: { name: 'node', version: '20.0.0' },
    ...{ seconds: 60, seed: 1, samples, fits: fits(samples), visits: { 'net whole': 3 }, bytes: 9e9 },
    ...{ verdicts: { 'net: fin by us, close': 3 }, problems: [] },
  }
  const text = soakInMarkdown([result])
  assert.match(text, /\| node 20\.0\.0 \| 1\.0 \| 59,000 \| 9\.0 \| 0 \| 9 → 9 \| .* 100\.00 ± .* \| \*\*broken\*\* \|/)
  assert.match(text, /^- heapUsed grows by 100\.0/m)
})

test.run()
