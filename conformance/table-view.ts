// Prints the table of platform behaviour: a matrix of all rows, or one row with the evidence of its cells.
import { cellsOf } from '../adapters/spec/cells.js'
import type { Cell, Row as TableRow } from '../adapters/spec/types.js'
import { loadTable } from './files.js'
import { UsageError } from './result.js'
import { noSuch } from './select.js'

const width = 100
const leastColumn = 7

const clip = (text: string, length: number): string =>
  text.length <= length ? text.padEnd(length) : `${text.slice(0, length - 1)}…`

/** The newest cell of a platform, with `*` if older versions differ. */
const cellText = (row: TableRow, platform: string): string => {
  const cells = cellsOf(row, platform)
  const [newest] = cells
  if (!newest) return ''
  return cells.length > 1 ? `${newest.is}*` : newest.is
}

const block = (rows: readonly TableRow[], platforms: readonly string[], names: number): string[] => {
  const column = Math.max(leastColumn, Math.floor((width - names) / platforms.length) - 1)
  const line = (name: string, cells: readonly string[]): string =>
    `${clip(name, names)} ${cells.map((cell) => clip(cell, column)).join(' ')}`.trimEnd()
  const known = rows.filter((row) => platforms.some((platform) => cellsOf(row, platform).length > 0))
  return [
    line('row', platforms),
    ...known.map((row) =>
      line(
        row.id,
        platforms.map((platform) => cellText(row, platform)),
      ),
    ),
  ]
}

/** All rows, as many platforms side by side as are legible. */
export const tableText = (rows: readonly TableRow[]): string => {
  if (rows.length === 0) throw new UsageError('this copy has no spec/table, so there is nothing to show')
  const platforms = [...new Set(rows.flatMap((row) => Object.keys(row.cells)))]
  const names = Math.min(32, Math.max(...rows.map((row) => row.id.length)))
  const perBlock = Math.max(1, Math.min(platforms.length, Math.floor((width - names) / (leastColumn + 2))))
  const blocks: string[] = []
  for (let start = 0; start < platforms.length; start += perBlock) {
    blocks.push(block(rows, platforms.slice(start, start + perBlock), names).join('\n'))
  }
  const split = rows.some((row) => platforms.some((platform) => cellsOf(row, platform).length > 1))
  if (split) blocks.push('* older versions differ: see finrst table <row>')
  return blocks.join('\n\n')
}

const evidenceText = (cell: Cell): string[] => [
  ...(cell.note === undefined ? [] : [`      ${cell.note}`]),
  ...(cell.evidence ?? []).map(({ kind, ref }) => `      ${kind.padEnd(6)}  ${ref}`),
]

/** One row: what it asks, and each platform's cell with its evidence. */
export const rowText = (row: TableRow): string => {
  const lines = [row.title === undefined ? row.id : `${row.id}: ${row.title}`]
  if (row.question !== undefined) lines.push(row.question)
  for (const [is, means] of Object.entries(row.answers ?? {})) lines.push(`  ${is} = ${means}`)
  if (row.clause !== undefined) lines.push(`clause ${row.clause}`)
  lines.push('')
  const names = Math.max(...Object.keys(row.cells).map((platform) => platform.length), 8)
  for (const platform of Object.keys(row.cells)) {
    for (const cell of cellsOf(row, platform)) {
      const from = cell.from === undefined ? '' : `  from ${cell.from}`
      lines.push(`  ${platform.padEnd(names)}  ${cell.is}${from}`, ...evidenceText(cell))
    }
  }
  return lines.join('\n')
}

/** What `finrst table [row]` prints. */
export const showTable = (id: string | undefined): string => {
  const rows = loadTable()
  if (id === undefined) return tableText(rows)
  const row = rows.find((each) => each.id === id)
  if (!row)
    throw noSuch(
      'row',
      id,
      rows.map((each) => each.id),
      'finrst table',
    )
  return rowText(row)
}
