// Tests that what the languages print of their costs is read, and that one which does not tell enough is found.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { missingCosts, readCosts, required } from '../bench/embed-costs.ts'

test('a line of JSON is read as it is', () => {
  const costs = { emptyCall: 1.4, decide: 8, on: 17, load: 50_000, bytesAdded: 60_000, writeBare: 200 }
  assert.equal(readCosts(`${JSON.stringify(costs)}\n`), costs)
  assert.equal(missingCosts(costs), [])
})

test('the benchmarks of Go are read by their names', () => {
  const output = [
    'pkg: finrst.dev/go/engine',
    'BenchmarkEmptyCall-2   \t82640478\t        13.02 ns/op\t       0 B/op\t       0 allocs/op',
    'BenchmarkOn            \t 3113437\t       369 ns/op',
    'BenchmarkOnInTheModule-2 \t 3113437\t       472 ns/op',
    'BenchmarkBytesAdded-16 \t       1\t   5160960 bytes',
    'PASS',
  ].join('\n')
  assert.equal(readCosts(output), { emptyCall: 13.02, on: 369, onInTheModule: 472, bytesAdded: 5_160_960 })
})

test('what is not told, or is no cost, is named', () => {
  const costs = { emptyCall: 0, decide: Number.NaN, load: 1, bytesAdded: -5 }
  assert.equal(missingCosts(costs), ['emptyCall', 'decide', 'on', 'bytesAdded'])
  assert.equal(missingCosts({}), [...required])
})

test.run()
