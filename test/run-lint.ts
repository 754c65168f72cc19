// The rules of run reports, of the cells that cite them and of the scripts that made them: each answers what is wrong.
import { cellsOf } from '../adapters/spec/cells.ts'
import type { Row } from '../adapters/spec/types.ts'
import { type RunReport, reportPath, splitRef } from '../scripts/runs.ts'

/** What the rules look at: the rows, the ids of all wire scripts, and the reports by their paths. */
export interface Runs {
  rows: Row[]
  scripts: string[]
  reports: Map<string, RunReport>
}
export type RunRule = (runs: Runs) => string[]

/** Whether a script is named like a row, and so yields its answer. */
const isRowScript = (id: string): boolean => id.includes('.')

export const listedScriptsExist: RunRule = ({ rows, scripts }) =>
  rows.flatMap(({ id, wire = [] }) =>
    wire.filter((script) => !scripts.includes(script)).map((script) => `${id}: there is no script ${script}`),
  )

export const rowScriptsAreListed: RunRule = ({ rows, scripts }) => [
  ...scripts
    .filter((script) => isRowScript(script) && !rows.some(({ id }) => id === script))
    .map((script) => `${script}.wire: there is no row ${script}`),
  ...rows
    .filter(({ id, wire = [] }) => scripts.includes(id) && !wire.includes(id))
    .map(({ id }) => `${id}: its script is not in its list`),
  ...rows.flatMap(({ id, wire = [] }) =>
    wire
      .filter((script) => isRowScript(script) && script !== id)
      .map((script) => `${id}: the script ${script} is about another row`),
  ),
]

export const whatHasNoScriptSaysWhy: RunRule = ({ rows }) =>
  rows
    .filter(({ wire = [], noWire = '' }) => wire.length === 0 && noWire.trim() === '')
    .map(({ id }) => `${id}: no script, and no reason why`)

export const reportsAreNamed: RunRule = ({ reports }) =>
  [...reports]
    .filter(([path, { system, platform }]) => path !== reportPath(system) || !system.startsWith(`${platform}-`))
    .map(([path, { system }]) => `${path}: it is about ${system}`)

export const reportsAreOfScripts: RunRule = ({ rows, scripts, reports }) =>
  [...reports].flatMap(([path, report]) =>
    Object.entries(report.rows).flatMap(([id, { answer }]) => {
      const row = rows.find((each) => each.id === id)
      if (row === undefined || !scripts.includes(id)) return [`${path}#${id}: there is no such script any more`]
      return Object.hasOwn(row.answers, answer) ? [] : [`${path}#${id}: ${answer} is no answer of the row`]
    }),
  )

/** Every reference to a report leads to a line that says what the cell says. */
export const referencesHold: RunRule = ({ rows, reports }) =>
  rows.flatMap((row) =>
    Object.keys(row.cells).flatMap((platform) =>
      cellsOf(row, platform).flatMap(({ is, evidence }) =>
        evidence.flatMap(({ ref }) => {
          const at = splitRef(ref)
          if (at === undefined) return []
          const told = (problem: string): string[] => [`${row.id}/${platform}: ${ref}: ${problem}`]
          const report = reports.get(at.path)
          const ran = report?.rows[at.row]
          if (report === undefined || ran === undefined) return told('there is no such line')
          if (at.row !== row.id || report.platform !== platform) return told('it is about something else')
          return ran.answer === is ? [] : told(`it says ${ran.answer}, the cell says ${is}`)
        }),
      ),
    ),
  )

/** Every line of a report is cited by the cell that it is about. */
export const reportsAreCited: RunRule = ({ rows, reports }) =>
  [...reports].flatMap(([path, { platform, rows: ran }]) =>
    rows
      .filter(({ id }) => Object.hasOwn(ran, id))
      .filter(
        (row) =>
          !cellsOf(row, platform).some(({ evidence }) => evidence.some(({ ref }) => ref === `${path}#${row.id}`)),
      )
      .map(({ id }) => `${id}/${platform}: ${path} says ${ran[id]?.answer} and is not cited: npm run cite`),
  )

/** Every row script has been run on some system, so that no row has a script and no evidence of it. */
export const rowScriptsHaveRun: RunRule = ({ scripts, reports }) =>
  scripts
    .filter(isRowScript)
    .filter((id) => ![...reports.values()].some(({ rows }) => Object.hasOwn(rows, id)))
    .map((id) => `${id}.wire: no report has it: npm run record`)
