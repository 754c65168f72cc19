// Writes runs as JUnit XML, which every continuous integration reads: a suite for each run, a case for each check.
//
// 1. `fail` and `xpass` are failures, `skip` is skipped. `differs` and `new` are lawful: they pass, and say it.
import type { Report, Result } from '../../adapters/spec/results.js'
import { type Column, columnsOf, isBad, totalOf } from './columns.js'
import { escapeMarkup } from './escape.js'

// In an attribute a newline would be read as a blank.
const quote = (text: string): string => `"${escapeMarkup(text).replace(/\n/g, '&#10;').replace(/\t/g, '&#9;')}"`

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

const element = (name: string, attributes: Record<string, string>, text?: string): string => {
  const quoted = Object.entries(attributes).map(([key, value]) => ` ${key}=${quote(value)}`)
  return text === undefined ? `<${name}${quoted.join('')}/>` : `<${name}${quoted.join('')}>${text}</${name}>`
}

const traceOf = ({ trace = [] }: Result): string[] =>
  trace.map(({ ms, from, text }) => `${ms.toFixed(1).padStart(8)} ms  ${from.padEnd(13)}  ${text}`)

const wholeText = (result: Result): string =>
  [
    ...(['must', 'expected', 'actual', 'repeat'] as const).flatMap((field) =>
      result[field] === undefined ? [] : [`${field}: ${result[field]}`],
    ),
    ...traceOf(result),
  ].join('\n')

const insideOf = (result: Result): string => {
  const { outcome, reason, actual, title } = result
  const message = reason ?? actual ?? title
  if (isBad(result)) return element('failure', { message, type: outcome }, escapeMarkup(wholeText(result)))
  if (outcome === 'skip') return element('skipped', { message })
  return outcome === 'pass' ? '' : element('system-out', {}, escapeMarkup(`${outcome}: ${message}`))
}

const caseOf = (result: Result): string => {
  const attributes = {
    classname: `finrst.${result.kind}`,
    name: `${result.id}: ${result.title}`,
    time: seconds(result.ms),
  }
  return `    ${element('testcase', attributes, insideOf(result))}\n`
}

const countsOf = ({ pass, fail, differs, new: unknown, skip, xpass }: Column['summary']): Record<string, string> => ({
  tests: String(pass + fail + differs + unknown + skip + xpass),
  failures: String(fail + xpass),
  errors: '0',
  skipped: String(skip),
})

const suiteOf = ({ system, testee, summary, report: { started, results } }: Column): string => {
  const ms = results.reduce((sum, result) => sum + result.ms, 0)
  const attributes = { name: `${testee}, ${system}`, ...countsOf(summary), time: seconds(ms), timestamp: started }
  return `  ${element('testsuite', attributes, `\n${results.map(caseOf).join('')}  `)}\n`
}

/** The text of the file. */
export const junitOf = (runs: readonly Report[]): string => {
  const columns = columnsOf(runs)
  const attributes = { name: 'finrst', ...countsOf(totalOf(columns)) }
  const suites = columns.map(suiteOf).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, `\n${suites}`)}\n`
}
