// Tests the run reports and everything that joins them to the scripts and to the table.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { measuredCells, systemName } from '../conformance/cells.js'
import { cellsOf } from '../adapters/spec/cells.ts'
import { readRows } from '../adapters/spec/files.ts'
import type { Cell } from '../adapters/spec/types.ts'
import { cite, jsonText, readReports, type RunReport, splitRef } from '../scripts/runs.ts'
import {
  listedScriptsExist,
  referencesHold,
  reportsAreCited,
  reportsAreNamed,
  reportsAreOfScripts,
  rowScriptsAreListed,
  rowScriptsHaveRun,
  type RunRule,
  type Runs,
  whatHasNoScriptSaysWhy,
} from './run-lint.ts'
import { buildCommandLine, finrst, folder, folderWith, within } from './support/command-line.js'

const runs: Runs = {
  rows: readRows(),
  scripts: readdirSync('spec/wire').flatMap((name) => /^(.+)\.wire$/.exec(name)?.[1] ?? []),
  reports: readReports(),
}

const path = 'spec/runs/linux-6.18.json'
const row = 'close.unread'
const rowOf = ({ rows }: Runs) => {
  const found = rows.find(({ id }) => id === row)
  if (!found) throw new Error(`there is no row ${row}`)
  return found
}
const cellOf = (of: Runs): Cell => cellsOf(rowOf(of), 'linux')[0]
const reportOf = ({ reports }: Runs): RunReport => {
  const found = reports.get(path)
  if (!found) throw new Error(`there is no report ${path}`)
  return found
}

// Every rule with a break that it has to notice.
const rules: [fact: string, rule: RunRule, breaks: (runs: Runs) => void][] = [
  ['the scripts of a row exist', listedScriptsExist, (of) => rowOf(of).wire?.push('no-such-script')],
  [
    'the script of a row is in its list',
    rowScriptsAreListed,
    (of) => {
      rowOf(of).wire = ['plain-close-unread']
    },
  ],
  ['no row lists the script of another row', rowScriptsAreListed, (of) => rowOf(of).wire?.push('close.plain')],
  ['no script is named like a row that is not there', rowScriptsAreListed, (of) => of.scripts.push('close.loudly')],
  [
    'a row without a script says why',
    whatHasNoScriptSaysWhy,
    (of) => {
      delete rowOf(of).wire
    },
  ],
  [
    'a report is named after its system',
    reportsAreNamed,
    (of) => {
      reportOf(of).system = 'linux-6.12'
    },
  ],
  [
    'a report is about scripts that are there',
    reportsAreOfScripts,
    (of) => of.scripts.splice(of.scripts.indexOf(row), 1),
  ],
  [
    'the answers of a report are answers of the rows',
    reportsAreOfScripts,
    (of) => {
      reportOf(of).rows[row].answer = 'perhaps'
    },
  ],
  [
    'no reference leads to a line that is not there',
    referencesHold,
    (of) => cellOf(of).evidence.push({ kind: 'run', ref: `${path}#close.loudly` }),
  ],
  [
    'no reference leads to a report that is not there',
    referencesHold,
    (of) => cellOf(of).evidence.push({ kind: 'run', ref: `spec/runs/linux-2.4.json#${row}` }),
  ],
  [
    'no reference leads to another row',
    referencesHold,
    (of) => cellOf(of).evidence.push({ kind: 'run', ref: `${path}#exit.armed` }),
  ],
  [
    'no cell cites the report of another platform',
    referencesHold,
    (of) => {
      rowOf(of).cells.freebsd = cellOf(of)
    },
  ],
  [
    'a cell says what its report says',
    referencesHold,
    (of) => {
      cellOf(of).is = 'fin'
    },
  ],
  [
    'every answer of a report is cited by its cell',
    reportsAreCited,
    (of) => {
      cellOf(of).evidence = [{ kind: 'run', ref: 'probe 2026-11-22: Linux 6.18.44, a case' }]
    },
  ],
  ['every row script has run', rowScriptsHaveRun, (of) => delete reportOf(of).rows[row]],
]

for (const [fact, rule, breaks] of rules) {
  test(fact, () => assert.equal(rule(runs), []))
  test(`a break is noticed: ${fact}`, () => {
    const broken = structuredClone(runs)
    breaks(broken)
    assert.is.not(rule(broken).length, 0)
  })
}

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })
const schemaOf = (name: string) => JSON.parse(readFileSync(`spec/schemas/${name}.schema.json`, 'utf8'))

test('run reports follow their schema', () => {
  const validate = ajv.compile(schemaOf('run-report'))
  assert.ok(runs.reports.size > 0)
  for (const [name, report] of runs.reports) assert.ok(validate(report), `${name}: ${ajv.errorsText(validate.errors)}`)
  const report = reportOf(runs)
  assert.not.ok(validate({ ...report, colour: 'red' }))
  assert.not.ok(validate({ ...report, run: 2 }))
  assert.not.ok(validate({ ...report, rows: {} }))
  assert.not.ok(validate({ ...report, rows: { [row]: { answer: 'reset', level: 'wire', values: {} } } }))
})

test('a reference to a report names the report and the row', () => {
  ajv.addSchema(schemaOf('table-row'))
  const validate = ajv.compile({ $ref: 'table-row.schema.json#/$defs/evidence' })
  assert.ok(validate({ kind: 'run', ref: `${path}#${row}` }))
  assert.ok(validate({ kind: 'run', ref: 'probe 2026-11-22: Linux 6.18.44, a case' }))
  for (const ref of [path, `${path}#`, `${path}#close`, `report.json#${row}`, `spec/runs/../a.json#${row}x y`]) {
    assert.not.ok(validate({ kind: 'run', ref }), ref)
  }
  assert.equal(splitRef(`${path}#${row}`), { path, row })
  assert.is(splitRef('probe 2026-11-22: Linux 6.18.44, a case'), undefined)
})

