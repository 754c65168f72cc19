// Runs the decision vectors of spec/vectors against the policy engine.
//
// 1. spec/README.md tells the algorithm in words; this file is that algorithm, without a shortcut.
// 2. A vector is a decision (given, event, plan, becomes), a struct linger or an errno; its fields tell which.
// 3. Everything shown is in the words of spec/abi.json, never in numbers.
import * as names from '../adapters/core/names.js'
import { platforms } from '../adapters/core/platforms.js'
import { rules } from '../adapters/core/rules.js'
import { ruleName } from '../adapters/core/verdict.js'
import { type Engine, engine, lingerBytes } from '../adapters/core/wasm.js'
import { readVectors } from '../adapters/spec/files.js'
import type {
  ContextWords,
  DecisionVector,
  ErrnoVector,
  LingerVector,
  StateWords,
  Vector,
} from '../adapters/spec/vector-types.js'
import { ownFile } from './own-file.js'
import type { Result } from './result.js'

const { ARGUMENT, BY, CAN, CONFIRM, CONTEXT, DELIVERY, ENDED, ERROR, EVENT, FACT, FIELD } = names
const { FLAG, PHASE, PLAN, POLICY, RECEIVE, RECEIVED, RESULT, STEP, COLUMN } = names

/** What of the engine a vector needs; the Wasm has it, and so has its source run as JavaScript. */
export type PureEngine = Pick<
  Engine,
  'decide' | 'enter' | 'settle' | 'normalise' | 'encodeLinger' | 'decodeLinger' | 'column'
>

/** The engine, and the eight bytes through which struct linger crosses. */
export interface Subject {
  engine: PureEngine
  bytes: (length: number) => Uint8Array
}

type Numbers = Readonly<Record<string, number>>

/** The number of a word; a word that spec/abi.json does not have is an error in the vector. */
function numberOf(words: Numbers, word: string, group: string): number {
  const number = Object.hasOwn(words, word) ? words[word] : undefined
  if (number === undefined) throw new Error(`spec/abi.json has no ${group}_${word}`)
  return number
}

function bitsOf(words: Numbers, list: readonly string[] | undefined, group: string): number {
  return (list ?? []).reduce((bits, word) => bits | numberOf(words, word, group), 0)
}

function wordOf(words: Numbers, number: number): string {
  return Object.entries(words).find(([word, value]) => value === number && word !== 'MASK')?.[0] ?? String(number)
}

/** The row of a platform: an id of spec/platforms, or an id and a machine such as linux-mips; unknown is row 0. */
export function rowOf(platform: string): number {
  if (platform === 'unknown') return 0
  const [id = '', arch] = platform.split('-')
  const found = platforms[id]
  const row = arch === undefined ? found?.row : found?.arch[arch]?.row
  if (row === undefined) throw new Error(`spec/platforms has no ${platform}`)
  return row
}

/** The context word. */
export function contextOf(words: ContextWords): number {
  const confirm = numberOf(CONFIRM, words.confirm ?? 'NONE', 'CONFIRM') << numberOf(CONFIRM, 'SHIFT', 'CONFIRM')
  const order = words.bigEndian === true ? numberOf(CONTEXT, 'BIG_ENDIAN', 'CONTEXT') : 0
  const bits = bitsOf(CAN, words.can, 'CAN') | bitsOf(POLICY, words.policy, 'POLICY')
  return rowOf(words.platform) | bits | confirm | order
}

// The fields of a state besides its phase and flags: name, words, shift, mask.
const fields = [
  ['receive', RECEIVE, 'RECEIVE_SHIFT', 3],
  ['cause', { NONE: 0, ...EVENT }, 'CAUSE_SHIFT', 15],
  ['ended', ENDED, 'ENDED_SHIFT', 3],
  ['by', BY, 'BY_SHIFT', 3],
  ['delivery', DELIVERY, 'DELIVERY_SHIFT', 7],
  ['received', RECEIVED, 'RECEIVED_SHIFT', 3],
] as const

const _zeroes: Readonly<Record<string, string>> = { receive: 'NORMAL', cause: 'NONE' }

/** The state word, without the rule. */
export function stateOf(words: StateWords): number {
  let state = numberOf(PHASE, words.phase, 'PHASE') | bitsOf(FLAG, words.flags, 'FLAG')
  for (const [name, numbers, shift] of fields) {
    const word = words[name]
    if (word !== undefined) state |= numberOf(numbers, word, name.toUpperCase()) << numberOf(FIELD, shift, 'FIELD')
  }
  return state
}

/** A state in words, on one line; a field that is zero is left out. */
export function tellState(state: number): string {
  const phase = wordOf(PHASE, state & numberOf(PHASE, 'MASK', 'PHASE'))
  const flags = Object.entries(FLAG)
    .filter(([, bit]) => (state & bit) !== 0)
    .map(([word]) => word)
  const rest = fields.flatMap(([name, numbers, shift, mask]) => {
    const number = (state >> numberOf(FIELD, shift, 'FIELD')) & mask
    return number === 0 ? [] : [`${name}=${wordOf(numbers, number)}`]
  })
  return [phase, ...flags.sort(), ...rest].join(' ')
}

/** The steps of a plan, in order. */
export function stepsOf(plan: number): string[] {
  const steps: string[] = []
  for (let rest = plan & numberOf(PLAN, 'ALL_STEPS', 'PLAN'); rest !== 0; rest >>= 4)
    steps.push(wordOf(STEP, rest & 15))
  return steps
}

