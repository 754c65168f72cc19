// Tests the reports about runtimes, and everything that joins them to the rows runtime.* of the table.
import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cellsOf, countsInWords, runtimeReportsOf, seenIn } from '../adapters/spec/cells.ts'
import { readPlatforms, readRows, readRuns } from '../adapters/spec/files.ts'
import type { Cell, CrashCounts, Row, RuntimeReport } from '../adapters/spec/types.ts'
import { isLanguage } from '../scripts/languages.ts'
import { cellId, demanded, matrixOf, tableOf, tableOfLanguage } from './crash/cells.ts'
import { broken } from './crash/matrix.ts'
import {
  answerFor,
  type RuntimeRule,
  type Runtimes,
  runtimeCellsCiteTheirOwn,
  runtimeCellsSayWhatWasRead,
  runtimeCountsAddUp,
  runtimeRefsResolve,
  runtimeReportPath,
  runtimeReportsAreNamed,
  runtimeResultsAreCited,
  runtimeRowsAreOfRuntimes,
  wantedResults,
} from './runtime-lint.ts'

const runs = readRuns()
const reports = new Map(runtimeReportsOf(runs).map((report) => [runtimeReportPath(report), report]))
const all: Runtimes = { rows: readRows(), platforms: readPlatforms(), reports }

const path = 'spec/runs/runtimes-linux-6.18.json'
const row = 'runtime.exception'
const result = 'node.net.bare.exception.idle'
const rowOf = ({ rows }: Runtimes): Row => {
  const found = rows.find(({ id }) => id === row)
  if (!found) throw new Error(`there is no row ${row}`)
  return found
}
const cellOf = (of: Runtimes): Cell => cellsOf(rowOf(of), 'node')[0]
const reportOf = (of: Runtimes): RuntimeReport => {
  const found = of.reports.get(path)
  if (!found) throw new Error(`there is no report ${path}`)
  return found
}
const versionsOf = (of: Runtimes): Record<string, CrashCounts> => reportOf(of).results[result]
const oneOf = (of: Runtimes): CrashCounts => {
  const [counts] = Object.values(versionsOf(of))
  return counts
}

// Every rule with a break that it has to notice.
const rules: [fact: string, rule: RuntimeRule, breaks: (of: Runtimes) => void][] = [
  [
    'a report about runtimes is named after its system',
    runtimeReportsAreNamed,
    (of) => {
      reportOf(of).system = 'linux-6.12'
    },
  ],
  ['the rows runtime.* are about runtimes', runtimeRowsAreOfRuntimes, (of) => delete rowOf(of).of],
  [
    'every reference to such a report leads to a result',
    runtimeRefsResolve,
    (of) => delete reportOf(of).results[result],
  ],
  ['a cell cites all results that its row is about', runtimeCellsCiteTheirOwn, (of) => cellOf(of).evidence.pop()],
  [
    'a cell cites no result of something else',
    runtimeCellsCiteTheirOwn,
    (of) => cellOf(of).evidence.push({ kind: 'run', ref: `${path}#deno.net.bare.exception.idle` }),
  ],
  [
    'a cell says what its peers read',
    runtimeCellsSayWhatWasRead,
    (of) => {
      cellOf(of).is = 'reset'
    },
  ],
  [
    'one peer that read something else is enough to refute a cell',
    runtimeCellsSayWhatWasRead,
    (of) => {
      oneOf(of).eof -= 1
      oneOf(of).reset += 1
    },
  ],
  [
    'a cell was run under every release that it holds for',
    runtimeCellsSayWhatWasRead,
    (of) => {
      const oldest = Object.keys(versionsOf(of)).at(-1) ?? ''
      delete versionsOf(of)[oldest]
    },
  ],
  [
    'every result is cited',
    runtimeResultsAreCited,
    (of) => {
      reportOf(of).results['node.net.bare.exception.unread'] = versionsOf(of)
    },
  ],
  [
    'nothing that a row is about was left unmeasured',
    runtimeResultsAreCited,
    (of) => {
      reportOf(of).problems[result] = { '26.10.0': 'it survives' }
    },
  ],
  [
    'the counts of a result add up',
    runtimeCountsAddUp,
    (of) => {
      oneOf(of).open += 1
    },
  ],
  [
    'a result has twenty trials',
    runtimeCountsAddUp,
    (of) => {
      oneOf(of).trials = 4
      oneOf(of).eof = 4
    },
  ],
]

for (const [fact, rule, breaks] of rules) {
  test(fact, () => assert.equal(rule(all), []))
  test(`a break is noticed: ${fact}`, () => {
    const undone = structuredClone(all)
    breaks(undone)
    assert.is.not(rule(undone).length, 0)
  })
}

