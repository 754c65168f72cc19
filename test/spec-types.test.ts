// Tests that the types of finrst/spec have every field that the schemas have, and as optional as they are there.
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { seenIn } from '../adapters/spec/cells.js'
import type { Probe, RunReport } from '../adapters/spec/types.js'

interface Schema {
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  $defs?: Record<string, Schema>
}

const source = ['types', 'results', 'vector-types']
  .map((name) => readFileSync(`adapters/spec/${name}.ts`, 'utf8'))
  .join('\n')

/** The fields of an interface, those of what it extends included; true: it may be missing. */
function fieldsOf(name: string, text = source): Map<string, boolean> {
  const [, bases, body] =
    new RegExp(`^(?:export )?interface ${name}(?: extends ([^{]+))? \\{\n([^]*?)^\\}`, 'm').exec(text) ?? []
  if (body === undefined) throw new Error(`there is no interface ${name}`)
  const fields = new Map<string, boolean>()
  for (const base of bases?.split(', ') ?? []) {
    const partial = /^Partial<(\w+)>$/.exec(base.trim())?.[1]
    for (const [field, optional] of fieldsOf(partial ?? base.trim(), text))
      fields.set(field, optional || partial !== undefined)
  }
  for (const [, field = '', mark] of body.matchAll(/^ {2}(\w+)(\?)?: /gm)) fields.set(field, mark === '?')
  return fields
}

/** What the type and the schema disagree about. A field of the type that no schema has is not looked for. */
function gaps(name: string, schema: Schema, text = source): string[] {
  const fields = fieldsOf(name, text)
  return Object.keys(schema.properties ?? {}).flatMap((field) => {
    if (field === '$schema') return []
    const optional = fields.get(field)
    if (optional === undefined) return [`${name} has no ${field}`]
    const required = schema.required?.includes(field) === true
    if (required !== optional) return []
    return [`${name}.${field} ${required ? 'is never' : 'may be'} missing`]
  })
}

const schemaOf = (name: string): Schema => JSON.parse(readFileSync(`spec/schemas/${name}.schema.json`, 'utf8'))

function at(schema: Schema, path: string): Schema {
  const found = path
    .split('/')
    .filter((word) => word !== '')
    .reduce((inner: unknown, word) => (inner as Record<string, unknown> | undefined)?.[word], schema)
  if (found === undefined) throw new Error(`the schema has no ${path}`)
  return found as Schema
}

const pairs: [schema: string, path: string, type: string][] = [
  ['table-row', '', 'Row'],
  ['table-row', '$defs/cell', 'Cell'],
  ['table-row', '$defs/evidence', 'Evidence'],
  ['table-row', 'properties/engine/items', 'Use'],
  ['platform', '', 'Platform'],
  ['platform', 'properties/releases/items', 'Release'],
  ['platform', 'properties/arches/items', 'Arch'],
  ['platform', '$defs/constant', 'Constant'],
  ['platform', '$defs/numbers/additionalProperties', 'HeaderNumber'],
  ['platform', '$defs/sendQueue', 'SendQueue'],
  ['rules', '', 'RuleFile'],
  ['rules', '$defs/rule', 'Rule'],
  ['vectors', '$defs/decision', 'DecisionVector'],
  ['vectors', '$defs/linger', 'LingerVector'],
  ['vectors', '$defs/errno', 'ErrnoVector'],
  ['vectors', '$defs/state', 'StateWords'],
  ['vectors', '$defs/context', 'ContextWords'],
  ['run', '', 'Probe'],
  ['abi', '', 'Abi'],
  ['report', '', 'Report'],
  ['report', 'properties/testee', 'Hello'],
  ['report', 'properties/system', 'Machine'],
  ['report', '$defs/result', 'Result'],
  ['report', '$defs/traceLine', 'TraceLine'],
  ['runtime-report', '', 'RuntimeReport'],
  ['runtime-report', '$defs/counts', 'CrashCounts'],
]

if (existsSync('spec/schemas/run-report.schema.json')) pairs.push(['run-report', '', 'RunReport'])

for (const [schema, path, type] of pairs) {
  test(`the type ${type} has what ${schema}.schema.json says`, () => {
    assert.equal(gaps(type, at(schemaOf(schema), path)), [])
  })
}

test('a field that is missing, or wrongly required, is noticed', () => {
  const types = 'interface Base {\n  b?: string\n}\nexport interface One extends Partial<Base> {\n  a: string\n}\n'
  const schema = { required: ['a'], properties: { $schema: {}, a: {}, b: {} } }
  assert.equal(gaps('One', schema, types), [])
  assert.equal(gaps('One', { required: [], properties: { a: {}, c: {} } }, types), [
    'One.a may be missing',
    'One has no c',
  ])
  assert.equal(gaps('One', { ...schema, required: ['a', 'b'] }, types), ['One.b is never missing'])
})

test('evidence of a run leads to what was seen', () => {
  const run: Probe = {
    date: '2026-11-22',
    how: 'A program.',
    notation: 'Words.',
    systems: { 'Linux 6.18.44': { platform: 'linux', release: '6.18' } },
    cases: { 'close unread data, twice': { 'Linux 6.18.44': 'wire[L:R]' } },
  }
  assert.is(seenIn([run], 'probe 2026-11-22: Linux 6.18.44, close unread data, twice'), 'wire[L:R]')
  assert.is(seenIn([run], 'probe 2026-11-22: Linux 6.18.44, close unread data, twice: the second'), 'wire[L:R]')
  assert.is(seenIn([run], 'probe 2026-11-22: Linux 6.18.44, close unread data'), undefined)
  assert.is(seenIn([run], 'probe 2026-11-23: Linux 6.18.44, close unread data, twice'), undefined)
  const made = {
    run: 1,
    platform: 'linux',
    release: '6',
    arch: 'x64',
    date: '2026-11-26',
    node: '20',
    finrst: '1',
  } as const
  const rows = {
    'close.unread': { answer: 'reset', level: 'peer', values: { sent: 'RST', end: 'ECONNRESET' } },
    'close.plain': { answer: 'fin', level: 'peer', values: {} },
  } as const
  const report: RunReport = { ...made, system: 'linux-6.18', rows }
  assert.is(seenIn([run, report], 'spec/runs/linux-6.18.json#close.unread'), 'sent=RST end=ECONNRESET')
  assert.is(seenIn([run, report], 'spec/runs/linux-6.18.json#close.plain'), 'fin')
  assert.is(seenIn([run, report], 'spec/runs/linux-6.19.json#close.plain'), undefined)
  assert.is(seenIn([run], 'linux@6.12.117:net/ipv4/tcp.c#__tcp_close'), undefined)
})

test.run()
