// Writes runs as one HTML file that needs nothing else: a matrix, and a section for each of its cells.
//
// 1. Everything that came from a run is escaped. The policy of the page allows no script but the one below, by its
//    hash, and loads nothing.
// 2. Without the script everything is there too: it only opens what a link leads to, where a browser does not.
// 3. A file has a bound. Drawings of what passed are left out first, and the section says so.
import { createHash } from 'node:crypto'
import type { Outcome, Report, Result } from '../../adapters/spec/results.js'
import { closingLine, letters } from '../result.js'
import { type Column, columnsOf, isBad, type Line, linesOf, meanings, totalOf } from './columns.js'
import { cut, escapeMarkup } from './escape.js'
import { ladderOf } from './ladder.js'
import { styleSheet } from './style.js'

/** Beyond so many characters exchanges of checks that passed are left out. */
const mostCharacters = 16_000_000

const marks: Readonly<Record<Outcome, string>> = { pass: '✓', fail: '✗', differs: '≠', new: '✱', skip: '–', xpass: '‼' }

const reveal = `
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true
  target?.scrollIntoView()
}
addEventListener('hashchange', open)
open()
`

const policy = (): string => {
  const hash = createHash('sha256').update(reveal).digest('base64')
  const parts = ["default-src 'none'", "style-src 'unsafe-inline'", `script-src 'sha256-${hash}'`]
  return [...parts, "base-uri 'none'", "form-action 'none'"].join('; ')
}

const text = escapeMarkup
const idOf = ({ kind, id }: Line, { key }: Column): string => `${key}-${kind}-${id.replace(/[^\w.-]/g, '_')}`
const isQuiet = (line: Line): boolean => line.cells.every((cell) => cell === undefined || cell.outcome === 'pass')

const runsTable = (columns: readonly Column[]): string => {
  const outcomes = Object.keys(letters) as Outcome[]
  const head = ['run', 'system', 'testee', 'began', ...outcomes].map((name) => `<th scope="col">${name}</th>`)
  const rows = columns.map(({ key, system, testee, summary, report }) => {
    const counts = outcomes.map((outcome) => {
      const count = summary[outcome]
      return `<td class="number${count > 0 ? ` ${outcome}` : ''}">${count}</td>`
    })
    const words = [system, testee, report.started].map((each) => `<td>${text(cut(each, 200))}</td>`)
    return `<tr><th scope="row">${key}</th>${words.join('')}${counts.join('')}</tr>`
  })
  return `<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table>
<thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`
}

const arrow = (kind: string, word: string): string =>
  `<span class="key"><svg width="92" height="22" viewBox="0 0 92 22" aria-hidden="true"><g class="${kind}">` +
  `<path d="M2 16H90M83 12L90 16L83 20"/><text x="46" y="11" text-anchor="middle">${word}</text></g></svg></span>`

const legend = (): string => {
  const outcomes = (Object.keys(letters) as Outcome[]).map(
    (outcome) => `<dt><span class="${outcome}">${marks[outcome]} ${outcome}</span></dt><dd>${meanings[outcome]}</dd>`,
  )
  const arrows: [string, string, string][] = [
    ['data', '1000', 'so many bytes were read'],
    ['fin', 'FIN', 'end of file was read: the stream is complete'],
    ['rst', 'RST', 'a reset was seen: it is not'],
  ]
  const drawn = arrows.map(([kind, word, meaning]) => `<dt>${arrow(kind, word)}</dt><dd>${meaning}</dd>`)
  return `<dl>${outcomes.join('')}${drawn.join('')}
<dt>the axis</dt><dd>Time goes down, in milliseconds since the script began, stretched where much happened.
A dot is a call, a bar lasts until its answer; the grey number is the line of the script.
An arrow stands where its arrival was told.</dd></dl>`
}

/** What a cell of the matrix shows besides its mark. */
const shortOf = ({ answer, outcome }: Result): string => cut(answer ?? (outcome === 'pass' ? '' : outcome), 24)

const matrixRow = (line: Line, columns: readonly Column[]): string => {
  const cells = line.cells.map((result, index) => {
    const column = columns[index]
    if (result === undefined || column === undefined) return '<td><span class="dim">not run</span></td>'
    const { outcome } = result
    const told = `${line.id}, run ${column.key}: ${outcome}${result.answer === undefined ? '' : `, ${result.answer}`}`
    const link = `<a href="#${idOf(line, column)}" aria-label="${text(told)}">`
    return `<td class="${outcome}">${link}${marks[outcome]} ${text(shortOf(result))}</a></td>`
  })
  const head = `<th scope="row" title="${text(line.title)}">${text(line.id)}</th>`
  return `<tr${isQuiet(line) ? ' class="quiet"' : ''}>${head}${cells.join('')}</tr>`
}

const matrix = (name: string, lines: readonly Line[], columns: readonly Column[]): string => {
  if (lines.length === 0) return ''
  const heads = columns.map(
    ({ key, system, testee }) => `<th scope="col" title="${text(testee)}">${key}<br>${text(cut(system, 24))}</th>`,
  )
  return `<div class="scroll matrix" tabindex="0" role="region" aria-label="${name}"><table>
<thead><tr><th scope="col">${name}</th>${heads.join('')}</tr></thead>
<tbody>${lines.map((line) => matrixRow(line, columns)).join('\n')}</tbody></table></div>`
}