test('reports about runtimes follow their schema', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })
  const validate = ajv.compile(JSON.parse(readFileSync('spec/schemas/runtime-report.schema.json', 'utf8')))
  assert.ok(reports.size > 0)
  for (const [name, report] of reports) assert.ok(validate(report), `${name}: ${ajv.errorsText(validate.errors)}`)
  const report = reportOf(all)
  assert.not.ok(validate({ ...report, colour: 'red' }))
  assert.not.ok(validate({ ...report, run: 2 }))
  assert.not.ok(validate({ ...report, results: {} }))
  assert.not.ok(validate({ ...report, results: { 'node.native': report.results[result] } }))
})

const counts = (of: Partial<CrashCounts>): CrashCounts => ({
  trials: 2,
  eof: 0,
  reset: 0,
  open: 0,
  bytes: [5, 5],
  ...of,
})

test('an answer is what every trial says', () => {
  const [eof, reset] = [counts({ eof: 2 }), counts({ reset: 2 })]
  assert.is(answerFor([{ id: 'a.idle', counts: eof }]), 'fin')
  assert.is(answerFor([{ id: 'a.idle', counts: reset }]), 'reset')
  assert.is(answerFor([{ id: 'a.idle', counts: counts({ open: 2 }) }]), 'open')
  const differs = [
    { id: 'a.idle', counts: eof },
    { id: 'a.flowing', counts: reset },
  ]
  assert.is(answerFor(differs), 'either')
  assert.is(answerFor([{ id: 'a.idle', counts: counts({ eof: 1, reset: 1 }) }]), 'either')
  assert.is(answerFor([{ id: 'a.idle', counts: counts({ eof: 1, open: 1 }) }]), undefined)
  assert.is(answerFor([]), undefined)
  const secured = (closeNotify: number, of = eof) => ({ id: 'node.tls.bare.kill.idle', counts: { ...of, closeNotify } })
  assert.is(answerFor([secured(0)]), 'silent')
  assert.is(answerFor([secured(2)]), 'notify')
  assert.is(answerFor([secured(2), secured(0)]), 'either')
  assert.is(answerFor([secured(0, reset)]), 'silent')
  assert.is(answerFor([secured(0, counts({ open: 2 }))]), undefined)
})

test('the rows are about exactly what the short matrix of the table measures', () => {
  const languages = [...reports.values()].flatMap(({ runtimes }) => Object.keys(runtimes).filter(isLanguage))
  const measured = [
    ...(['node', 'deno', 'bun'] as const).flatMap((runtime) => tableOf(runtime)),
    ...languages.flatMap((language) => tableOfLanguage(language)),
  ].map(cellId)
  const wanted = all.rows
    .filter(({ id }) => id.startsWith('runtime.'))
    .flatMap(({ id, cells }) => Object.keys(cells).flatMap((runtime) => wantedResults(id, runtime, all.rows)))
  assert.equal([...new Set(wanted)].sort(), [...new Set(measured)].sort())
})

test('evidence about a runtime leads to what was read', () => {
  const seen = seenIn(runs, `${path}#${result}`)
  for (const version of Object.keys(versionsOf(all)))
    assert.ok(seen?.includes(`${version}: end of file 20 of 20`), seen)
  assert.is(seenIn(runs, `${path}#node.net.bare.boredom.idle`), undefined)
  const words = countsInWords(counts({ eof: 1, reset: 1, bytes: [1, 9], closeNotify: 1 }))
  assert.is(words, 'end of file 1 of 2, reset 1 of 2 (close_notify 1), after 1 … 9 bytes')
})

test('the promise of a guard is asked of the presets that make it, and of nobody else', () => {
  const cells = matrixOf('node').filter(({ transport }) => transport === 'net')
  const asked = cells.filter((cell) => demanded(cell) !== undefined)
  assert.equal([...new Set(asked.map(({ hold }) => hold))], ['compatible', 'strict'])
  const find = (hold: string, situation: string) =>
    cells.find((cell) => cell.hold === hold && cell.situation === situation && cell.death === 'kill')!
  assert.is(broken(find('bare', 'flowing'), counts({ eof: 2 })), undefined)
  assert.is(broken(find('compatible', 'flowing'), counts({ reset: 2 })), undefined)
  assert.match(broken(find('compatible', 'flowing'), counts({ eof: 1, reset: 1 })) ?? '', '1 of 2 ended with a reset')
  assert.match(broken(find('strict', 'finished'), counts({ eof: 2 })) ?? '', 'end of file behind 5 of 100000 bytes')
  assert.is(broken(find('strict', 'finished'), counts({ eof: 2, bytes: [100_000, 100_000] })), undefined)
})

test.run()
