// Prints single cells of the table: one row with the evidence of each, or the column of one platform in words.
import { cellsOf, releasesOf, seenIn, strengthOf } from '../adapters/spec/cells.js'
import type { Cell, Platform, Row, Run } from '../adapters/spec/types.js'
import { type Chosen, numbersOf } from './platforms.js'
import { hang, legend, lengthOf, type Look, marks, paintOf, wrap } from './text.js'

/** What a view is made of. */
export interface View {
  rows: readonly Row[]
  platforms: readonly Platform[]
  runs: readonly Run[]
  look: Look
}

/** What a cell says, in words. */
export const answerOf = (row: Row, { is }: Cell): string => row.answers[is] ?? ''

const evidenceLines = (cell: Cell, indent: string, { runs, look }: View): string[] =>
  cell.evidence.flatMap(({ kind, ref, says }) => {
    const told = says === undefined || says === cell.is ? '' : ` (says ${says}, so it does not count)`
    const seen = seenIn(runs, ref)
    return [
      ...hang(`${indent}${kind.padEnd(6)}  `, `${ref}${told}`, look.width),
      ...(seen === undefined ? [] : hang(`${indent}${''.padEnd(6)}  saw `, seen, look.width, look.colors.dim)),
    ]
  })

/** The cells of a platform in a row: answer, strength, releases, note and evidence. */
export const cellLines = (row: Row, id: string, label: string, view: View): string[] => {
  const { look } = view
  const indent = ' '.repeat(lengthOf(label))
  return cellsOf(row, id).flatMap((cell, index) => {
    const strength = strengthOf(cell)
    const releases = releasesOf(cell)
    const tail = [releases, strength === 'unknown' ? '' : strength].filter(Boolean).join(', ')
    const head = `${index === 0 ? label : indent}${paintOf(strength, look)(`${marks[strength]} ${cell.is}`)}`
    return [
      tail === '' ? head : `${head}  ${look.colors.dim(tail)}`,
      ...(cell.note === undefined ? [] : hang(`${indent}  `, cell.note, look.width)),
      ...evidenceLines(cell, `${indent}  `, view),
    ]
  })
}

const headLines = (row: Row, { look }: View): string[] => {
  const { width, colors } = look
  const answers = Object.entries(row.answers)
  const column = Math.max(...answers.map(([is]) => lengthOf(is)))
  const scripts = row.wire === undefined ? (row.noWire ?? 'no script') : `finrst test ${row.wire.join(' ')}`
  return [
    ...hang(`${row.id}: `, row.title, width, colors.bold),
    ...wrap(row.question, width),
    ...answers.flatMap(([is, means]) => hang(`  ${is.padEnd(column)}  `, means, width)),
    ...(row.clause === undefined ? [] : [`clause: ${row.clause}`]),
    ...hang('shown by: ', scripts, width),
  ]
}

/** The platforms that a row has cells for, in the order of the registry, and what it has beyond that. */
export const platformsOf = (rows: readonly Row[], platforms: readonly Platform[]): string[] => {
  const present = new Set(rows.flatMap(({ cells }) => Object.keys(cells)))
  const ordered = platforms.map(({ id }) => id).filter((id) => present.has(id))
  return [...new Set([...ordered, ...present])]
}

/** One row: what it asks, and the cells of all platforms or of those that were chosen, with their evidence. */
export const rowText = (row: Row, chosen: readonly Chosen[], view: View): string => {
  const present = platformsOf([row], view.platforms)
  const asked = chosen.length === 0 ? present.map((id) => ({ id, name: id })) : chosen
  const names = Math.max(...asked.map(({ name }) => lengthOf(name)))
  const cells = asked.flatMap(({ id, name }) => {
    const label = `  ${name.padEnd(names)}  `
    if (present.includes(id)) return cellLines(row, id, label, view)
    return hang(label, `has no cell here; the row is about ${present.join(', ')}`, view.look.width)
  })
  return [...headLines(row, view), '', ...cells].join('\n')
}

const numberLines = (chosen: Chosen, { look }: View): string[] => {
  const numbers = numbersOf(chosen)
  if (numbers === undefined) return []
  const { sendQueue, constants, errors } = numbers
  const queue = sendQueue?.number === undefined ? [] : [{ name: sendQueue.name, value: sendQueue.number }]
  const told = (list: readonly { name: string; value: number }[]): string =>
    list.map(({ name, value }) => `${name}\u00a0${value}`).join(', ')
  return [...hang('  numbers  ', told([...Object.values(constants), ...queue]), look.width)]
    .concat(hang('  errors   ', told(Object.values(errors)), look.width))
    .map((line) => line.replaceAll('\u00a0', ' '))
}

const chosenLines = (chosen: Chosen, view: View): string[] => {
  const { name, title, id, platform, arch } = chosen
  const releases = platform.releases.map((release) => release.id).join(', ')
  const like = arch === undefined ? '' : `; behaves as ${id}, with numbers of its own`
  return [
    ...hang(`${name}: `, `${title}${like}; looked at ${releases}`, view.look.width, view.look.colors.bold),
    ...numberLines(chosen, view),
  ]
}

const columnLines = (row: Row, chosen: readonly Chosen[], names: number, view: View): string[] => {
  const { width, colors } = view.look
  const lines = chosen.flatMap(({ id, name }) => {
    const cells = cellsOf(row, id)
    const column = Math.max(...cells.map(({ is }) => lengthOf(is)))
    return cells.flatMap((cell, index) => {
      const strength = strengthOf(cell)
      const releases = releasesOf(cell)
      const said = [answerOf(row, cell), releases === '' ? '' : `(${releases})`].filter(Boolean).join(' ')
      const label = chosen.length === 1 ? '  ' : `  ${(index === 0 ? name : '').padEnd(names)}  `
      const mark = `${marks[strength]} ${cell.is.padEnd(column)}`
      const [first = '', ...rest] = hang(`${label}${mark}  `, said, width)
      return [first.replace(mark, paintOf(strength, view.look)), ...rest]
    })
  })
  if (lines.length === 0) return []
  return [...hang(`${row.id}  `, row.title, width, colors.bold), ...hang('  ', row.question, width), ...lines, '']
}

/** The columns of the chosen platforms: what each does, in words. */
export const columnText = (rows: readonly Row[], chosen: readonly Chosen[], view: View): string => {
  const names = Math.max(...chosen.map(({ name }) => lengthOf(name)))
  const heads = chosen.flatMap((each) => chosenLines(each, view))
  const columns = rows.flatMap((row) => columnLines(row, chosen, names, view))
  return [...heads, '', ...columns, ...legend(view.look)].join('\n')
}
