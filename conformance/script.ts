// Reads a wire script: header lines, a blank line, then one step per line; every error names its line.
import { type Header, parseHeader, readCommon, ScriptError, type ScriptHeader, stepLines } from './header.js'
import { type AnswersOf, parseRowScript, type RowScript } from './system/script.js'
import {
  deadlyCalls,
  type Fail,
  loneCalls,
  longestDelayMs,
  mostBytes,
  number,
  oneOf,
  ourVerbs,
  peerVerbs,
  type Request,
  type Verb,
} from './verbs.js'

/** How many bytes the peer may see: exactly (`least === most`) or a range, perhaps without a bound. */
export interface ByteRange {
  least: number
  most?: number
}

/** What the peer can see. */
export type Sight =
  | { see: 'data'; range: ByteRange }
  | { see: 'end'; anyOf: ('eof' | 'reset')[] }
  | { see: 'row'; row: string }
  | { see: 'nothing'; ms: number }
  | { see: 'sent' }
  | { see: 'unsent'; ms: number }

/** One line of a script. */
export type Step =
  | { line: number; text: string; kind: 'peer'; request: Request }
  | { line: number; text: string; kind: 'call'; requests: Request[]; dies: boolean }
  | { line: number; text: string; kind: 'sight'; sight: Sight }
  | { line: number; text: string; kind: 'verdict'; field: string; anyOf: string[] }

/** How the testee guards the connection. `none`: the bare runtime. */
export type GuardMode = 'compatible' | 'strict' | 'manual' | 'none'

/** A script about a guarded connection, or about what the bare runtime does. */
export interface GuardedScript extends ScriptHeader {
  guard: GuardMode
  policy?: Record<string, unknown>
  steps: Step[]
}

/** A whole script, read. */
export type Script = GuardedScript | RowScript

const verdictFields = [
  'ended',
  'by',
  'cause',
  'delivery',
  'unsent',
  'received',
  'certainty',
  'rule',
  'rest',
  'armed',
  'linger',
]

const parseVerb = (text: string, verbs: Record<string, Verb>, who: string, fail: Fail): Request => {
  const [name = '', ...args] = text.trim().split(/\s+/)
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  return verb ? verb(args, fail) : fail(`${who} has no "${name}"; it has ${Object.keys(verbs).join(', ')}`)
}

const parseRange = (text: string | undefined, fail: Fail): ByteRange => {
  const match = /^(\d*)(\.\.)?(\d*)$/.exec(text ?? '')
  if (!match || text === '..' || !text) return fail(`data takes N, N.., ..N or N..M, not "${text ?? ''}"`)
  const least = match[1] ? number(match[1], 'the bytes', 0, mostBytes, fail) : 0
  if (!match[2]) return { least, most: least }
  if (!match[3]) return { least }
  return { least, most: number(match[3], 'the upper bound', least, mostBytes, fail) }
}

const parseMs = (text: string | undefined, fail: Fail): number => {
  const digits = /^(\d+)ms$/.exec(text ?? '')?.[1]
  return digits
    ? number(digits, 'the time', 1, longestDelayMs, fail)
    : fail(`a time looks like 50ms, not "${text ?? ''}"`)
}

const parseSight = (text: string, fail: Fail): Sight => {
  if (text.startsWith('?')) {
    const row = text.slice(1).trim()
    return /^[a-z0-9.-]+$/.test(row) ? { see: 'row', row } : fail(`"${row}" is no id of a table row`)
  }
  const words = text.split(/\s+/)
  const [name, argument, ...rest] = words
  if (name === 'eof' || name === 'reset') {
    const anyOf = text.split('|').map((word) => oneOf(word.trim(), 'an ending', ['eof', 'reset'] as const, fail))
    return { see: 'end', anyOf }
  }
  if (rest.length > 0) fail(`one argument at most, not "${rest.join(' ')}" too`)
  if (name === 'data') return { see: 'data', range: parseRange(argument, fail) }
  if (name === 'nothing') return { see: 'nothing', ms: parseMs(argument, fail) }
  if (name === 'unsent') return { see: 'unsent', ms: parseMs(argument, fail) }
  if (name === 'sent' && argument === undefined) return { see: 'sent' }
  return fail(`the peer sees data, eof, reset, nothing, sent, unsent or ?row; not "${text}"`)
}

const parseVerdict = (text: string, fail: Fail): { field: string; anyOf: string[] } => {
  const [field = '', ...rest] = text.split(/\s+/)
  const anyOf = rest.join('').split('|').filter(Boolean)
  oneOf(field, 'the field of a verdict', verdictFields, fail)
  return anyOf.length > 0 ? { field, anyOf } : fail(`the field ${field} needs a value`)
}

