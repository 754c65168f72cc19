// Prints the table of platform behaviour: all of it, a group, a row, or the columns of some platforms.
import { cellsOf, groupOf, kindOf, rowsNamed, strengthOf } from '../adapters/spec/cells.js'
import { readPlatforms, readRows, readRuns } from '../adapters/spec/files.js'
import type { Row } from '../adapters/spec/types.js'
import { grid, type Slot } from './grid.js'
import { choosePlatforms } from './platforms.js'
import { UsageError } from './result.js'
import { columnText, platformsOf, rowText, type View } from './row-view.js'
import { noSuch } from './select.js'
import { hang, legend, type Look, lookOf, marks, paintOf } from './text.js'

/** The newest cell of a platform, with its mark, and `*` if older releases differ. */
const slotOf = (row: Row, platform: string, look: Look): Slot => {
  const [newest, ...older] = cellsOf(row, platform)
  if (newest === undefined) return { text: '' }
  const strength = strengthOf(newest)
  const paint = paintOf(strength, look)
  const answer = strength === 'unknown' ? '' : newest.is
  return { text: `${marks[strength]}${answer}${older.length > 0 ? '*' : ''}`, paint }
}

const indent = '  '

/** What stands before the last word of an id. */
const stemOf = (id: string): string => id.slice(0, id.lastIndexOf('.'))

/** Rows that differ in the last word of their ids and are about the same kind of platform, side by side. */
const blockLines = (rows: readonly Row[], view: View): string[] => {
  const { look } = view
  const platforms = platformsOf(rows, view.platforms)
  const head: Slot[] = [{ text: '' }, ...platforms.map((text) => ({ text, paint: look.colors.dim }))]
  const body = rows.map((row) => [
    { text: row.id.slice(stemOf(row.id).length + 1) },
    ...platforms.map((platform) => slotOf(row, platform, look)),
  ])
  return grid([head, ...body], look.width - indent.length).map((line) => (line === '' ? line : indent + line))
}

/** Rows by what they have in common, in the order in which it first comes. */
const groupsOf = (rows: readonly Row[], common: (row: Row) => string): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(common(row), [...(groups.get(common(row)) ?? []), row])
  return groups
}

/** Rows as a matrix, group by group. */
export const matrixText = (view: View): string => {
  const { look, rows } = view
  const lines: string[] = []
  for (const members of groupsOf(rows, ({ id }) => groupOf(id)).values()) {
    for (const [stem, alike] of groupsOf(members, ({ id }) => stemOf(id))) {
      lines.push(look.colors.bold(stem))
      for (const block of groupsOf(alike, kindOf).values()) lines.push(...blockLines(block, view))
      lines.push('')
    }
  }
  const split = rows.some((row) => Object.keys(row.cells).some((id) => cellsOf(row, id).length > 1))
  const [first] = rows
  return [
    ...lines,
    ...legend(look),
    ...(split ? ['* older releases differ'] : []),
    ...(first ? hang('', `finrst table ${first.id} shows the evidence of a row`, look.width, look.colors.dim) : []),
  ].join('\n')
}

/** What `finrst table [row] [--platform p]` prints. */
export const showTable = (
  name: string | undefined,
  platforms: readonly string[] = [],
  look = lookOf(process.stdout),
): string => {
  const all = readRows()
  if (all.length === 0) throw new UsageError('this copy has no spec/table, so there is nothing to show')
  const registry = readPlatforms()
  const rows = name === undefined ? all : rowsNamed(all, name)
  if (name !== undefined && rows.length === 0) {
    throw noSuch(
      'row',
      name,
      [...all.map(({ id }) => id), ...groupsOf(all, ({ id }) => groupOf(id)).keys()],
      'finrst table',
    )
  }
  const chosen = choosePlatforms(platforms, registry)
  const view: View = { rows, platforms: registry, runs: readRuns(), look }
  const [row] = rows
  if (row !== undefined && row.id === name) return rowText(row, chosen, view)
  return chosen.length === 0 ? matrixText(view) : columnText(rows, chosen, view)
}
