// The rules of reports about runtimes and of the rows runtime.* that cite them: each answers what is wrong.
import { cellsOf } from '../adapters/spec/cells.ts'
import type { Cell, CrashCounts, Platform, Row, RuntimeReport } from '../adapters/spec/types.ts'
import { runsFolder } from '../scripts/runs.ts'
import { isLanguage } from '../scripts/languages.ts'
import {
  type CrashCell,
  cellId,
  type Death,
  deaths,
  type Situation,
  type Subject,
  type Transport,
} from './crash/cells.ts'

/** What the rules look at: rows and platforms of the table, and the reports by their paths. */
export interface Runtimes {
  rows: Row[]
  platforms: Platform[]
  reports: Map<string, RuntimeReport>
}
export type RuntimeRule = (of: Runtimes) => string[]

/** The path of a report: of the runtimes of this package, or of other languages. */
export const runtimeReportPath = ({ system, runtimes }: Pick<RuntimeReport, 'system' | 'runtimes'>): string =>
  `${runsFolder}/${Object.keys(runtimes).every(isLanguage) ? 'languages' : 'runtimes'}-${system}.json`

/** Splits a reference to such a report; undefined: it refers to something else. */
export function splitRuntimeRef(ref: string): { path: string; id: string } | undefined {
  const [, path, id] = /^(spec\/runs\/(?:runtimes|languages)-[^#]+\.json)#(.+)$/.exec(ref) ?? []
  return path === undefined || id === undefined ? undefined : { path, id }
}

/**
 * The results that a cell of a row rests on: with both situations of the middle of an answer, on the sockets that the
 * row is about. What a row says of a runtime's own sockets holds in Node for those of node:net and node:tls.
 */
export function wantedResults(row: string, runtime: string, rows: readonly Row[]): string[] {
  const [, name = '', native, armed] = /^runtime\.(.+?)(-native)?(-armed)?$/.exec(row) ?? []
  const own = native !== undefined && runtime !== 'node'
  const cell: Pick<CrashCell, 'runtime' | 'hold'> = { runtime: runtime as Subject, hold: armed ? 'armed' : 'bare' }
  if (name === 'close-notify') {
    const transport: Transport = own ? 'native-tls' : 'tls'
    return deaths.map((death) => cellId({ ...cell, transport, death, situation: 'idle' }))
  }
  const split = rows.some(({ id }) => id === `runtime.${name}-native-armed`)
  const both: Transport[] = runtime === 'node' || (armed && split) ? ['net'] : ['net', 'native']
  const transports: Transport[] = own || isLanguage(runtime) ? ['native'] : both
  const situations: Situation[] = name === 'unread' ? ['unread'] : name === 'garbage' ? ['idle'] : ['idle', 'flowing']
  const death = (name === 'unread' ? 'kill' : name) as Death
  return transports.flatMap((transport) =>
    situations.map((situation) => cellId({ ...cell, transport, death, situation })),
  )
}

/** What all trials of some results say; undefined: no answer fits. */
export function answerFor(results: readonly { id: string; counts: CrashCounts }[]): string | undefined {
  const all = (what: (counts: CrashCounts) => number): boolean =>
    results.length > 0 && results.every(({ counts }) => what(counts) === counts.trials)
  const tls = results.some(({ id }) => id.split('.')[1]?.endsWith('tls'))
  // Both, and nothing else, is an answer too: which of them it is depends on how far the bytes had come.
  if (!tls) {
    if (all(({ eof }) => eof)) return 'fin'
    if (all(({ reset }) => reset)) return 'reset'
    if (all(({ open }) => open)) return 'open'
    return all(({ eof, reset }) => eof + reset) ? 'either' : undefined
  }
  // A reset is silent as well.
  if (!all(({ eof, reset }) => eof + reset)) return undefined
  if (all(({ closeNotify = 0 }) => closeNotify)) return 'notify'
  return results.every(({ counts: { closeNotify = 0 } }) => closeNotify === 0) ? 'silent' : 'either'
}

const runtimeRows = ({ rows }: Runtimes): Row[] => rows.filter(({ id }) => id.startsWith('runtime.'))

function everyCell(of: Runtimes, look: (cell: Cell, row: Row, runtime: string) => string[]): string[] {
  return runtimeRows(of).flatMap((row) =>
    Object.keys(row.cells).flatMap((runtime) =>
      cellsOf(row, runtime).flatMap((cell) => look(cell, row, runtime).map((told) => `${row.id}/${runtime}: ${told}`)),
    ),
  )
}

const citedBy = (cell: Cell): { path: string; id: string }[] =>
  cell.evidence.flatMap(({ kind, ref }) => (kind === 'run' ? (splitRuntimeRef(ref) ?? []) : []))

export const runtimeReportsAreNamed: RuntimeRule = ({ reports }) =>
  [...reports]
    .filter(([path, report]) => path !== runtimeReportPath(report) || !report.system.startsWith(`${report.platform}-`))
    .map(([path, { system }]) => `${path}: it is about ${system}`)

export const runtimeRowsAreOfRuntimes: RuntimeRule = (of) =>
  runtimeRows(of)
    .filter((row) => row.of !== 'runtime')
    .map(({ id }) => `${id}: it is not about runtimes`)

/** Every reference leads to a result. */
export const runtimeRefsResolve: RuntimeRule = (of) =>
  of.rows.flatMap((row) =>
    Object.keys(row.cells).flatMap((platform) =>
      cellsOf(row, platform).flatMap((cell) =>
        citedBy(cell)
          .filter(({ path, id }) => of.reports.get(path)?.results[id] === undefined)
          .map(({ path, id }) => `${row.id}/${platform}: there is no ${path}#${id}`),
      ),
    ),
  )

/** A cell cites all results that its row is about, and no others. */
export const runtimeCellsCiteTheirOwn: RuntimeRule = (of) =>
  everyCell(of, (cell, row, runtime) => {
    const cited = citedBy(cell).map(({ id }) => id)
    const wanted = wantedResults(row.id, runtime, of.rows)
    return [
      ...wanted.filter((id) => !cited.includes(id)).map((id) => `it does not cite ${id}`),
      ...cited.filter((id) => !wanted.includes(id)).map((id) => `it cites ${id}, which is about something else`),
    ]
  })

/** A cell says what its results say, and each has a version of every release that the cell holds for. */
export const runtimeCellsSayWhatWasRead: RuntimeRule = (of) =>
  everyCell(of, (cell, _, runtime) => {
    const releases = of.platforms.find(({ id }) => id === runtime)?.releases.map(({ id }) => id) ?? []
    const [newest, oldest] = [cell.until, cell.from].map((id) => releases.indexOf(id ?? ''))
    const held = releases.slice(Math.max(0, newest ?? 0), (oldest ?? -1) < 0 ? undefined : (oldest ?? 0) + 1)
    return held.flatMap((release) => {
      const results = citedBy(cell).flatMap(({ path, id }) => {
        const versions = Object.entries(of.reports.get(path)?.results[id] ?? {})
        const counts = versions.find(([version]) => version === release || version.startsWith(`${release}.`))?.[1]
        return counts === undefined ? [] : [{ id, counts }]
      })
      if (results.length < citedBy(cell).length) return [`not all of it was run under ${release}`]
      const said = answerFor(results) ?? 'several things'
      return said === cell.is ? [] : [`it says ${cell.is}, under ${release} peers read ${said}`]
    })
  })

/** Every result of a report is evidence of some cell, and nothing was left unmeasured. */
export const runtimeResultsAreCited: RuntimeRule = (of) => {
  const cited = new Set(
    of.rows.flatMap((row) =>
      Object.keys(row.cells).flatMap((id) =>
        cellsOf(row, id).flatMap((cell) => citedBy(cell).map((ref) => `${ref.path}#${ref.id}`)),
      ),
    ),
  )
  return [...of.reports].flatMap(([path, { results, problems }]) => [
    ...Object.keys(results)
      .filter((id) => !cited.has(`${path}#${id}`))
      .map((id) => `${path}#${id}: nothing follows from it`),
    ...Object.keys(problems).map((id) => `${path}#${id}: it was not measured`),
  ])
}

/** The trials of a result are what its counts add up to, and there are enough of them. */
export const runtimeCountsAddUp: RuntimeRule = ({ reports }) =>
  [...reports].flatMap(([path, { results }]) =>
    Object.entries(results).flatMap(([id, versions]) =>
      Object.entries(versions).flatMap(([version, { trials, eof, reset, open, bytes }]) => [
        ...(eof + reset + open === trials ? [] : [`${path}#${id}: ${version}: it does not add up to ${trials}`]),
        ...(trials >= 20 ? [] : [`${path}#${id}: ${version}: ${trials} trials, fewer than 20`]),
        ...(bytes[0] <= bytes[1] ? [] : [`${path}#${id}: ${version}: more than the most`]),
      ]),
    ),
  )