const parseStep = (text: string, line: number, fail: Fail): Step => {
  const rest = text.slice(1).trim()
  switch (text[0]) {
    case '<':
      return { line, text, kind: 'peer', request: parseVerb(rest, peerVerbs, 'the peer', fail) }
    case '$': {
      const requests = rest.split(';').map((call) => parseVerb(call, ourVerbs, 'our side', fail))
      const lone = requests.find((request) => loneCalls.includes(request.do))
      if (lone && requests.length > 1) fail(`${lone.do} waits, so it must have a line of its own`)
      const deadly = requests.findIndex((request) => deadlyCalls.includes(request.do))
      if (deadly >= 0 && deadly < requests.length - 1) fail('nothing can be called after the process has died')
      return { line, text, kind: 'call', requests, dies: deadly >= 0 }
    }
    case '>':
      return { line, text, kind: 'sight', sight: parseSight(rest, fail) }
    case '=':
      return { line, text, kind: 'verdict', ...parseVerdict(rest, fail) }
    default:
      return fail(`a step begins with <, $, > or =; not "${text}"`)
  }
}

const parsePolicy = (text: string, fail: Fail): Record<string, unknown> => {
  try {
    const policy: unknown = JSON.parse(text)
    if (policy !== null && typeof policy === 'object' && !Array.isArray(policy))
      return policy as Record<string, unknown>
  } catch {
    // Told below, in the same words as any other value that is no object.
  }
  return fail(`the policy must be a JSON object, not ${text}`)
}

const readGuarded = (header: Header, guard: GuardMode): Omit<GuardedScript, 'steps'> => {
  const ownNet = header.get('net')
  if (ownNet !== undefined) header.failAt('net')('only a script with the guard "system" has a network of its own')
  const script: Omit<GuardedScript, 'steps'> = { ...readCommon(header), guard, needs: header.words('needs') }
  const row = header.get('row')
  if (row !== undefined) script.row = row
  const policy = header.get('policy')
  if (policy !== undefined) script.policy = parsePolicy(policy, header.failAt('policy'))
  if (policy !== undefined && guard === 'none') header.failAt('policy')('without a guard there is no policy')
  return script
}

/** Rules of more than one line: what may come before `open`, after death and after a range of bytes. */
const checkOrder = (id: string, guard: GuardMode, steps: readonly Step[]): void => {
  let opened = false
  let dead = false
  let range = false
  for (const step of steps) {
    const fail: Fail = (problem) => {
      throw new ScriptError(id, step.line, problem)
    }
    if (step.kind === 'call') {
      const opens = step.requests[0]?.do === 'open'
      if (dead) fail('nothing can be called after the process has died')
      if (opens === opened) fail(opened ? 'there is one open per script' : 'the first call must be open')
      opened = true
      dead = step.dies
    } else if (step.kind === 'verdict') {
      if (guard === 'none') fail('without a guard there is no verdict')
      if (dead) fail('a process that has died gives no verdict')
      if (!opened) fail('there is no verdict before open')
    } else if (step.kind === 'peer') {
      if (!opened && step.request.do !== 'pause') fail('before open the peer can only pause')
    } else {
      if (!opened) fail('the peer sees nothing before open')
      const { sight } = step
      if (range && sight.see === 'data') fail('after a range of bytes only eof, reset or ?row can follow')
      range = sight.see === 'data' && sight.range.least !== sight.range.most
    }
  }
  if (!opened) throw new ScriptError(id, 1, 'the script never opens a connection')
}

const parseGuarded = (header: Header, guard: GuardMode): GuardedScript => {
  const script = readGuarded(header, guard)
  const steps = stepLines(header).map(({ line, text, fail }) => parseStep(text, line, fail))
  checkOrder(header.id, guard, steps)
  return { ...script, steps }
}

/** Reads one script. Throws {@link ScriptError} with the line of the first mistake. */
export const parseScript = (id: string, source: string, answersOf: AnswersOf = () => undefined): Script => {
  const header = parseHeader(id, source)
  const guards = ['compatible', 'strict', 'manual', 'none', 'system'] as const
  const guard = oneOf(header.get('guard'), 'guard', guards, header.failAt('guard'))
  if (guard === 'system') return parseRowScript(header, answersOf)
  if (id.includes('.')) header.failAt('guard')('a script that is named like a row has the guard "system"')
  return parseGuarded(header, guard)
}
