// The rules of the platform table, each a function that answers what is wrong.
import { type Abi, flatten } from '../scripts/generate/abi.ts'
import { type Cell, type Platform, type Row, cellsOf } from '../scripts/generate/table.ts'

/** What the rules look at: the numbers, the registry and the rows. */
export interface Spec {
  abi: Abi
  platforms: Platform[]
  rows: Row[]
}
/** A rule answers what is wrong, in words. */
export type Rule = (spec: Spec) => string[]

function everyCell({ platforms, rows }: Spec, look: (cell: Cell, row: Row) => string | undefined): string[] {
  return rows.flatMap((row) =>
    platforms.flatMap(({ id }) =>
      cellsOf(row, id).flatMap((cell) => {
        const complaint = look(cell, row)
        return complaint === undefined ? [] : [`${row.id}/${id}: ${complaint}`]
      }),
    ),
  )
}

export const cellsAreComplete: Rule = ({ platforms, rows }) =>
  rows.flatMap((row) => [
    ...platforms
      .filter(({ id, kind }) => kind === 'os' && cellsOf(row, id).length === 0)
      .map(({ id }) => `${row.id}: no cell for ${id}`),
    ...Object.keys(row.cells)
      .filter((id) => !platforms.some((platform) => platform.id === id))
      .map((id) => `${row.id}: a cell for ${id}, which nobody knows`),
  ])

export const answersAreListed: Rule = (spec) =>
  everyCell(spec, (cell, row) => {
    const said = [cell.is, ...cell.evidence.flatMap(({ says }) => says ?? [])]
    const strange = said.find((answer) => answer !== 'unknown' && !Object.hasOwn(row.answers, answer))
    return strange === undefined ? undefined : `${strange} is no answer of this row`
  })

export const evidenceFits: Rule = (spec) =>
  everyCell(spec, ({ is, evidence }) => {
    if (is === 'unknown') return evidence.length > 0 ? 'unknown, but with evidence' : undefined
    return evidence.some(({ says }) => says === undefined || says === is) ? undefined : `${is}, but without evidence`
  })

export const runsAgree: Rule = ({ platforms, rows }) =>
  rows.flatMap((row) =>
    platforms.flatMap(({ id }) => {
      const answers = new Map<string, string>()
      return cellsOf(row, id).flatMap((cell) =>
        cell.evidence.flatMap(({ kind, ref, says = cell.is }) => {
          if (kind !== 'run') return []
          const system = /^probe [^:]+: ([^,]+),/.exec(ref)?.[1] ?? ref
          const before = answers.get(system) ?? says
          answers.set(system, says)
          if (says !== cell.is) return [`${row.id}/${id}: a run says ${says}, the cell says ${cell.is}`]
          return before === says ? [] : [`${row.id}/${id}: runs of ${system} say ${before} and ${says}`]
        }),
      )
    }),
  )

export const releasesAreInOrder: Rule = ({ platforms, rows }) =>
  rows.flatMap((row) =>
    platforms.flatMap(({ id, releases }) => {
      const order = releases.map((release) => release.id)
      const cells = cellsOf(row, id)
      return cells.flatMap(({ from, until }, index) => {
        const named = [from, until].filter((release) => release !== undefined)
        const strange = named.find((release) => !order.includes(release))
        if (strange !== undefined) return [`${row.id}/${id}: ${strange} is no release of ${id}`]
        const newer = cells[index - 1]
        if (newer === undefined) return until === undefined ? [] : [`${row.id}/${id}: the newest cell has an end`]
        const next =
          newer.from !== undefined && until !== undefined && order.indexOf(newer.from) + 1 === order.indexOf(until)
        return next ? [] : [`${row.id}/${id}: one cell does not begin where the other ends`]
      })
    }),
  )

export type Traits = (platform: string, rows: Row[], constants: Map<string, number>) => number

/** Takes the function that computes traits, because no data alone can break this rule. */
export function claimsSetNothing({ abi, platforms, rows }: Spec, traits: Traits): string[] {
  const constants = flatten(abi)
  return rows.flatMap((row) =>
    platforms.flatMap(({ id }) => {
      const backed = cellsOf(row, id)[0]?.evidence.some(({ kind, says }) => kind !== 'claim' && says === undefined)
      if (!row.engine || backed || traits(id, [row], constants) === traits('nobody', [row], constants)) return []
      return [`${row.id}/${id}: nothing but a claim sets a trait`]
    }),
  )
}

export const engineIsFed: Rule = ({ abi, rows }) => {
  const uses = rows.flatMap((row) => (row.engine ?? []).map((use) => ({ ...use, row })))
  const fed = uses.map(({ trait, certainty }) => trait ?? certainty ?? '')
  const names = Object.keys(abi.groups.TRAIT.values)
  return [
    ...names
      .filter((name) => fed.filter((other) => other === name).length !== 1)
      .map((name) => `TRAIT_${name} needs one row`),
    ...fed.filter((name) => !names.includes(name)).map((name) => `there is no TRAIT_${name}`),
    ...uses.flatMap(({ setBy = [], clearedBy = [], row }) =>
      [...setBy, ...clearedBy]
        .filter((answer) => !Object.hasOwn(row.answers, answer))
        .map((answer) => `${row.id}: ${answer} is no answer of this row`),
    ),
  ]
}

export const titlesAreFacts: Rule = ({ rows }) =>
  rows.flatMap(({ id, title }) => [
    ...(title.length < 70 ? [] : [`${id}: the title has ${title.length} characters`]),
    ...(/\bshould\b/i.test(title) ? [`${id}: the title is a wish`] : []),
  ])

export const idsAreUnique: Rule = ({ platforms, rows }) => {
  const repeated = (ids: string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index)
  return [
    ...repeated(rows.map(({ id }) => id)).map((id) => `two rows are called ${id}`),
    ...repeated(platforms.map(({ id }) => id)).map((id) => `two platforms are called ${id}`),
    ...repeated(platforms.flatMap(({ row, arches = [] }) => [row, ...arches.map((arch) => arch.row)].map(String))).map(
      (row) => `two platforms have the row ${row}`,
    ),
    ...repeated(rows.map(({ title }) => title)).map((title) => `two rows say: ${title}`),
  ]
}

export const errorsAreKnown: Rule = ({ abi, platforms }) =>
  platforms.flatMap(({ id, errors, arches = [] }) =>
    [errors, ...arches.map((arch) => arch.errors ?? {})]
      .flatMap((known) => Object.keys(known ?? {}))
      .filter((name) => !Object.hasOwn(abi.groups.ERROR.values, name))
      .map((name) => `${id}: there is no ERROR_${name}`),
  )

/** A row and its cell, to be broken. */
export function cellOf(spec: Spec, row: string, platform: string): { row: Row; cell: Cell } {
  const found = spec.rows.find(({ id }) => id === row)
  if (!found) throw new Error(`there is no row ${row}`)
  return { row: found, cell: cellsOf(found, platform)[0] }
}
