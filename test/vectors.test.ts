// Tests that every vector holds, that their files follow the schema, and that together they cover the rules.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CONFIRM, ERROR } from '../adapters/core/names.js'
import { platforms } from '../adapters/core/platforms.js'
import { parsePolicy, presets } from '../adapters/core/policy.js'
import { rules } from '../adapters/core/rules.js'
import type { PresetName } from '../adapters/core/types.js'
import { engine, lingerBytes } from '../adapters/core/wasm.js'
import type { DecisionVector, Vector } from '../adapters/spec/vector-types.js'
import { checkVector, contextOf, loadVectors, runVectors, type Subject, tellState } from '../conformance/vectors.js'

const files = loadVectors()
const vectors = [...files.values()].flat()
const decisions = vectors.filter((vector): vector is DecisionVector => 'event' in vector)
const subject: Subject = { engine: engine(), bytes: lingerBytes }

test('every file follows its schema', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })
  const validate = ajv.compile(JSON.parse(readFileSync('spec/schemas/vectors.schema.json', 'utf8')))
  for (const [file, list] of files) assert.ok(validate(list), `${file}: ${ajv.errorsText(validate.errors)}`)
})

for (const [file, list] of files) {
  test(`every vector of ${file} holds`, () => {
    for (const vector of list) {
      const { expected, actual } = checkVector(vector, subject)
      assert.is(actual, expected, `${vector.id}: ${vector.title}`)
    }
  })
}

test('ids are given once', () => {
  const ids = vectors.map(({ id }) => id)
  assert.equal(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  )
})

test('titles are given once', () => {
  const titles = vectors.map(({ title }) => title)
  assert.equal(
    titles.filter((title, index) => titles.indexOf(title) !== index),
    [],
  )
})

test('every rule is hit by a vector and every vector names a rule', () => {
  const named = new Set(decisions.map(({ rule }) => rule))
  assert.equal(
    rules.filter(({ rule }) => !named.has(rule)).map(({ rule }) => rule),
    [],
  )
  assert.equal(
    [...named].filter((id) => !rules.some(({ rule }) => rule === id)),
    [],
  )
})

test('the vectors go over every platform and machine', () => {
  const used = new Set(vectors.map(({ context }) => context.platform))
  const known = Object.entries(platforms).flatMap(([id, { arch }]) => [
    id,
    ...Object.keys(arch).map((machine) => `${id}-${machine}`),
  ])
  assert.equal(
    known.filter((id) => !used.has(id)),
    [],
  )
  assert.ok(decisions.length >= 100, `${decisions.length} decisions`)
})

test('the vectors go over the presets, the confirmations and the hosts that lack something', () => {
  const words = new Set(decisions.map(({ context }) => contextOf(context) & ~0xffff))
  for (const preset of Object.keys(presets) as PresetName[])
    assert.ok(words.has(parsePolicy(preset, true).bits), preset)
  assert.ok(words.has(parsePolicy('compatible', false).bits), 'compatible on a socket that is never half-open')
  const confirms = new Set(decisions.map(({ context }) => context.confirm))
  for (const word of ['NONE', 'KERNEL', 'ACKED', 'PEER']) assert.ok(confirms.has(word) && word in CONFIRM, word)
  for (const lacks of ['ARM', 'DISCONNECT', 'HOLD', 'DRAIN', 'SEE_ACKED']) {
    assert.ok(
      decisions.some(({ context }) => !context.can?.includes(lacks)),
      lacks,
    )
  }
})

test('every error has an errno', () => {
  const errors = new Set(vectors.flatMap((vector) => ('errno' in vector ? [vector.error] : [])))
  assert.equal(
    Object.keys(ERROR).filter((error) => !errors.has(error)),
    [],
  )
})

test('a vector that does not hold is told in words, with the command that repeats it', async () => {
  const [result] = await runVectors((id) => id === 'close-linux')
  assert.is(result?.outcome, 'pass')
  assert.match(result?.repeat ?? '', 'test close-linux --only vectors')
  const wrong = { ...(vectors.find(({ id }) => id === 'close-linux') as DecisionVector), plan: ['ARM'] }
  const { expected, actual } = checkVector(wrong, subject)
  assert.match(expected, 'close-flushes: ARM; becomes CLOSING ARMED')
  assert.match(actual, 'close-flushes: FLUSH, FLUSH_DEADLINE; becomes CLOSING ARMED')
})

test('a word that spec/abi.json does not have is an error in the vector', () => {
  const [vector] = vectors
  assert.throws(() => checkVector({ ...vector, event: 'VANISHED' } as Vector, subject), /EVENT_VANISHED/)
})

test('a state is told in words', () => {
  assert.is(tellState(0), 'NEW')
  assert.is(tellState(1 | 8 | (2 << 11)), 'OPEN ARMED cause=CLOSE')
})

test.run()
