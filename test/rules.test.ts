// Tests spec/rules.json: its schema, its numbers, and that the engine does what the table of transitions says.
import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EVENT, PHASE, PLAN, STEP } from '../adapters/core/names.js'
import { rules as texts } from '../adapters/core/rules.js'
import { engine } from '../adapters/core/wasm.js'
import { readRules } from '../adapters/spec/files.js'
import type { Rule } from '../adapters/spec/types.js'
import { provideMemory } from './twin/memory.ts'

provideMemory()
const { entry, isReset, transition } = await import('../assembly/rules.ts')

const file = readRules()
const { rules, transitions } = file
const byId = new Map(rules.map((rule) => [rule.id, rule]))
const phases = ['OPEN', 'FINISHING', 'CLOSING', 'FINISHED', 'DRAINING']

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })
const validate = ajv.compile(JSON.parse(readFileSync('spec/schemas/rules.schema.json', 'utf8')))

test('the file follows its schema', () => {
  assert.ok(validate(file), ajv.errorsText(validate.errors))
})

test('every rule cites a clause of an RFC or a row of the table', () => {
  const uncited = rules.filter(({ clause, row }) => clause === undefined && row === undefined)
  assert.equal(uncited, [])
  const { clause: _, row: __, ...bare } = rules[0] as Rule
  assert.not(validate({ ...file, rules: [bare, ...rules.slice(1)] }), 'the schema accepts a rule that cites nothing')
})

test('the file tells what each clause is about that a rule cites, and no other', () => {
  const cited = new Set(rules.flatMap(({ clause }) => clause ?? []))
  assert.equal(Object.keys(file.clauses).sort(), [...cited].sort())
})

test('numbers and ids are given once and fit the plan', () => {
  assert.is(new Set(rules.map(({ number }) => number)).size, rules.length)
  assert.is(byId.size, rules.length)
  for (const { number, id } of rules) assert.ok(number > 0 && number <= (PLAN.RULE_MASK ?? 0), id)
})

test('every rule rests on a row of the table that exists', () => {
  const rows = new Set(readdirSync('spec/table').map((name) => name.replace(/\.json$/, '')))
  assert.equal(
    rules.filter(({ row }) => row !== undefined && !rows.has(row)).map(({ id }) => id),
    [],
  )
})

test('every event has a rule in every phase', () => {
  assert.equal(Object.keys(transitions).sort(), Object.keys(EVENT).sort())
  for (const [event, row] of Object.entries(transitions)) assert.equal(Object.keys(row), phases, event)
  const named = Object.values(transitions).flatMap((row) => Object.values(row))
  assert.equal(
    named.filter((id) => !byId.has(id)),
    [],
  )
})

test('the compiled table of transitions is the one of the file', () => {
  for (const [event, row] of Object.entries(transitions)) {
    for (const [phase, id] of Object.entries(row)) {
      assert.is(transition(EVENT[event] ?? 0, PHASE[phase] ?? 0), byId.get(id)?.number, `${event} in ${phase}`)
    }
  }
})

test('the compiled rule book is the one of the file', () => {
  for (const rule of rules) {
    const like = rule.like === undefined ? rule : (byId.get(rule.like) as Rule)
    const steps = (like.steps ?? []).reduce((plan, step, index) => plan | ((STEP[step] ?? 0) << (4 * index)), 0)
    assert.is(entry(rule.number) & (PLAN.ALL_STEPS ?? 0), steps, rule.id)
    assert.is((entry(rule.number) >> 20) & 7, like.phase === undefined ? 0 : PHASE[like.phase], rule.id)
    const cause = like.cause === 'first' ? 1 : like.cause === 'wins' ? 2 : 0
    assert.is((entry(rule.number) >> 23) & 3, cause, rule.id)
    assert.is(Boolean(isReset(rule.number)), rule.like !== undefined || rule.id === 'abort-resets', rule.id)
  }
})

test('no rule has more steps than a plan holds', () => {
  for (const { id, steps } of rules) assert.ok((steps ?? []).length <= (PLAN.STEPS ?? 0), id)
})

test('a rule that sends our FIN disarms first, and one that reports does it last', () => {
  for (const { id, steps = [] } of rules) {
    if (steps.includes('SHUT_WRITE')) assert.is(steps.indexOf('DISARM'), 0, id)
    if (steps.includes('REPORT')) assert.is(steps.indexOf('REPORT'), steps.length - 1, id)
    if (steps.includes('CLOSE'))
      assert.ok(!steps.includes('RELEASE') || steps.indexOf('RELEASE') < steps.indexOf('CLOSE'), id)
    if (steps.includes('ARM')) assert.is(steps.indexOf('ARM'), 0, id)
  }
})

test('a rule that leads to a wait starts a clock', () => {
  const waits = rules.filter(({ phase }) => phase === 'CLOSING' || phase === 'DRAINING')
  const clockless = waits.filter(
    ({ steps = [] }) => !steps.includes('FLUSH_DEADLINE') && !steps.includes('DRAIN_DEADLINE'),
  )
  assert.equal(
    clockless.map(({ id }) => id),
    [],
  )
})

test('the engine fires no rule that the file does not have', () => {
  const numbers = new Set(rules.map(({ number }) => number))
  for (let word = 0; word < 500_000; word += 1) {
    const state = ((word * 40503) & 0x7f8) | (word % 7)
    const plan = engine().decide((word * 2654435761) & 0x7fffffff, state, 1 + (word % 18), (word * 7919) & 0xffff)
    const number = (plan >> (PLAN.RULE_SHIFT ?? 0)) & (PLAN.RULE_MASK ?? 0)
    if (!numbers.has(number)) assert.unreachable(`rule ${number}`)
  }
})

test('explain() has the text of every rule', () => {
  assert.equal(
    texts.map(({ number, rule, title, why }) => ({ number, id: rule, title, why })),
    rules.map(({ number, id, title, why }) => ({ number, id, title, why })),
  )
})

test.run()
