// Reads a row script: bare system calls on both sides, and at the end the conditions of each answer of the row.
import { type Header, readCommon, ScriptError, type ScriptHeader, stepLines } from '../header.js'
import { type Fail, oneOf, type Request } from '../verbs.js'
import { namePattern, type SystemVerb, systemVerbs } from './verbs.js'

/** The answers of a row of the table, or `undefined` if there is no such row. */
export type AnswersOf = (row: string) => readonly string[] | undefined

export type Side = 'us' | 'peer'

/** One call of one side. */
export interface SystemStep {
  line: number
  text: string
  side: Side
  request: Request
  /** The name under which its result is kept; without one the call must succeed. */
  keep?: string
  /** Afterwards the process of that side is no more. */
  dies: boolean
}

/** What is said about one kept result. */
export interface Condition {
  name: string
  /** It is about how long the call took. */
  ms: boolean
  /** `~`: among the words of the result; `==`: the result that another name keeps. */
  test: '=' | '!=' | '~' | '==' | '>=' | '<'
  values: string[]
}

/** The row has this answer here if all of the conditions hold. */
export interface AnswerLine {
  line: number
  text: string
  answer: string
  conditions: Condition[]
}

/** A script that yields the answer of a row of the table on this platform. */
export interface RowScript extends ScriptHeader {
  guard: 'system'
  /** Its id. */
  row: string
  /** Both programs run in a network of their own. */
  ownNet: boolean
  steps: SystemStep[]
  answers: AnswerLine[]
}

const conditionPattern = /^([a-z][a-z0-9-]*)(\.ms)?(==|!=|>=|=|~|<)(\S+)$/
const needs = ['mptcp', 'admin']

/** Takes `word NAME` out of the words of a line. */
const takeName = (words: string[], word: 'on' | 'as', fail: Fail): string | undefined => {
  const at = words.indexOf(word)
  if (at < 0) return undefined
  const [, name = ''] = words.splice(at, 2)
  return namePattern.test(name) ? name : fail(`"${word}" is followed by a name such as other, not "${name}"`)
}

interface ParsedRequest {
  request: Request
  asks: boolean
  dies: boolean
}

/** `background CALL …`: the same call, in a thread of its own. */
const parseBackground = (text: string, fail: Fail): ParsedRequest => {
  const { request, ...rest } = parseRequest(text, fail)
  const able = Object.keys(systemVerbs).filter((name) => systemVerbs[name]?.blocks)
  oneOf(request.do, 'a call in the background', able, fail)
  return { ...rest, request: { ...request, do: 'background', call: request.do } }
}

const parseRequest = (text: string, fail: Fail): ParsedRequest => {
  const [name = '', ...words] = text.split(/\s+/)
  if (name === 'background') return parseBackground(words.join(' '), fail)
  const verb = Object.hasOwn(systemVerbs, name) ? systemVerbs[name] : undefined
  if (!verb) return fail(`there is no call "${name}"; there are ${Object.keys(systemVerbs).join(', ')}, background`)
  const told: Fail = (problem) => fail(`${name}: ${problem}`)
  const request: Request = { do: name }
  for (const word of ['on', 'as'] as const) {
    const typed = takeName(words, word, told)
    const usual = verb[word]
    if (typed !== undefined && usual === undefined) told(`it has no "${word}"`)
    const used = typed ?? usual
    if (used === '') told(`"${word} NAME" must name the descriptor`)
    if (used !== undefined) request[word] = used
  }
  return { request: { ...request, ...verb.read(words, told) }, asks: verb.asks === true, dies: verb.deadly === true }
}

const parseStep = (text: string, line: number, fail: Fail): SystemStep => {
  const side: Side = text.startsWith('$') ? 'us' : 'peer'
  const [call = '', ...kept] = text.slice(1).split('->')
  const { request, asks, dies } = parseRequest(call.trim(), fail)
  const step: SystemStep = { line, text, side, request, dies }
  if (kept.length === 0) return asks ? fail(`${request.do} only asks: keep what it answers, with -> name`) : step
  const keep = kept.join('->').trim()
  if (!namePattern.test(keep)) fail(`-> is followed by a name such as second, not "${keep}"`)
  return { ...step, keep }
}

const parseCondition = (text: string, fail: Fail): Condition => {
  const match = conditionPattern.exec(text)
  if (!match) {
    return fail(`a condition looks like r=0, r=0|EPIPE, r!=0, r~eof, a==b, r>=5, r.ms<500; not "${text}"`)
  }
  const [, name = '', ms, test = '=', value = ''] = match
  const values = test === '=' || test === '!=' || test === '~' ? value.split('|') : [value]
  const numeric = test === '>=' || test === '<'
  if (numeric && !/^\d+$/.test(value)) fail(`${test} compares with a number, not with "${value}"`)
  if (ms && !numeric) fail(`a time is compared by >= or <, not by ${test}`)
  return { name, ms: ms !== undefined, test: test as Condition['test'], values }
}