function tell(rule: string, steps: readonly string[], state: number): string {
  return `${rule}: ${steps.join(', ') || 'nothing to do'}; becomes ${tellState(state)}`
}

/** What was expected and what came, in words; they are equal if the engine does as the vector says. */
export interface Comparison {
  expected: string
  actual: string
}

const ruleField = (63 << numberOf(FIELD, 'RULE_SHIFT', 'FIELD')) | 0
// Rules from here on do nothing and are not recorded.
const firstEmptyRule = rules.find(({ rule }) => rule === 'not-open')?.number ?? 0

function checkDecision(vector: DecisionVector, { engine }: Subject): Comparison {
  const context = contextOf(vector.context)
  const state = stateOf(vector.state)
  const event = numberOf(EVENT, vector.event, 'EVENT')
  const argument = vector.argument === undefined ? 0 : numberOf({ ...RECEIVE, ...ERROR }, vector.argument, 'ARGUMENT')
  const facts = bitsOf(FACT, vector.facts, 'FACT') | (argument << numberOf(ARGUMENT, 'SHIFT', 'ARGUMENT'))
  const plan = engine.decide(context, state, event, facts)
  const number = (plan >> numberOf(PLAN, 'RULE_SHIFT', 'PLAN')) & numberOf(PLAN, 'RULE_MASK', 'PLAN')
  let next = engine.enter(context, state, event, facts)
  for (const step of stepsOf(plan))
    next = engine.settle(next, numberOf(STEP, step, 'STEP'), numberOf(RESULT, 'DONE', 'RESULT'))
  const recorded = (next >> numberOf(FIELD, 'RULE_SHIFT', 'FIELD')) & 63
  const expected = tell(vector.rule, vector.plan, stateOf(vector.becomes))
  const actual = tell(ruleName(number), stepsOf(plan), next & ~ruleField)
  const due = number < firstEmptyRule ? number : 0
  if (recorded === due) return { expected, actual }
  return { expected, actual: `${actual}; but the state records ${ruleName(recorded)}` }
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

function checkLinger(vector: LingerVector, { engine, bytes }: Subject): Comparison {
  const context = contextOf(vector.context)
  const row = rowOf(vector.context.platform)
  const size = engine.encodeLinger(context, vector.seconds ?? -1)
  const level = engine.column(row, numberOf(COLUMN, 'SOCKET_LEVEL', 'COLUMN'))
  const option = engine.column(row, numberOf(COLUMN, 'LINGER_OPTION', 'COLUMN'))
  let actual =
    size > 0 ? hex(bytes(size)) : size === -numberOf(ERROR, 'OUT_OF_RANGE', 'ERROR') ? 'out of range' : `error ${size}`
  const back = size > 0 ? engine.decodeLinger(context) : undefined
  if (back !== undefined && back !== (vector.seconds ?? -1)) actual += `, read back as ${back}`
  return {
    expected: `${vector.bytes} at level ${vector.level}, option ${vector.option}`,
    actual: `${actual} at level ${level}, option ${option}`,
  }
}

function checkErrno(vector: ErrnoVector, { engine }: Subject): Comparison {
  numberOf(ERROR, vector.error, 'ERROR')
  return { expected: vector.error, actual: wordOf(ERROR, engine.normalise(contextOf(vector.context), vector.errno)) }
}

/** Runs one vector. */
export function checkVector(vector: Vector, subject: Subject): Comparison {
  if ('event' in vector) return checkDecision(vector, subject)
  return 'errno' in vector ? checkErrno(vector, subject) : checkLinger(vector, subject)
}

/** Every vector, by file name and in the order of the files. */
export function loadVectors(): Map<string, Vector[]> {
  return readVectors()
}

function mustOf(vector: Vector): string {
  const clause = vector.clause === undefined ? '' : ` (${vector.clause})`
  const rule = 'rule' in vector ? `; rule ${vector.rule}` : ''
  return `${vector.title}${clause}${rule}`
}

function repeatCommand(id: string): string {
  const program = /[\\/]build[\\/]run[\\/]/.test(ownFile) ? 'node scripts/run.mjs conformance/cli.ts' : 'npx finrst'
  return `${program} test ${id} --only vectors --verbose`
}

function runVector(vector: Vector, subject: Subject): Result {
  const began = performance.now()
  let comparison: Comparison
  try {
    comparison = checkVector(vector, subject)
  } catch (error) {
    comparison = {
      expected: 'a vector in the words of spec/abi.json',
      actual: error instanceof Error ? error.message : String(error),
    }
  }
  const ms = Math.round((performance.now() - began) * 1000) / 1000
  const clause = vector.clause === undefined ? {} : { clause: vector.clause }
  const base = {
    id: vector.id,
    kind: 'vector' as const,
    title: vector.title,
    ...clause,
    ms,
    repeat: repeatCommand(vector.id),
  }
  if (comparison.expected === comparison.actual) return { ...base, outcome: 'pass' }
  return { ...base, outcome: 'fail', must: mustOf(vector), ...comparison }
}

/** Runs every vector whose id is selected. */
export async function runVectors(select: (id: string) => boolean): Promise<Result[]> {
  const chosen = [...loadVectors().values()].flat().filter(({ id }) => select(id))
  if (chosen.length === 0) return []
  const subject: Subject = { engine: engine(), bytes: lingerBytes }
  return chosen.map((vector) => runVector(vector, subject))
}
