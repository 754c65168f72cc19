// Reads the header of a wire script and finds its steps; every error names the line.
import { type Fail, longestDelayMs, number, oneOf } from './verbs.js'

/** A script that cannot be read; the message begins with `<id>.wire:<line>:`. */
export class ScriptError extends Error {
  constructor(
    readonly id: string,
    readonly line: number,
    problem: string,
  ) {
    super(`${id}.wire:${line}: ${problem}`)
  }
}

/** What every script says of itself. */
export interface ScriptHeader {
  id: string
  title: string
  row?: string
  clause?: string
  level: 'peer' | 'packet' | 'raw'
  needs: string[]
  tags: string[]
  deadlineMs: number
  knownFailure?: { where: string; reason: string }
}

/** The header lines of one script, by their keys, and what follows them. */
export interface Header {
  id: string
  get(key: string): string | undefined
  /** The words of a list. */
  words(key: string): string[]
  /** The error of a header line. */
  failAt(key: string): Fail
  lines: readonly string[]
  /** The index of the first line after the header. */
  next: number
}

/** One line of a script that is neither blank nor a comment. */
export interface StepLine {
  line: number
  text: string
  fail: Fail
}

const keys = ['title', 'row', 'clause', 'level', 'guard', 'net', 'policy', 'needs', 'tags', 'deadline', 'known-failure']

type Values = Map<string, { value: string; line: number }>

const readLine = (id: string, line: number, text: string, values: Values): void => {
  const match = /^([a-z-]+):\s*(.*)$/.exec(text)
  if (!match) throw new ScriptError(id, line, `a header line looks like "key: value", not "${text}"`)
  const [, key = '', value = ''] = match
  if (!keys.includes(key)) throw new ScriptError(id, line, `no header "${key}"; there are ${keys.join(', ')}`)
  if (values.has(key)) throw new ScriptError(id, line, `the header "${key}" is there twice`)
  if (value === '') throw new ScriptError(id, line, `the header "${key}" has no value`)
  values.set(key, { value, line })
}

/** Reads `key: value` lines up to the first blank one. */
export const parseHeader = (id: string, source: string): Header => {
  const lines = source.split(/\r?\n/)
  const values: Values = new Map()
  const header = (next: number): Header => ({
    id,
    get: (key) => values.get(key)?.value,
    words: (key) =>
      values
        .get(key)
        ?.value.split(/[\s,]+/)
        .filter(Boolean) ?? [],
    failAt: (key) => (problem) => {
      throw new ScriptError(id, values.get(key)?.line ?? 1, problem)
    },
    lines,
    next,
  })
  for (const [index, raw] of lines.entries()) {
    const text = raw.trim()
    if (text.startsWith('#')) continue
    if (text !== '') readLine(id, index + 1, text, values)
    else if (values.size > 0) return header(index + 1)
  }
  throw new ScriptError(id, lines.length, 'there are no steps: a blank line must follow the header')
}

/** What a header says, whatever the guard is. */
export const readCommon = ({ id, get, words, failAt }: Header): ScriptHeader => {
  const title = get('title') ?? failAt('title')('the header needs a title')
  if (title.length >= 70) failAt('title')('the title must be shorter than 70 characters')
  if (/\bshould\b/i.test(title)) failAt('title')('the title states a fact, so it has no "should"')
  const script: ScriptHeader = {
    id,
    title,
    level: oneOf(get('level') ?? 'peer', 'level', ['peer', 'packet', 'raw'] as const, failAt('level')),
    needs: words('needs'),
    tags: words('tags'),
    deadlineMs: number(get('deadline') ?? '10000', 'deadline', 1, longestDelayMs, failAt('deadline')),
  }
  const clause = get('clause')
  if (clause !== undefined) script.clause = clause
  const known = get('known-failure')
  if (known === undefined) return script
  const [where = '', ...reason] = known.split(/\s+/)
  if (reason.length === 0) failAt('known-failure')('a known failure names where (or *) and why')
  return { ...script, knownFailure: { where, reason: reason.join(' ') } }
}

/** The steps of a script, without blank lines and comments. */
export const stepLines = ({ id, lines, next }: Header): StepLine[] =>
  lines.slice(next).flatMap((raw, index) => {
    const text = raw.replace(/\s#.*$/, '').trim()
    if (text === '' || text.startsWith('#')) return []
    const line = next + index + 1
    const fail: Fail = (problem) => {
      throw new ScriptError(id, line, problem)
    }
    return [{ line, text, fail }]
  })
