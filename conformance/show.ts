// Shows results to a person: progress letters, failures in full, a closing line.
import picocolors from 'picocolors'
import type { Report } from '../adapters/spec/results.js'
import { columnsOf, totalOf } from './report/columns.js'
import { visible } from './report/escape.js'
import { closingLine, letters, type Outcome, type Result, summarise, type TraceLine } from './result.js'

const colors = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true)

const paint: Readonly<Record<Outcome, (text: string) => string>> = {
  pass: colors.green,
  fail: colors.red,
  differs: colors.yellow,
  new: colors.cyan,
  skip: colors.dim,
  xpass: colors.red,
}

const senders: Readonly<Record<TraceLine['from'], string>> = {
  script: 'script',
  'to-testee': '→ testee',
  testee: '← testee',
  'testee-stderr': '! testee',
  'to-peer': '→ peer',
  peer: '← peer',
}

const traceText = (trace: readonly TraceLine[]): string[] =>
  trace.map(({ ms, from, text }) => `      ${ms.toFixed(1).padStart(8)} ms  ${senders[from].padEnd(8)}  ${text}`)

/** Writes the letter of a result, on a terminal only. */
export const showProgress = (result: Result): void => {
  if (process.stderr.isTTY) process.stderr.write(paint[result.outcome](letters[result.outcome]))
}

/** Ends the progress line. */
export const endProgress = (): void => {
  if (process.stderr.isTTY) process.stderr.write('\n')
}

/** A result in full: must, expected, actual, the exchange, and the command that repeats it. */
export const fullText = (result: Result): string => {
  const head = `${paint[result.outcome](letters[result.outcome])} ${colors.bold(result.id)}  ${result.title}`
  const lines = [head]
  if (result.must !== undefined) lines.push(`    must      ${result.must}`)
  if (result.expected !== undefined) lines.push(`    expected  ${result.expected}`)
  if (result.actual !== undefined) lines.push(`    actual    ${result.actual}`)
  if (result.trace) lines.push('    trace', ...traceText(result.trace))
  if (result.repeat !== undefined) lines.push(`    repeat    ${result.repeat}`)
  return lines.join('\n')
}

const lineText = (result: Result): string => {
  const letter = paint[result.outcome](letters[result.outcome])
  const head = `${letter} ${result.id}  ${colors.dim(`${result.ms} ms`)}`
  return result.reason === undefined ? head : `${head}  ${result.reason}`
}

/** The same result with every text visible: a testee's must not steer the terminal. */
const harmless = (result: Result): Result => {
  const shown = Object.entries(result).map(([name, value]) => [
    name,
    typeof value === 'string' ? visible(value) : value,
  ])
  const trace = result.trace?.map((line) => ({ ...line, text: visible(line.text) }))
  return { ...(Object.fromEntries(shown) as unknown as Result), ...(trace ? { trace } : {}) }
}

/** What a run prints: failures in full, everything else one line each if asked for, then the closing line. */
export const showResults = (all: readonly Result[], verbose: boolean): string => {
  const results = all.map(harmless)
  const lines: string[] = []
  const summary = summarise(results)
  for (const result of results) {
    if (result.outcome === 'fail' || result.outcome === 'differs') lines.push(fullText(result), '')
    else if (result.outcome === 'xpass' || result.outcome === 'new') lines.push(lineText(result))
    else if (!verbose) continue
    else lines.push(results.length === 1 ? fullText(result) : lineText(result))
  }
  if (!verbose) {
    const reasons = new Map<string, number>()
    for (const { outcome, reason } of results) {
      if (outcome === 'skip') reasons.set(reason ?? '', (reasons.get(reason ?? '') ?? 0) + 1)
    }
    for (const [reason, count] of reasons) lines.push(`${paint.skip('S')} ${count} skipped: ${reason}`)
  }
  const failed = summary.fail + summary.xpass > 0
  lines.push((failed ? colors.red : colors.green)(closingLine(summary)))
  return lines.join('\n')
}

/** What a merge of runs prints: each run with what is to be told of it, then a closing line for all. */
export const showRuns = (runs: readonly Report[], verbose: boolean): string => {
  const columns = columnsOf(runs)
  const each = columns.map(({ key, system, testee, report }) => {
    const head = colors.bold(visible(`${key}  ${system}  ${testee}  ${report.started}`))
    return `${head}\n${showResults(report.results, verbose)}\n`
  })
  return [...each, closingLine(totalOf(columns))].join('\n')
}
