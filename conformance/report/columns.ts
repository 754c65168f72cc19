// Lays runs beside each other: a column for each run, a line for each check, in the order of their ids.
import type { Outcome, Report, Result } from '../../adapters/spec/results.js'
import { summarise, type Summary } from '../result.js'

/** One run, as a column. */
export interface Column {
  /** Short, and its own: `A`, `B`, … `AA`. */
  key: string
  /** What it ran on: `linux-6.18 x64`. */
  system: string
  /** Who answered: `finrst-node 0.1.0 on node v20.20.2`. */
  testee: string
  summary: Summary
  report: Report
}

/** One check in every run. */
export interface Line {
  id: string
  kind: Result['kind']
  title: string
  row?: string
  /** In the order of the columns; undefined: that run did not have it. */
  cells: (Result | undefined)[]
}

const keyOf = (index: number): string =>
  (index >= 26 ? keyOf(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26))

const systemOf = ({ system, testee }: Report): string =>
  system ? `${system.system} ${system.arch}` : (testee?.platform ?? 'no system was asked')

const testeeOf = ({ testee, finrst }: Report): string =>
  testee ? `${testee.testee} ${testee.version} on ${testee.runtime}` : `finrst ${finrst}, no testee`

/** The columns of these runs. The counts are counted anew: a file is not believed what it can be asked. */
export const columnsOf = (runs: readonly Report[]): Column[] =>
  runs.map((report, index) => ({
    key: keyOf(index),
    system: systemOf(report),
    testee: testeeOf(report),
    summary: summarise(report.results),
    report,
  }))

/** The lines of these columns: wire scripts first, then vectors. */
export const linesOf = (columns: readonly Column[]): Line[] => {
  const lines = new Map<string, Line>()
  for (const [index, { report }] of columns.entries()) {
    for (const result of report.results) {
      const { id, kind, title, row } = result
      const key = `${kind} ${id}`
      const line = lines.get(key) ?? { id, kind, title, ...(row === undefined ? {} : { row }), cells: [] }
      line.cells[index] = result
      lines.set(key, line)
    }
  }
  for (const line of lines.values()) line.cells = columns.map((_, index) => line.cells[index])
  const order = ({ kind, id }: Line): string => `${kind === 'wire' ? 0 : 1}${id}`
  return [...lines.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

/** What each outcome means, for a legend. */
export const meanings: Readonly<Record<Outcome, string>> = {
  pass: 'as the script or vector says, and as the table says',
  fail: 'contradicts a MUST or the policy',
  differs: 'lawful, but not what the table says',
  new: 'the table did not know; this was seen',
  skip: 'could not be run there; the reason is told',
  xpass: 'passes although it is marked as a known failure',
}

/** The sum of the counts. */
export const totalOf = (columns: readonly Column[]): Summary =>
  summarise(columns.flatMap(({ report }) => report.results))

/** Whether somebody has to look at it. */
export const isBad = ({ outcome }: Result): boolean => outcome === 'fail' || outcome === 'xpass'