const parseAnswer = (text: string, line: number, fail: Fail): AnswerLine => {
  const match = /^\?\s*([^\s:]+):\s*(.*)$/.exec(text)
  if (!match) return fail(`an answer looks like "? ENOTCONN: second=ENOTCONN", not "${text}"`)
  const [, answer = '', rest = ''] = match
  const conditions = rest.split(/\s+/).filter(Boolean)
  if (conditions.length === 0) fail(`the answer ${answer} needs a condition`)
  return { line, text, answer, conditions: conditions.map((each) => parseCondition(each, fail)) }
}

/** Rules of more than one line: who is still there, who can be connected to, and which names there are. */
const checkOrder = (script: RowScript): void => {
  const dead = new Set<Side>()
  const listening = new Set<Side>()
  const names = new Set<string>()
  for (const { line, side, request, keep, dies } of script.steps) {
    const fail: Fail = (problem) => {
      throw new ScriptError(script.id, line, problem)
    }
    if (dead.has(side)) fail('nothing can be called after the process has died')
    const other: Side = side === 'us' ? 'peer' : 'us'
    if (request.do === 'listen' || request.do === 'open') listening.add(side)
    if (request.do === 'open' && dead.has(other)) fail('the other side has died')
    const joins = request.do === 'connect' && (request.how === undefined || request.how === 'deaf')
    if (joins && !listening.has(other)) {
      fail('nobody listens on the other side')
    }
    if (dies) dead.add(side)
    if (keep === undefined) continue
    if (names.has(keep)) fail(`the name ${keep} is taken`)
    names.add(keep)
  }
  for (const { line, conditions } of script.answers) {
    for (const { name, test, values } of conditions) {
      const strange = [name, ...(test === '==' ? values : [])].find((each) => !names.has(each))
      if (strange !== undefined) throw new ScriptError(script.id, line, `nothing is kept under the name ${strange}`)
    }
  }
}

const readHeader = (header: Header, answersOf: AnswersOf): Omit<RowScript, 'steps' | 'answers'> => {
  const { id, get, failAt, words } = header
  if (!id.includes('.')) failAt('guard')('a script with the guard "system" is named like a row of the table')
  if (get('row') !== undefined) failAt('row')('its name says which row a script with the guard "system" is about')
  if (get('policy') !== undefined) failAt('policy')('without a guard there is no policy')
  if (answersOf(id) === undefined) failAt('guard')(`the table has no row ${id}`)
  for (const need of words('needs')) oneOf(need, 'needs', needs, failAt('needs'))
  const net = get('net')
  if (net !== undefined) oneOf(net, 'net', ['own'], failAt('net'))
  return { ...readCommon(header), guard: 'system', row: id, ownNet: net === 'own' }
}

/** The verb of a request, or, where one is waited for, of the question. */
const verbOf = ({ do: name, query }: Request): SystemVerb | undefined =>
  systemVerbs[name === 'await' ? String(query) : name]

/** What a script needs of the machine is what its header says. */
const checkNeeds = (script: RowScript): void => {
  for (const { line, request } of script.steps) {
    const fail: Fail = (problem) => {
      throw new ScriptError(script.id, line, `${request.do} needs the header "${problem}"`)
    }
    const verb = verbOf(request)
    const admin = verb?.need === 'admin' || request.name === 'TCP_REPAIR'
    if (verb?.ownNet && !script.ownNet) fail('net: own')
    if (admin && !script.needs.includes('admin')) fail('needs: admin')
    if (request.kind === 'mptcp' && !script.needs.includes('mptcp')) fail('needs: mptcp')
  }
}

/** The level that the verbs of a script need is the one that its header says. */
const checkLevel = (script: RowScript): void => {
  const levels = ['peer', 'packet', 'raw']
  let needed = 0
  for (const { line, request } of script.steps) {
    const level = levels.indexOf(verbOf(request)?.level ?? 'peer')
    needed = Math.max(needed, level)
    if (level > levels.indexOf(script.level)) {
      throw new ScriptError(script.id, line, `${request.do} needs the header "level: ${levels[level]}"`)
    }
  }
  if (needed < levels.indexOf(script.level)) {
    throw new ScriptError(script.id, 1, `the level is ${script.level}, but no call needs more than ${levels[needed]}`)
  }
}

/** Reads the steps and answers of a script with the guard `system`. */
export const parseRowScript = (header: Header, answersOf: AnswersOf): RowScript => {
  const script: RowScript = { ...readHeader(header, answersOf), steps: [], answers: [] }
  const allowed = answersOf(script.row) ?? []
  for (const { line, text, fail } of stepLines(header)) {
    if (text.startsWith('?')) {
      const answer = parseAnswer(text, line, fail)
      oneOf(answer.answer, 'an answer of this row', allowed, fail)
      script.answers.push(answer)
    } else if (!/^[$<]/.test(text)) {
      fail(`a line begins with $, < or ?; not "${text}"`)
    } else if (script.answers.length > 0) {
      fail('the answers come last')
    } else {
      script.steps.push(parseStep(text, line, fail))
    }
  }
  checkOrder(script)
  checkLevel(script)
  checkNeeds(script)
  if (script.answers.length === 0) throw new ScriptError(script.id, header.lines.length, 'there is no answer: ? …')
  return script
}