const linux: Pick<RunReport, 'platform' | 'system'> = { platform: 'linux', system: 'linux-6.18' }
const reportWith = (answer: string): RunReport => ({
  ...reportOf(runs),
  ...linux,
  rows: { 'a.row': { answer, level: 'peer', values: {} } },
})
const rowText = (cells: string): string =>
  `{\n  "id": "a.row",\n  "answers": { "yes": "it does", "no": "not" },\n  "cells": {\n    "macos": { "is": "no",` +
  ` "evidence": [] },\n    "linux": ${cells},\n    "freebsd": { "is": "no", "evidence": [] }\n  }\n}\n`
const cellText = (is: string, evidence: string): string =>
  `{\n      "is": "${is}",\n      "note": "A note with [brackets] in it.",\n      "evidence": ${evidence}\n    }`

test('citing adds a reference to the newest cell, once, and changes nothing else', () => {
  const before = rowText(cellText('yes', '[{ "kind": "doc", "ref": "a [page] of a manual" }]'))
  const { text = '', problem } = cite(before, reportWith('yes'))
  assert.is(problem, undefined)
  const cited = '[\n        { "kind": "run", "ref": "spec/runs/linux-6.18.json#a.row" },\n'
  assert.is(text, rowText(cellText('yes', `${cited}        { "kind": "doc", "ref": "a [page] of a manual" }\n      ]`)))
  assert.equal(cite(text, reportWith('yes')), {})
  const old = `{ "is": "no", "until": "5", "evidence": [{ "kind": "doc", "ref": "an old page" }] }`
  const list = cite(rowText(`[\n    ${cellText('yes', '[]')},\n    ${old}\n    ]`), reportWith('yes')).text ?? ''
  assert.is(list.indexOf('#a.row'), list.lastIndexOf('#a.row'))
  assert.equal(JSON.parse(list).cells.linux[1], JSON.parse(old))
})

test('citing refuses where the cell and the run disagree, and where there is no cell', () => {
  const disagrees = cite(rowText(cellText('yes', '[]')), reportWith('no'))
  assert.equal(disagrees, { problem: 'a.row: the cell of linux says yes, the run says no' })
  const unknown = cite(rowText(cellText('unknown', '[]')), reportWith('no'))
  assert.equal(unknown, { problem: 'a.row: the cell of linux says unknown, the run says no' })
  const elsewhere = cite(rowText(cellText('yes', '[]')), { ...reportWith('yes'), platform: 'netbsd' })
  assert.equal(elsewhere, { problem: 'a.row: the table has no cell for netbsd' })
  const other = { ...reportWith('yes'), rows: { 'b.row': { answer: 'yes', level: 'peer', values: {} } as const } }
  assert.equal(cite(rowText(cellText('yes', '[]')), other), {})
})

test('what fits into a line is written on one', () => {
  assert.is(jsonText({ a: [1, { b: 'c' }], d: {} }), '{ "a": [1, { "b": "c" }], "d": {} }')
  const long = { a: 'x'.repeat(60), b: ['y'.repeat(30), 'z'.repeat(30)] }
  const lines = `{\n  "a": "${'x'.repeat(60)}",\n  "b": ["${'y'.repeat(30)}", "${'z'.repeat(30)}"]\n}`
  assert.is(jsonText(long), lines)
  assert.equal(JSON.parse(jsonText(long, 40)), long)
})

test('a system is a platform and the first two numbers of its release', () => {
  assert.is(systemName({ platform: 'linux', release: '6.18.44-fc-v669' }), 'linux-6.18')
  assert.is(systemName({ platform: 'freebsd', release: '15.0-RELEASE' }), 'freebsd-15.0')
})

test('a cell is measured where a row script came to an answer', () => {
  const system = { platform: 'linux', release: '6.18.44', arch: 'x64', can: true, why: '' }
  const base = { kind: 'wire', title: 'A fact', outcome: 'pass', ms: 1 } as const
  const results = [
    { ...base, id: row, row, answer: 'reset' },
    { ...base, id: 'exit.armed', row: 'exit.armed', outcome: 'skip' as const },
    { ...base, id: 'close-acked', row: 'close.plain' },
  ]
  const ref = `spec/runs/linux-6.18.json#${row}`
  assert.equal(measuredCells(results, system), [
    { row, platform: 'linux', is: 'reset', evidence: { kind: 'run', ref } },
  ])
})

if (process.platform === 'linux') {
  test.before(buildCommandLine)
  test.after(() => rmSync(folder, { recursive: true, force: true }))

  test(
    'emit-cells prints the cells of the row scripts and nothing else',
    within(async () => {
      const both = await finrst('test', row, 'exit.armed', '--emit-cells')
      assert.is(both.code, 0)
      const cells = JSON.parse(both.out) as { row: string; platform: string; is: string; evidence: object }[]
      assert.equal(
        cells.map((cell) => `${cell.row}=${cell.is}`),
        [`${row}=reset`, 'exit.armed=reset'],
      )
      assert.is(cells[0].platform, 'linux')
      assert.match(
        JSON.stringify(cells[0].evidence),
        /"kind":"run","ref":"spec\/runs\/linux-[0-9.]+\.json#close\.unread"/,
      )
      const wrong = folderWith(row, 'title: A fact\nguard: system\n\n$ open\n$ close -> a\n? fin: a=0\n')
      const other = await finrst('test', '--emit-cells', '--scripts', wrong)
      assert.is((JSON.parse(other.out) as { is: string }[])[0].is, 'fin')
      assert.is((await finrst('test', row, '--emit-cells', '--json', '-')).code, 2)
    }),
  )
}

test.run()
