// Reads the reports of runs, of this machine or of others; a file that is none is told with the place of its mistake.
import { readFileSync } from 'node:fs'
import type { Report, TraceLine } from '../../adapters/spec/results.js'
import { letters, UsageError } from '../result.js'

type Fields = Record<string, unknown>

/** Says what is wrong, and where. */
type Refuse = (where: string, what: string, value: unknown) => never

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60)

const optionalTexts = ['reason', 'must', 'expected', 'actual', 'repeat', 'row', 'answer', 'clause', 'script']

const senders: readonly TraceLine['from'][] = ['script', 'to-testee', 'testee', 'testee-stderr', 'to-peer', 'peer']

const checkTrace = (trace: unknown, where: string, refuse: Refuse): void => {
  if (trace === undefined) return
  if (!Array.isArray(trace)) refuse(where, 'a list', trace)
  for (const [index, line] of (trace as unknown[]).entries()) {
    const good = isFields(line) && typeof line.ms === 'number' && senders.includes(line.from as TraceLine['from'])
    if (!good || typeof line.text !== 'string') {
      refuse(`${where}[${index}]`, `a line with ms, text and from, one of ${senders.join(', ')}`, line)
    }
  }
}

const checkResult = (result: unknown, where: string, refuse: Refuse): void => {
  if (!isFields(result)) return refuse(where, 'an object', result)
  for (const field of ['id', 'title']) {
    if (typeof result[field] !== 'string') refuse(`${where}.${field}`, 'a text', result[field])
  }
  if (result.kind !== 'vector' && result.kind !== 'wire') refuse(`${where}.kind`, 'vector or wire', result.kind)
  if (typeof result.outcome !== 'string' || !Object.hasOwn(letters, result.outcome)) {
    refuse(`${where}.outcome`, `one of ${Object.keys(letters).join(', ')}`, result.outcome)
  }
  if (typeof result.ms !== 'number' || !(result.ms >= 0)) refuse(`${where}.ms`, 'a number, 0 or more', result.ms)
  for (const field of optionalTexts) {
    const value = result[field]
    if (value !== undefined && typeof value !== 'string') refuse(`${where}.${field}`, 'a text', value)
  }
  const { values } = result
  const texts = isFields(values) && Object.values(values).every((value) => typeof value === 'string')
  if (values !== undefined && !texts) refuse(`${where}.values`, 'an object of texts', values)
  checkTrace(result.trace, `${where}.trace`, refuse)
}

const checkTexts = (part: unknown, fields: readonly string[], where: string, refuse: Refuse): void => {
  if (part === undefined) return
  if (!isFields(part)) return refuse(where, 'an object', part)
  for (const field of fields) if (typeof part[field] !== 'string') refuse(`${where}.${field}`, 'a text', part[field])
}

const checkReport = (run: unknown, where: string, refuse: Refuse): void => {
  if (!isFields(run)) return refuse(where, 'an object', run)
  if (run.report !== 1) refuse(`${where}.report`, '1, the version of this format', run.report)
  for (const field of ['finrst', 'started']) {
    if (typeof run[field] !== 'string') refuse(`${where}.${field}`, 'a text', run[field])
  }
  checkTexts(run.testee, ['testee', 'version', 'platform', 'runtime'], `${where}.testee`, refuse)
  checkTexts(run.system, ['system', 'platform', 'release', 'arch', 'why'], `${where}.system`, refuse)
  if (!Array.isArray(run.results)) return refuse(`${where}.results`, 'a list', run.results)
  for (const [index, result] of run.results.entries()) checkResult(result, `${where}.results[${index}]`, refuse)
}

/** The runs of one text: one, or many that were merged. `name` is told in errors. */
export const parseRuns = (name: string, text: string): Report[] => {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${name} is no report of a run: ${(error as Error).message}`)
  }
  const refuse: Refuse = (where, what, value) => {
    throw new UsageError(`${name} is no report of a run: ${where || 'it'} must be ${what}, not ${shown(value)}`)
  }
  if (isFields(data) && data.merged !== undefined) {
    if (data.merged !== 1) refuse('merged', '1, the version of this format', data.merged)
    if (!Array.isArray(data.runs)) return refuse('runs', 'a list', data.runs)
    for (const [index, run] of data.runs.entries()) checkReport(run, `runs[${index}]`, refuse)
    return data.runs as Report[]
  }
  if (!isFields(data) || data.report === undefined) refuse('', 'what finrst test --json wrote', data)
  checkReport(data, 'it', refuse)
  return [data as unknown as Report]
}

/** The runs of files, in their order. Throws {@link UsageError}. */
export const readRunFiles = (paths: readonly string[]): Report[] =>
  paths.flatMap((path) => {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
    }
    return parseRuns(path, text)
  })
