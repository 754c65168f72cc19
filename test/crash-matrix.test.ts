// Tests the short form of the crash matrix: some deaths, on every runtime that is installed, a few trials each.
import { existsSync, readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { jsonText } from '../scripts/runs.ts'
import type { CrashCounts, RuntimeReport } from '../adapters/spec/types.ts'
import { crashReportPath, crashWord, generateCrashDoc, renderCrashDoc } from '../scripts/generate/crash-doc.ts'
import { installed, type Runtime } from '../scripts/runtimes.ts'
import {
  type CrashCell,
  cellId,
  demanded,
  type Hold,
  isComplete,
  isTls,
  limitOf,
  matrixOf,
  tableOf,
} from './crash/cells.ts'
import { makeCertificate } from './crash/certificate.ts'
import { broken, type Done, joined, reportOf, runMatrix, type Task } from './crash/matrix.ts'
import { fact, factIf } from './support/deadline.js'

const here: Runtime = { name: 'node', version: process.versions.node, command: [process.execPath] }
const others = (['deno', 'bun'] as const).map((name) => installed(name))
const runtimes = [here, ...others.flatMap((found) => ('runtime' in found ? [found.runtime] : []))]
const absent = others.flatMap((found) => ('missing' in found ? [found.missing] : []))
const noCalls = backend().name === 'none' && 'no system calls'
const noTls = makeCertificate() === undefined && 'no openssl'

const effort = { trials: 2, together: 2, lanes: 2 }

// What is looked at of a whole matrix: the harm once for every transport, and the promise at deaths of each kind.
const deathsOfGuards = ['exception', 'rejection', 'exit', 'kill', 'worker-terminate']
const isShort = ({ hold, death, situation }: CrashCell): boolean =>
  hold === 'bare'
    ? death === 'kill' && situation === 'flowing'
    : hold === 'compatible' && deathsOfGuards.includes(death)

const tasks: Task[] = runtimes.flatMap((runtime) =>
  matrixOf(runtime.name)
    .filter(isShort)
    .filter(({ hold, transport }) => !(hold === 'compatible' && noCalls) && !(isTls(transport) && noTls))
    .map((cell) => ({ cell, runtime })),
)

let results: Done[] = []
test.before(async () => {
  results = await runMatrix(tasks, effort, () => undefined)
})

const countsOf = (id: string): CrashCounts => {
  const found = results.find(({ cell }) => cellId(cell) === id)
  if (found === undefined) throw new Error(`${id} was not run`)
  if ('problem' in found.outcome) throw new Error(`${id}: ${found.outcome.problem}`)
  return found.outcome.counts
}
const held = (hold: Hold): Task[] => tasks.filter(({ cell }) => cell.hold === hold)

for (const missing of absent) factIf(missing, 'the crash matrix of a runtime that is not installed', () => undefined)

for (const { cell } of held('bare')) {
  fact(`the harm: ${cellId(cell)} cuts an answer with end of file`, () => {
    const { eof, trials, bytes } = countsOf(cellId(cell))
    assert.is(eof, trials)
    assert.ok(bytes[1] < 20_000_000)
  })
}

const limited = ({ cell }: Task): boolean => limitOf(cell) !== undefined

for (const { cell } of held('compatible').filter((task) => limited(task) && task.cell.situation !== 'flowing')) {
  const [is, ending] = isComplete(cell.situation) ? (['reset', 'a reset'] as const) : (['eof', 'end of file'] as const)
  fact(`a limit that is told: ${cellId(cell)} is ${ending}`, () => {
    const counts = countsOf(cellId(cell))
    assert.is(counts[is], counts.trials)
  })
}

for (const { cell } of held('compatible').filter((task) => !limited(task))) {
  const ending = isComplete(cell.situation) ? 'all bytes and end of file' : 'a reset, never end of file'
  fact(`${cellId(cell)} is ${ending}`, () => {
    assert.ok(demanded(cell) !== undefined)
    assert.is(broken(cell, countsOf(cellId(cell))), undefined)
  })
}

fact('what cannot be brought about is told and not counted', async () => {
  const [cell] = tableOf('node')
  const nobody: Runtime = { ...here, command: [process.execPath, '--no-such-flag'] }
  const [{ outcome }] = await runMatrix([{ cell, runtime: nobody }], effort, () => undefined)
  assert.match('problem' in outcome ? outcome.problem : '', /^it does not listen: .*no-such-flag/)
})

const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(
  JSON.parse(readFileSync('spec/schemas/runtime-report.schema.json', 'utf8')),
)

fact('the report follows its schema and has every cell', () => {
  const report = reportOf(results, effort.together)
  const text = jsonText({ $schema: '../spec/schemas/runtime-report.schema.json', ...report })
  assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors))
  const ids = Object.keys(report.results)
  assert.equal(ids, [...new Set(tasks.map(({ cell }) => cellId(cell)))].sort())
  assert.equal(report.runtimes.node, [process.versions.node])
})

