// Lays out a table of short texts so that no line is too long: columns shrink and break before anything is cut.
//
// 1. A column is as wide as its longest text if all fit.
// 2. Otherwise the widest give way, down to the longest part of a text that cannot be broken; the names of the rows
//    only after all others.
// 3. If that is still too wide, the columns go into two tables, one below the other.
import { lengthOf, longestPiece, type Paint, wrap } from './text.js'

/** One text of the table and its colour. */
export interface Slot {
  text: string
  paint?: Paint
}

const gap = 1
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** The width of each column so that all of them fit, the first unbroken or not; undefined if they cannot. */
export const widthsOf = (
  columns: readonly (readonly string[])[],
  width: number,
  first: 'whole' | 'broken',
): number[] | undefined => {
  const widths = columns.map((texts) => Math.max(...texts.map(lengthOf)))
  const minima = columns.map((texts, index) =>
    Math.max(...texts.map(first === 'whole' && index === 0 ? lengthOf : longestPiece)),
  )
  let over = sum(widths) + gap * (columns.length - 1) - width
  for (; over > 0; over -= 1) {
    let widest = -1
    for (const [index, each] of widths.entries()) {
      if (each > (minima[index] ?? 0) && (widest < 0 || each > (widths[widest] ?? 0))) widest = index
    }
    if (widest < 0) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const lay = (row: readonly Slot[], widths: readonly number[]): string[] => {
  const broken = row.map(({ text }, index) => wrap(text, widths[index] ?? 0))
  const height = Math.max(...broken.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) => {
    const texts = row.map(({ paint }, index) => {
      const text = broken[index]?.[line] ?? ''
      const blanks = ' '.repeat((widths[index] ?? 0) - lengthOf(text))
      return (text !== '' && paint ? paint(text) : text) + blanks
    })
    return texts.join(' '.repeat(gap)).trimEnd()
  })
}

/** The lines of a table whose first row is its head and whose first column names the rows. */
export const grid = (rows: readonly (readonly Slot[])[], width: number): string[] => {
  const count = rows[0]?.length ?? 0
  const columns = Array.from({ length: count }, (_, index) => rows.map((row) => row[index]?.text ?? ''))
  const widths = widthsOf(columns, width, 'whole') ?? widthsOf(columns, width, 'broken')
  if (widths) return rows.flatMap((row) => lay(row, widths))
  if (count <= 2) return rows.flatMap((row) => lay(row, [width - gap - 24, 24]))
  const half = Math.ceil((count - 1) / 2)
  const left = rows.map((row) => row.slice(0, 1 + half))
  const right = rows.map((row) => [...row.slice(0, 1), ...row.slice(1 + half)])
  return [...grid(left, width), '', ...grid(right, width)]
}
