// Checks the platform registry, the behaviour table and the files that are generated from them.
import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cellsOf, isSystem, probesOf, strengthOf } from '../adapters/spec/cells.ts'
import { readAbi, readPlatforms, readRows, readRuns } from '../adapters/spec/files.ts'
import type { Cell, Row } from '../adapters/spec/types.ts'
import { generateAbi } from '../scripts/generate/abi.ts'
import { answerOf, certaintyOf, generateTable, tableColumns, tableRows, traitsOf } from '../scripts/generate/table.ts'
import { breaks as rules } from './spec-breaks.ts'
import { cellOf, cellsAreComplete, claimsSetNothing, type Traits } from './spec-lint.ts'
import { provideMemory } from './twin/memory.ts'

provideMemory()
const twin = await import('../assembly/table.ts')

const abi = readAbi()
const platforms = readPlatforms()
const rows = readRows()
const runs = probesOf(readRuns())
const spec = { abi, platforms, rows, runs }
const systems = platforms.filter(isSystem)
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })

for (const [fact, rule, breaks] of rules) {
  test(fact, () => {
    assert.equal(rule(spec), [])
  })
  test(`a break is noticed: ${fact}`, () => {
    const broken = structuredClone(spec)
    breaks(broken)
    assert.is.not(rule(broken).length, 0)
  })
}

test('a row about runtimes has a cell for each of them, and none for a system', () => {
  const runtimes = platforms.filter(({ kind }) => kind === 'runtime').map(({ id }) => id)
  assert.equal(runtimes, ['bun', 'deno', 'node'])
  const unknown: Cell = { is: 'unknown', evidence: [] }
  const cells = Object.fromEntries(runtimes.map((id) => [id, unknown]))
  const row: Row = { ...rows[0], id: 'runtime.sample', of: 'runtime', cells }
  assert.equal(cellsAreComplete({ ...spec, rows: [row] }), [])
  const { node: _, ...fewer } = cells
  assert.equal(cellsAreComplete({ ...spec, rows: [{ ...row, cells: fewer }] }), ['runtime.sample: no cell for node'])
  assert.equal(cellsAreComplete({ ...spec, rows: [{ ...row, cells: { ...cells, linux: unknown } }] }), [
    'runtime.sample: a cell for linux, which it is not about',
  ])
})

test('the schema lets a row be about runtimes, and no runtime feed the engine', () => {
  const validate = ajv.compile({ $ref: 'table-row.schema.json' })
  const row = parse('spec/table/exit.default.json')
  const { engine: _, ...plain } = row
  assert.ok(validate({ ...plain, of: 'runtime' }), ajv.errorsText(validate.errors))
  assert.not.ok(validate({ ...row, of: 'runtime' }))
  assert.not.ok(validate({ ...plain, of: 'os' }))
})

test('a runtime has no row, no number and no place in the compiled table', () => {
  const validate = ajv.compile({ $ref: 'platform.schema.json' })
  const [runtime, linux] = ['node', 'linux'].map((id) => parse(`spec/platforms/${id}.json`))
  assert.ok(validate({ ...runtime }), ajv.errorsText(validate.errors))
  for (const field of ['row', 'constants', 'numbers', 'errors', 'sendQueue', 'arches']) {
    assert.not.ok(validate({ ...runtime, [field]: linux[field] }), field)
  }
  assert.equal(tableRows(platforms), tableRows(platforms.filter(({ kind }) => kind === 'os')))
})

test('no claim sets a trait', () => {
  assert.equal(claimsSetNothing(spec, traitsOf), [])
})

test('a break is noticed: no claim sets a trait', () => {
  const gullible: Traits = (platform, [row]) => Number(cellsOf(row, platform)[0]?.is === 'reset')
  assert.equal(claimsSetNothing(spec, gullible), ['close.unread/windows: nothing but a claim sets a trait'])
})

test('a cell that only a claim speaks for is the same to the engine as an unknown one', () => {
  const { row, cell } = cellOf(structuredClone(spec), 'exit.default', 'windows')
  assert.is(answerOf(row, 'windows'), 'reset')
  cell.evidence = [{ kind: 'claim', ref: 'somebody said so' }]
  assert.is(answerOf(row, 'windows'), undefined)
  const constants = new Map([['TRAIT_DEATH_RESETS', 1]])
  assert.is(traitsOf('windows', [row], constants), 0)
})

test('the unknown takes the conservative branch', () => {
  const { row } = cellOf(spec, 'reset.delivered', 'linux')
  const constants = new Map([['TRAIT_RESET_MAY_BE_LOST', 32]])
  assert.is(traitsOf('linux', [row], constants), 0)
  assert.is(traitsOf('illumos', [row], constants), 32)
  assert.is(traitsOf('macos', [row], constants), 32)
})

test('the strength of a cell is its strongest evidence that agrees with it', () => {
  const cell: Cell = { is: 'fin', evidence: [{ kind: 'claim', ref: 'thread' }] }
  assert.is(strengthOf(cell), 'assumed')
  assert.is(strengthOf({ ...cell, evidence: [...cell.evidence, { kind: 'doc', ref: 'page' }] }), 'documented')
  assert.is(strengthOf({ ...cell, evidence: [{ kind: 'run', ref: 'report.json' }] }), 'measured')
  assert.is(strengthOf({ ...cell, evidence: [{ kind: 'run', ref: 'report.json', says: 'reset' }] }), 'assumed')
  assert.is(strengthOf({ is: 'unknown', evidence: [] }), 'unknown')
})

