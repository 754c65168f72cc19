// Tests that every benchmark runs and tells numbers, by its short form; no number is judged here. And that
// docs/performance.md is what its results say.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { benches } from '../bench/benches.ts'
import { readResults, renderDocument, type Results } from '../bench/document.ts'
import { plotCurve } from '../bench/plot.ts'
import { type Section, target } from '../bench/section.ts'
import { fact } from './support/deadline.js'
import { factWith, runTool } from './support/tools.js'
import { readCounts } from './support/strace.js'

const folder = mkdtempSync(join(tmpdir(), 'finrst-bench-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
const bench = (...args: string[]) =>
  runTool([process.execPath, 'scripts/run.mjs', 'bench/bench.ts', ...args], { FINRST_TIMEOUT: '170000' })

/** Runs the short form of one, and gives what it kept. */
async function measured(name: string): Promise<Section> {
  const document = join(folder, `${name}.md`)
  const { code, output, errors } = await bench(name, '--quick', '--markdown', document)
  assert.is(code, 0, `${output}\n${errors}`)
  const section = readResults(document)[name]
  assert.ok(section !== undefined, output)
  for (const { title, rows, columns } of section.tables) {
    assert.ok(rows.length > 0, `${title} has no rows`)
    for (const row of rows) {
      assert.is(row.length, columns.length, `${title}: ${row}`)
      assert.not.match(row.join(' '), /NaN|undefined|Infinity/, title)
      assert.ok(readFileSync(document, 'utf8').includes(row[0] ?? ''), `${title}: ${row}`)
    }
  }
  return section
}

/** The numbers of a table: in each cell of each row the first one. */
const numbers = (section: Section, table: number): number[] =>
  (section.tables[table]?.rows ?? []).flatMap((row) =>
    row.slice(1).map((cell) => Number(/-?[\d.]+/.exec(cell.replaceAll(',', ''))?.[0])),
  )

fact(
  'the engine is measured under every runtime',
  async () => {
    const section = await measured('core')
    assert.is(section.tables[0]?.rows.length, 3)
    for (const table of [0, 1, 2, 3]) for (const number of numbers(section, table)) assert.ok(number > 0)
  },
  180_000,
)

factWith(
  'strace',
  'strace',
  'connections are measured, with their system calls',
  async () => {
    const { tables } = await measured('connections')
    assert.is(tables.length, 2)
    const [node] = tables[1]?.rows ?? []
    assert.match(node?.[2] ?? '', /\+2 setsockopt/, 'a guard arms and disarms')
  },
  180_000,
)

factWith('wrk', 'wrk', 'servers are measured', async () => void (await measured('servers')), 180_000)

fact(
  'idle connections are measured: a bare one holds one descriptor, a guarded one at most one more',
  async () => {
    const { tables } = await measured('idle')
    if (process.platform !== 'linux') return
    for (const row of tables[0]?.rows ?? []) {
      const [name = ''] = row
      const descriptors = row.at(-1) ?? ''
      // Node tells the descriptor of a socket, so that a guard needs none of its own.
      assert.match(descriptors, name.startsWith('Node') ? /^[12]\.\d+ − 1\.\d+$/ : /^2\.\d+ − 1\.\d+$/, name)
    }
  },
  180_000,
)

fact(
  'peers are measured: only the clients of finrst are told of every cut by a reset',
  async () => {
    const { tables, targets } = await measured('peers')
    assert.ok(
      targets?.every(({ met }) => met),
      JSON.stringify(targets),
    )
    const [finrst, close] = tables[0]?.rows ?? []
    assert.equal([finrst?.[6], close?.[6]], ['0', '2'], 'cut answers that end with a FIN')
    assert.equal([finrst?.[7], close?.[7]], ['40 / 0', '0 / 40'], 'at a SIGKILL')
  },
  180_000,
)

fact(
  'growth is measured, and drawn',
  async () => {
    const { curves = [] } = await measured('growth')
    assert.equal(
      curves.map(({ id }) => id),
      ['growth-connections', 'growth-events', 'growth-scan'],
    )
    for (const { id, series } of curves) {
      assert.ok(series.every(({ points }) => points.length > 0 && points.every(([, y]) => y > 0)))
      assert.match(readFileSync(join(folder, `growth-${id}.svg`), 'utf8'), /^<svg/)
    }
  },
  180_000,
)

fact(
  'a picture shows the title, the axes and each of its series',
  async () => {
    const series = [
      { name: 'upper', points: [[1, 10], [10, 20]] as [number, number][] }, // biome-ignore format: points
      { name: 'lower', points: [[1, 1], [10, 2]] as [number, number][] }, // biome-ignore format: points
    ]
    const svg = await plotCurve({ id: 'a', title: 'A curve', x: 'across', y: 'upwards', series })
    for (const text of ['A curve', 'across', 'upwards', 'upper', 'lower']) assert.ok(svg.includes(text), text)
  },
  180_000,
)

test('the document is what its results say, and shows what is missed', () => {
  const path = 'docs/performance.md'
  assert.is(readFileSync(path, 'utf8'), renderDocument(path, readResults(path)))
  assert.equal(Object.keys(readResults(path)).sort(), Object.keys(benches).sort())
  const results = readResults(path)
  for (const { curves = [] } of Object.values(results)) {
    for (const { id } of curves) assert.ok(existsSync(`docs/performance-${id}.svg`), id)
  }
  const made: Results = {
    core: {
      ...{ date: '2026-01-02', machine: 'a machine', command: 'npm run bench -- core', seconds: 3 },
      tables: [{ title: 'T', columns: ['a', 'b'], rows: [['x | y', '1']] }],
      targets: [target('speed', 2, 'at most', 1)],
    },
  }
  const text = renderDocument('docs/made.md', made)
  for (const part of ['x \\| y', '**missed**', '2026-01-02', 'a machine']) assert.ok(text.includes(part), part)
})

test('a target is met at its bound', () => {
  assert.is(target('', 10, 'at most', 10).met, true)
  assert.is(target('', 10.01, 'at most', 10).met, false)
  assert.is(target('', 0.95, 'at least', 0.95).met, true)
  assert.is(target('', 0.94, 'at least', 0.95).met, false)
})

test('the table of strace is read, with errors and without', () => {
  const text = ` 60.00    0.000030           1        30        10 getpeername
 40.00    0.000020           1        20           setsockopt
100.00    0.000050           1        50        10 total`
  assert.equal([...readCounts(text)], [['getpeername', 30], ['setsockopt', 20]]) // biome-ignore format: pairs
})

fact(
  'a name or a number that is not allowed is told, with what is',
  async () => {
    const strange = await bench('cores')
    assert.is(strange.code, 2)
    assert.match(strange.errors, /there is no benchmark cores; expected some of core, connections/)
    const few = await bench('core', '--rounds', '2')
    assert.is(few.code, 2)
    assert.match(few.errors, /It is 2; expected a whole number, 3 … 1000/)
    const nowhere = await bench('--rewrite')
    assert.is(nowhere.code, 2)
    assert.match(nowhere.errors, /--rewrite needs --markdown <file>/)
    assert.match((await bench('--help')).output, /growth +1 min/)
  },
  60_000,
)

test.run()
