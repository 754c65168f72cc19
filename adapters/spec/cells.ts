// Reads the table: the cells of a platform, how well one is known, and the rows that a name stands for.
import type {
  Cell,
  CrashCounts,
  EvidenceKind,
  Platform,
  PlatformKind,
  Probe,
  Row,
  Run,
  RunReport,
  RuntimeReport,
  Strength,
  System,
} from './types.js'

/** The cells of a platform in a row, newest release first; none if the row has none for it. */
export function cellsOf(row: Pick<Row, 'cells'> & Partial<Row>, platform: string): Cell[] {
  const cells = Object.hasOwn(row.cells, platform) ? row.cells[platform] : undefined
  if (cells === undefined) return []
  return Array.isArray(cells) ? cells : [cells]
}

const strengths: Record<EvidenceKind, Strength> = {
  run: 'measured',
  source: 'documented',
  script: 'documented',
  doc: 'documented',
  claim: 'assumed',
}

/** Every strength, the strongest first. */
export const everyStrength: readonly Strength[] = ['measured', 'documented', 'assumed', 'unknown']

/**
 * How well a cell is known: the strongest of its evidence. Evidence that says something else than the cell does not
 * count for it.
 */
export function strengthOf(cell: Cell): Strength {
  if (cell.is === 'unknown') return 'unknown'
  const found = cell.evidence.filter(({ says }) => says === undefined || says === cell.is)
  return everyStrength.find((strength) => found.some(({ kind }) => strengths[kind] === strength)) ?? 'assumed'
}

/** The releases that a cell holds for, in words; empty: all of them. */
export function releasesOf({ from, until }: Cell): string {
  const words = [from === undefined ? '' : `from ${from}`, until === undefined ? '' : `until ${until}`]
  return words.filter((word) => word !== '').join(' ')
}

/** Where a clause can be read; undefined if it is none of an RFC. */
export function clauseUrl(clause: string): string | undefined {
  const [, rfc, section] = /^RFC (\d+) ([0-9.]*\d)$/.exec(clause) ?? []
  return rfc === undefined ? undefined : `https://www.rfc-editor.org/rfc/rfc${rfc}.html#section-${section}`
}

/** Whether a platform is an operating system, which has numbers and a row in the compiled table. */
export function isSystem(platform: Platform): platform is System {
  return platform.kind === 'os'
}

/** What a row is about. */
export function kindOf(row: Pick<Row, 'of'>): PlatformKind {
  return row.of ?? 'os'
}

/** The group of a row: the first word of its id. */
export function groupOf(id: string): string {
  return id.split('.', 1)[0] ?? id
}

/** The rows that a name stands for: the one of that id, or all whose ids begin with it and a dot. */
export function rowsNamed(rows: readonly Row[], name: string): Row[] {
  return rows.filter(({ id }) => id === name || id.startsWith(`${name}.`))
}

/** The results of probes among the runs. */
export function probesOf(runs: readonly Run[]): Probe[] {
  return runs.filter((run) => 'cases' in run)
}

/** The run reports among the runs. */
export function reportsOf(runs: readonly Run[]): RunReport[] {
  return runs.filter((run) => 'rows' in run)
}

function seenByProbe(runs: readonly Run[], ref: string): string | undefined {
  const [, date, system = '', told = ''] = /^probe (\S+): ([^,]+), (.+)$/.exec(ref) ?? []
  const cases = probesOf(runs).find((probe) => probe.date === date)?.cases ?? {}
  // Behind the case may stand which part of it is meant.
  const name = Object.hasOwn(cases, told) ? told : told.slice(0, Math.max(0, told.lastIndexOf(': ')))
  return cases[name]?.[system]
}

function seenByScript(runs: readonly Run[], ref: string): string | undefined {
  const [, system, id = ''] = /^spec\/runs\/([^#]+)\.json#(.+)$/.exec(ref) ?? []
  const row = reportsOf(runs).find((report) => report.system === system)?.rows[id]
  const values = Object.entries(row?.values ?? {}).map(([name, value]) => `${name}=${value}`)
  return values.length === 0 ? row?.answer : values.join(' ')
}

/** The reports about runtimes among the runs. */
export function runtimeReportsOf(runs: readonly Run[]): RuntimeReport[] {
  return runs.filter((run) => 'results' in run)
}

/** What the peers of a cell of the crash matrix read, in words. */
export function countsInWords({
  trials,
  eof,
  reset,
  open,
  bytes: [least, most],
  closeNotify = 0,
}: CrashCounts): string {
  const times = (number: number, what: string): string[] => (number > 0 ? [`${what} ${number} of ${trials}`] : [])
  const notified = closeNotify > 0 ? ` (close_notify ${closeNotify})` : ''
  const ends = [...times(eof, 'end of file'), ...times(reset, 'reset'), ...times(open, 'still open')].join(', ')
  return `${ends}${notified}, after ${least === most ? least : `${least} … ${most}`} bytes`
}

function seenOnRuntimes(runs: readonly Run[], ref: string): string | undefined {
  const [, system, id = ''] = /^spec\/runs\/(?:runtimes|languages)-([^#]+)\.json#(.+)$/.exec(ref) ?? []
  const reports = runtimeReportsOf(runs).filter((report) => report.system === system)
  const results = reports.find((report) => report.results[id] !== undefined)?.results[id]
  if (results === undefined) return undefined
  return Object.entries(results)
    .map(([version, counts]) => `${version}: ${countsInWords(counts)}`)
    .join('; ')
}

/** What was seen, for evidence of the kind `run` that names a result of these runs. */
export function seenIn(runs: readonly Run[], ref: string): string | undefined {
  return seenByProbe(runs, ref) ?? seenByScript(runs, ref) ?? seenOnRuntimes(runs, ref)
}