/** The script; the line that was contradicted is marked. */
const scriptOf = ({ script, trace = [], expected }: Result): string => {
  const failed = Number(/^line (\d+):/.exec(expected ?? '')?.[1] ?? Number.NaN)
  const played = trace.filter(({ from }) => from === 'script').map((line) => line.text)
  const lines = script === undefined ? played : script.trimEnd().split('\n')
  if (lines.length === 0) return ''
  const shown = lines.map((line, index) => {
    const number = script === undefined ? Number(/^\d+/.exec(line)?.[0]) : index + 1
    const whole = script === undefined ? line : `${String(number).padStart(3)}  ${line}`
    return number === failed ? `<span class="here">${text(whole)}</span>` : text(whole)
  })
  return `<pre tabindex="0" aria-label="The script">${shown.join('\n')}</pre>`
}

const factsOf = (result: Result): string => {
  const kept = Object.entries(result.values ?? {}).map(([name, value]) => `${name}=${value}`)
  const facts: [string, string | undefined][] = [
    ...(['must', 'expected', 'actual', 'reason', 'clause', 'row', 'level', 'answer'] as const).map(
      (field): [string, string | undefined] => [field, result[field]],
    ),
    ['kept', kept.length > 0 ? kept.join(' ') : undefined],
    ['repeat', result.repeat],
  ]
  const told = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${name}</dt><dd><code>${text(cut(value, 2000))}</code></dd>`],
  )
  return `<dl>${told.join('')}</dl>`
}

const exchangeOf = ({ trace = [] }: Result): string => {
  const lines = trace.map(({ ms, from, text: said }) => `${ms.toFixed(1).padStart(9)}  ${from.padEnd(13)}  ${said}`)
  return `<details><summary>The exchange in words, ${lines.length} lines</summary><pre tabindex="0">${text(
    lines.join('\n'),
  )}</pre></details>`
}

const cellOf = (line: Line, column: Column, result: Result, room: boolean): string => {
  const { outcome, trace = [] } = result
  const open = isBad(result) || outcome === 'differs'
  const summary = `<summary><span class="${outcome}">${marks[outcome]} ${outcome}</span> run ${column.key}, ${text(
    cut(column.system, 60),
  )}${result.answer === undefined ? '' : `: ${text(cut(result.answer, 60))}`}, ${result.ms.toFixed(0)} ms</summary>`
  const left =
    '<p class="dim">The exchange was left out, because this file would be too large. The JSON report has it.</p>'
  const ours = column.report.testee && result.level !== undefined && result.answer === undefined
  const ladder = room ? ladderOf(trace, ours ? column.report.testee?.testee : 'we') : ''
  const drawing =
    ladder === '' ? '' : `<div class="scroll" tabindex="0" role="region" aria-label="Exchange">${ladder}</div>`
  const words = trace.length > 0 && outcome !== 'pass' ? exchangeOf(result) : ''
  const inside = trace.length > 0 && !room ? left : `${scriptOf(result)}${drawing}${words}`
  const whole = `<div id="${idOf(line, column)}">${factsOf(result)}${inside}</div>`
  return `<details${open ? ' open' : ''}>${summary}${whole}</details>`
}

const sections = (lines: readonly Line[], columns: readonly Column[]): string => {
  let left = mostCharacters
  // Those that somebody has to look at get their room first.
  const made = new Map<Line, string>()
  for (const line of [...lines].sort((a, b) => Number(isQuiet(a)) - Number(isQuiet(b)))) {
    const cells = line.cells.map((result, index) => {
      const column = columns[index]
      if (result === undefined || column === undefined) return ''
      const cell = cellOf(line, column, result, left > 0 || result.outcome !== 'pass')
      left -= cell.length
      return cell
    })
    const head = `<h3><code>${text(line.id)}</code> ${text(line.title)}</h3>`
    made.set(line, `<section class="check${isQuiet(line) ? ' quiet' : ''}">${head}${cells.join('\n')}</section>`)
  }
  return lines.map((line) => made.get(line) ?? '').join('\n')
}

/** The text of the file. */
export const htmlOf = (runs: readonly Report[]): string => {
  const columns = columnsOf(runs)
  const lines = linesOf(columns)
  const [scripts, vectors] = (['wire', 'vector'] as const).map((kind) => lines.filter((line) => line.kind === kind))
  const total = closingLine(totalOf(columns))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>finrst: ${text(total)}</title>
<style>${styleSheet}</style>
</head>
<body>
<a class="skip-link" href="#matrix">To the matrix</a>
<h1>finrst: how connections end</h1>
<p><strong>${text(total)}</strong> in ${columns.length === 1 ? 'one run' : `${columns.length} runs`}.</p>
${runsTable(columns)}
<h2>Legend</h2>
${legend()}
<h2 id="matrix">Behaviours by run</h2>
<p class="screen"><label><input type="checkbox" id="bad"> only what did not pass everywhere</label></p>
<p class="dim">Each cell leads to its script, its calls and what the peer saw.
On paper: what is not a pass, and what is open.</p>
${matrix('Wire scripts', scripts ?? [], columns)}
${(vectors ?? []).length > 0 ? `<details><summary>${vectors?.length} decision vectors</summary>` : ''}
${matrix('Vectors', vectors ?? [], columns)}${(vectors ?? []).length > 0 ? '</details>' : ''}
<h2>Each cell</h2>
${sections(lines, columns)}
<script>${reveal}</script>
</body>
</html>
`
}