test('to the engine the unknown is assumed', () => {
  assert.is(certaintyOf({ is: 'fin', evidence: [{ kind: 'run', ref: 'report.json' }] }), 'MEASURED')
  assert.is(certaintyOf({ is: 'unknown', evidence: [] }), 'ASSUMED')
  assert.is(certaintyOf(undefined), 'ASSUMED')
})

const files: [folder: string, schema: string, ids: string[]][] = [
  ['spec/platforms', 'platform', platforms.map(({ id }) => id)],
  ['spec/table', 'table-row', rows.map(({ id }) => id)],
  ['spec/runs', 'run', runs.map(({ date }) => `probe-${date}`)],
]
const parse = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

for (const [folder, schema, ids] of files) {
  const validate = ajv.compile(parse(`spec/schemas/${schema}.schema.json`))
  test(`the files of ${folder} follow their schema and are called after their id`, () => {
    for (const id of ids)
      assert.ok(validate(parse(`${folder}/${id}.json`)), `${id}: ${ajv.errorsText(validate.errors)}`)
  })
  test(`the schema of ${folder} refuses a field that it does not know, and a missing one`, () => {
    const file = parse(`${folder}/${ids[0]}.json`)
    assert.not.ok(validate({ ...file, colour: 'red' }))
    for (const field of Object.keys(file).slice(0, 2)) {
      const { [field]: _, ...less } = file
      assert.not.ok(validate(less), `without ${field}`)
    }
  })
}

test('spec/domain.json follows its schema, and names each event of the ABI', () => {
  const validate = ajv.compile(parse('spec/schemas/domain.schema.json'))
  const domain = parse('spec/domain.json') as { events: object }
  assert.ok(validate(domain), ajv.errorsText(validate.errors))
  assert.not.ok(validate({ ...domain, traitsMask: 0 }))
  assert.equal(Object.keys(domain.events), Object.keys(abi.groups.EVENT.values))
})

test('spec/abi.json follows its schema', () => {
  const validate = ajv.compile(parse('spec/schemas/abi.schema.json'))
  assert.ok(validate(parse('spec/abi.json')), ajv.errorsText(validate.errors))
  assert.not.ok(validate({ ...parse('spec/abi.json'), version: '1' }))
})

test('the schema wants a symbol for what was read in a source', () => {
  const validate = ajv.compile({ $ref: 'table-row.schema.json#/$defs/evidence' })
  assert.ok(validate({ kind: 'source', ref: 'owner/repo@0123abcd:path/file.c#function' }))
  assert.not.ok(validate({ kind: 'source', ref: 'I once read it' }))
  assert.not.ok(validate({ kind: 'run', ref: 'it worked for me' }))
})

test('the generated files are current', () => {
  for (const [path, text] of [...generateAbi(), ...generateTable()]) {
    assert.ok(readFileSync(path, 'utf8') === text, `${path} is stale; run npm run generate`)
  }
})

test('column() is the registry, for every platform and column', () => {
  const table = tableRows(platforms)
  assert.is(twin.PLATFORMS, table.length)
  for (const { which, name, values } of tableColumns(abi, table, rows)) {
    // The number of no error is the column before the errors.
    if (name.endsWith('ERROR_NONE')) continue
    values.forEach((value, index) => {
      assert.is(twin.column(index + 1, which), value, `${table[index].name}, ${name}`)
    })
  }
})

test('column() is the number in the file of the platform, read without the generator', () => {
  const { COLUMN, ERROR } = abi.groups
  for (const { row, constants, errors, arches = [] } of systems) {
    for (const own of [{ row, constants, errors }, ...arches]) {
      for (const [name, { value }] of Object.entries({ ...errors, ...own.errors })) {
        assert.is(twin.column(own.row, COLUMN.values.ERRNO + ERROR.values[name]), value, `${own.row} ${name}`)
      }
      const number = (key: string): number => own.constants?.[key]?.value ?? constants[key]?.value ?? 0
      assert.is(twin.column(own.row, COLUMN.values.SOCKET_LEVEL), number('socketLevel'))
      assert.is(twin.column(own.row, COLUMN.values.LINGER_OPTION), number('lingerOption'))
      assert.is(twin.column(own.row, COLUMN.values.LINGER_MOST), number('lingerMost'))
      assert.is(twin.column(own.row, COLUMN.values.LINGER_BYTES), number('lingerBytes'))
      assert.is(twin.column(own.row, COLUMN.values.LINGER_TICKS_OPTION), number('lingerTicksOption'))
    }
  }
})

test('an unknown platform, column or error is 0', () => {
  const { COLUMN, ERROR } = abi.groups
  for (let which = 0; which < 64; which += 1) {
    assert.is(twin.column(0, which), 0)
    assert.is(twin.column(twin.PLATFORMS + 1, which), 0)
    assert.is(twin.column(63, which), 0)
  }
  assert.is(twin.column(twin.PLATFORM_LINUX, COLUMN.values.ERRNO + ERROR.values.OTHER), 0)
  assert.is(twin.column(twin.PLATFORM_WINDOWS, COLUMN.values.ERRNO + ERROR.values.BROKEN_PIPE), 0)
})

test.run()
