// Writes runs as a comment for a pull request: the counts first, then each failure folded, and never too long.
//
// 1. A comment of GitHub has 65 536 characters at most; counted are bytes here, which are never fewer.
// 2. Failures come first, then what differs, what is new and why something was skipped. Where there is no room for all
//    in full, the last are one line each; what has no room at all is counted.
// 3. What a testee wrote stands in `<code>` or `<pre>`, where it is no mark, no link and no mention of anybody.
import type { Outcome, Report, Result } from '../../adapters/spec/results.js'
import { closingLine, letters } from '../result.js'
import { type Column, columnsOf, isBad, type Line, linesOf, totalOf } from './columns.js'
import { cut, escapeMarkdown, escapeMarkup } from './escape.js'

/** The most bytes that the text has. */
export const mostMarkdownBytes = 65_536
/** Kept free for the closing words. */
const reserveBytes = 512
const traceLines = 30
const longestText = 600
const mostRuns = 50
const marks: Readonly<Record<Outcome, string>> = {
  pass: '✅',
  fail: '❌',
  differs: '🔶',
  new: '🆕',
  skip: '⚪',
  xpass: '❗',
}

const code = (text: string, most = longestText): string => `<code>${escapeMarkdown(cut(text, most))}</code>`

const summaryTable = (columns: readonly Column[]): string => {
  const outcomes = Object.keys(letters) as Outcome[]
  const rows = columns.map(({ key, system, testee, summary }) => {
    const counts = outcomes.map((outcome) => (summary[outcome] === 0 ? '' : String(summary[outcome])))
    return `| ${[key, code(system, 60), code(testee, 80), ...counts].join(' | ')} |`
  })
  const head = ['run', 'system', 'testee', ...outcomes.map((outcome) => `${marks[outcome]} ${outcome}`)]
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(3)}${' ---: |'.repeat(outcomes.length)}`, ...rows].join('\n')
}

/** The end of the exchange: what happened last tells most. */
const exchangeOf = ({ trace = [] }: Result): string[] => {
  const last = trace.slice(-traceLines)
  const before = trace.length - last.length
  return [
    ...(before > 0 ? [`… ${before} lines before`] : []),
    ...last.map(
      ({ ms, from, text }) =>
        `${ms.toFixed(1).padStart(9)}  ${from.padEnd(13)}  ${cut(text.replace(/\s+/g, ' '), 200)}`,
    ),
  ]
}

/** What is told of one line of the matrix: in full and folded, or in one line where there is no room. */
interface Block {
  whole: string
  brief: string
}

const blockOf = (line: Line, isMeant: (result: Result) => boolean, columns: readonly Column[]): Block | undefined => {
  const found = line.cells.flatMap((result, index) =>
    result && isMeant(result) ? [{ result, key: columns[index]?.key ?? '' }] : [],
  )
  const [first] = found
  if (first === undefined) return undefined
  const { result } = first
  const facts = (['must', 'expected', 'actual', 'reason', 'repeat'] as const).flatMap((field) =>
    result[field] === undefined ? [] : [`<dt>${field}</dt><dd>${code(result[field])}</dd>`],
  )
  const others = found.slice(1).map((other) => {
    const told = other.result.actual ?? other.result.reason ?? other.result.outcome
    return `<dt>in ${other.key}</dt><dd>${code(told)}</dd>`
  })
  const exchange = escapeMarkup(exchangeOf(result).join('\n'))
  const where = columns.length > 1 ? ` (in ${found.map(({ key }) => key).join(', ')})` : ''
  const name = `${marks[result.outcome]} ${code(line.id)} ${code(line.title)}${where}`
  const whole = [
    `<details><summary>${name}</summary>`,
    `<dl>${facts.join('')}${others.join('')}</dl>`,
    ...(exchange === '' ? [] : [`<pre>${exchange}</pre>`]),
    '</details>\n',
  ].join('\n')
  return { whole, brief: `- ${name}` }
}

/** Why checks were skipped, with how many. */
const skipsOf = (columns: readonly Column[]): string[] => {
  const reasons = new Map<string, number>()
  for (const { outcome, reason = '' } of columns.flatMap(({ report }) => report.results)) {
    if (outcome === 'skip') reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  return [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `- ${marks.skip} ${count}: ${code(reason)}`)
}

const bytesOf = (text: string): number => Buffer.byteLength(text) + 1

/** Puts the blocks behind the text: as many as there is room for, and as many in full, the first ones first. */
const fill = (text: string, blocks: readonly Block[]): string => {
  let room = mostMarkdownBytes - reserveBytes - bytesOf(text)
  const listed: Block[] = []
  for (const block of blocks) {
    if (bytesOf(block.brief) > room) break
    room -= bytesOf(block.brief)
    listed.push(block)
  }
  const told = listed.map(({ whole, brief }) => {
    const more = bytesOf(whole) - bytesOf(brief)
    if (more > room) return brief
    room -= more
    return whole
  })
  const left = blocks.length - listed.length
  const rest = left > 0 ? `\n\n…and ${left} more that have no room here: see the report as HTML or JSON.` : ''
  return `${text}\n${told.join('\n')}${rest}\n`
}

/** The text of the comment. */
export const markdownOf = (runs: readonly Report[]): string => {
  const columns = columnsOf(runs)
  const lines = linesOf(columns)
  const total = totalOf(columns)
  const bad = total.fail + total.xpass > 0
  const blocks = (isMeant: (result: Result) => boolean): Block[] =>
    lines.flatMap((line) => blockOf(line, isMeant, columns) ?? [])
  const shown = columns.slice(0, mostRuns)
  const more = columns.length > shown.length ? `\n\n…and ${columns.length - shown.length} more runs.` : ''
  const head = `### ${bad ? '❌' : '✅'} finrst: ${closingLine(total)}\n\n${summaryTable(shown)}${more}\n`
  return fill(head, [
    ...blocks(isBad),
    ...blocks(({ outcome }) => outcome === 'differs'),
    ...blocks(({ outcome }) => outcome === 'new'),
    ...skipsOf(columns).map((line) => ({ whole: line, brief: line })),
  ])
}
