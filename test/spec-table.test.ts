// Checks the platform registry, the behaviour table and the files that are generated from them.
import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cellsOf, isSystem, strengthOf } from '../adapters/spec/cells.ts'
import { readAbi, readPlatforms, readRows } from '../adapters/spec/files.ts'
import type { Cell } from '../adapters/spec/types.ts'
import { generateAbi } from '../scripts/generate/abi.ts'
import { answerOf, certaintyOf, generateTable, tableColumns, tableRows, traitsOf } from '../scripts/generate/table.ts'
import {
  cellsAreComplete,
  answersAreListed,
  evidenceFits,
  runsAgree,
  releasesAreInOrder,
  claimsSetNothing,
  engineIsFed,
  titlesAreFacts,
  idsAreUnique,
  errorsAreKnown,
  cellOf,
  type Rule,
  type Spec,
  type Traits,
} from './spec-lint.ts'
import { provideMemory } from './twin/memory.ts'

provideMemory()
const twin = await import('../assembly/table.ts')

const abi = readAbi()
const platforms = readPlatforms()
const rows = readRows()
const systems = platforms.filter(isSystem)
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })

// Every rule with a break that it has to notice.
const rules: [fact: string, rule: Rule, breaks: (spec: Spec) => void][] = [
  [
    'every row has a cell for every system',
    cellsAreComplete,
    (spec) => delete cellOf(spec, 'close.plain', 'linux').row.cells.netbsd,
  ],
  [
    'no cell is for a platform that nobody knows',
    cellsAreComplete,
    (spec) => {
      spec.rows[0].cells.plan9 = { is: 'unknown', evidence: [] }
    },
  ],
  [
    'a cell is one of the answers of its row',
    answersAreListed,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.is = 'maybe'
    },
  ],
  [
    'a known cell has evidence',
    evidenceFits,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence = []
    },
  ],
  [
    'evidence for another answer is no evidence',
    evidenceFits,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence = [{ kind: 'doc', ref: 'a page', says: 'reset' }]
    },
  ],
  [
    'an unknown cell has no evidence',
    evidenceFits,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.is = 'unknown'
    },
  ],
  [
    'no run contradicts its cell',
    runsAgree,
    (spec) => {
      cellOf(spec, 'close.plain', 'linux').cell.evidence[0].says = 'reset'
    },
  ],
  [
    'no two runs of one system disagree',
    runsAgree,
    (spec) => {
      const { row, cell } = cellOf(spec, 'close.plain', 'linux')
      row.cells.linux = [
        { ...cell, from: '6.18' },
        { ...cell, is: 'reset', until: '6.12' },
      ]
    },
  ],
  [
    'cells name releases of their platform',
    releasesAreInOrder,
    (spec) => {
      cellOf(spec, 'linger.inherit', 'freebsd').cell.from = '16'
    },
  ],
  [
    'cells follow each other without a gap',
    releasesAreInOrder,
    (spec) => {
      cellOf(spec, 'linger.inherit', 'freebsd').cell.from = '15'
    },
  ],
  [
    'the newest cell has no end',
    releasesAreInOrder,
    (spec) => {
      cellOf(spec, 'close.plain', 'freebsd').cell.until = '14'
    },
  ],
  ['every trait comes from one row', engineIsFed, (spec) => delete cellOf(spec, 'exit.default', 'linux').row.engine],
  [
    'a trait is set by an answer of its row',
    engineIsFed,
    (spec) => {
      cellOf(spec, 'exit.default', 'linux').row.engine = [{ trait: 'DEATH_RESETS', setBy: ['perhaps'] }]
    },
  ],
  [
    'a title is short',
    titlesAreFacts,
    (spec) => {
      spec.rows[0].title = 'a'.repeat(70)
    },
  ],
  [
    'a title is a fact',
    titlesAreFacts,
    (spec) => {
      spec.rows[0].title = 'A close should send a FIN'
    },
  ],
  [
    'rows have ids of their own',
    idsAreUnique,
    (spec) => {
      spec.rows[0].id = spec.rows[1].id
    },
  ],
  [
    'platforms have rows of their own',
    idsAreUnique,
    (spec) => {
      spec.platforms[0].row = spec.platforms[1].row ?? 0
    },
  ],
  [
    'an error of a platform is an error of the ABI',
    errorsAreKnown,
    (spec) => {
      spec.platforms[0].errors = { TOO_LATE: { name: 'ELATE', value: 1 } }
    },
  ],
]

for (const [fact, rule, breaks] of rules) {
  test(fact, () => {
    assert.equal(rule({ abi, platforms, rows }), [])
  })
  test(`a break is noticed: ${fact}`, () => {
    const broken = structuredClone({ abi, platforms, rows })
    breaks(broken)
    assert.is.not(rule(broken).length, 0)
  })
}

test('no claim sets a trait', () => {
  assert.equal(claimsSetNothing({ abi, platforms, rows }, traitsOf), [])
})

test('a break is noticed: no claim sets a trait', () => {
  const gullible: Traits = (platform, [row]) => Number(cellsOf(row, platform)[0]?.is === 'reset')
  assert.equal(claimsSetNothing({ abi, platforms, rows }, gullible), [
    'close.unread/windows: nothing but a claim sets a trait',
  ])
})

test('a cell that only a claim speaks for is the same to the engine as an unknown one', () => {
  const { row, cell } = cellOf(structuredClone({ abi, platforms, rows }), 'exit.default', 'windows')
  assert.is(answerOf(row, 'windows'), 'reset')
  cell.evidence = [{ kind: 'claim', ref: 'somebody said so' }]
  assert.is(answerOf(row, 'windows'), undefined)
  const constants = new Map([['TRAIT_DEATH_RESETS', 1]])
  assert.is(traitsOf('windows', [row], constants), 0)
})

test('the unknown takes the conservative branch', () => {
  const { row } = cellOf({ abi, platforms, rows }, 'reset.delivered', 'linux')
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
    const { id: _, ...nameless } = file
    assert.not.ok(validate(nameless))
  })
}

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