fact('a part of a report takes its place in the whole, if it is of the same machine and versions', () => {
  const report = reportOf(results, effort.together)
  const [id] = Object.keys(report.results)
  const other = { '9.9.9': countsOf(id) }
  const { [id]: mine, ...rest } = report.results
  assert.equal(joined({ ...report, results: rest }, { ...report, results: { [id]: mine } }), report)
  assert.equal(joined(report, { ...report, results: { [id]: other } }).results[id], { ...mine, ...other })
  assert.throws(() => joined(report, { ...report, release: '1' }), /release/)
  assert.throws(() => joined(report, { ...report, runtimes: { node: ['9.9.9'] } }), /no node 9\.9\.9/)
})

fact('a cell says in a word what every peer read', () => {
  const counts = (of: Partial<CrashCounts>): CrashCounts => ({
    ...{ trials: 4, eof: 0, reset: 0, open: 0, bytes: [1000, 1000] },
    ...of,
  })
  assert.is(crashWord(counts({ eof: 4 }), 'idle'), '**cut**')
  assert.is(crashWord(counts({ eof: 4, closeNotify: 4 }), 'idle'), '**cut** as if whole')
  assert.is(crashWord(counts({ eof: 3, reset: 1 }), 'flowing'), '**cut** 3/4, reset 1/4')
  assert.is(crashWord(counts({ eof: 4, bytes: [100_000, 100_100] }), 'keep-alive'), 'whole')
  assert.is(crashWord(counts({ eof: 4 }), 'finished'), '**cut**')
  assert.is(crashWord(counts({ reset: 4 }), 'finished'), 'reset, cut')
})

fact('the document has a cell for everything', () => {
  const empty: RuntimeReport = { ...reportOf(results, 2), results: {}, problems: { 'bun.net.bare.kill.idle': {} } }
  const text = renderCrashDoc({ ...empty, runtimes: { node: ['20.1.0'], deno: ['2.9.6'], bun: ['1.4.5'] } })
  assert.match(text, /\| Deno\.serve \| guard, compatible \| not run \| /)
  assert.match(text, /\| node:net \| guard, strict \| not run \| /)
})

if (existsSync(crashReportPath)) {
  const report = JSON.parse(readFileSync(crashReportPath, 'utf8')) as RuntimeReport

  fact('the committed matrix follows its schema, and its page is current', () => {
    assert.ok(validate(report), JSON.stringify(validate.errors))
    for (const [path, text] of generateCrashDoc()) assert.ok(readFileSync(path, 'utf8') === text, `${path} is stale`)
  })

  fact('the committed matrix has every cell, twenty trials of each, and no broken promise', () => {
    for (const runtime of ['node', 'deno', 'bun'] as const) {
      for (const cell of matrixOf(runtime)) {
        const id = cellId(cell)
        for (const version of report.runtimes[runtime] ?? []) {
          const counts = report.results[id]?.[version]
          assert.ok(counts !== undefined || report.problems[id]?.[version], `${id} ${version} is missing`)
          if (counts === undefined) continue
          assert.ok(counts.trials >= 20, `${id} ${version}: ${counts.trials} trials`)
          assert.is(broken(cell, counts), undefined, `${id} ${version}`)
        }
      }
    }
  })
}

test.run()
