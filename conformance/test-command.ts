// finrst test and finrst report: runs what was asked for, or reads what others ran, shows it and writes reports of it.
import type { Report } from '../adapters/spec/results.js'
import { measuredCells, systemName } from './cells.js'
import { ownVersion } from './files.js'
import { ownFile } from './own-file.js'
import { checkForms, type FormFlags, takesOutput, writeForms } from './report/forms.js'
import { readRunFiles } from './report/read.js'
import { exitCodeOf, summarise, UsageError } from './result.js'
import { type CheckKind, type Run, runAll } from './run.js'
import { makeSelection } from './select.js'
import { endProgress, showProgress, showResults, showRuns } from './show.js'
import type { CaptureKind } from './system/run.js'
import { testeeCommand } from './testees.js'

/** The flags of `finrst test`. */
export interface TestFlags extends FormFlags {
  testee?: string
  only?: CheckKind
  except?: CheckKind
  needs?: 'peer' | 'packet' | 'raw'
  capture?: CaptureKind
  emitCells?: true
  verbose?: true
  scripts?: string
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** The command that repeats one check, from the package or from the repository. */
const repeatCommand =
  (flags: TestFlags) =>
  (id: string): string => {
    const program = /[\\/]build[\\/]run[\\/]/.test(ownFile) ? 'node scripts/run.mjs conformance/cli.ts' : 'npx finrst'
    const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
    const testee = flags.testee === undefined ? '' : ` --testee ${quote(flags.testee)}`
    const scripts = flags.scripts === undefined ? '' : ` --scripts ${quote(flags.scripts)}`
    const capture = flags.capture === 'tshark' ? ' --capture tshark' : ''
    return `${program} test ${/^[\w.-]+$/.test(id) ? id : quote(id)}${testee}${scripts}${capture} --verbose`
  }

/** The report of a run, described by spec/schemas/report.schema.json. */
const reportOf = (run: Run, started: Date): Report & { $schema: string } => ({
  $schema: './schemas/report.schema.json',
  report: 1,
  finrst: ownVersion(),
  started: started.toISOString(),
  ...(run.hello ? { testee: run.hello } : {}),
  ...(run.system ? { system: { system: systemName(run.system), ...run.system } } : {}),
  summary: summarise(run.results),
  results: run.results,
})

/** What `finrst test` does. */
export const test = async (ids: string[], flags: TestFlags): Promise<void> => {
  const started = new Date()
  checkForms(flags)
  if (flags.emitCells && takesOutput(flags)) throw new UsageError('--emit-cells prints to the standard output already')
  const testee = flags.testee === undefined ? undefined : await testeeCommand(flags.testee)
  const run = await runAll({
    selection: makeSelection(ids),
    ...(flags.only ? { only: flags.only } : {}),
    ...(flags.except ? { except: flags.except } : {}),
    ...(flags.needs ? { level: flags.needs } : {}),
    ...(flags.capture ? { capture: flags.capture } : {}),
    ...(flags.scripts === undefined ? {} : { scripts: flags.scripts }),
    ...(testee ? { testee } : {}),
    repeat: repeatCommand(flags),
    progress: showProgress,
  })
  endProgress()
  if (flags.emitCells) print(JSON.stringify(run.system ? measuredCells(run.results, run.system) : [], null, 2))
  else if (!takesOutput(flags)) print(showResults(run.results, flags.verbose === true))
  writeForms(flags, [reportOf(run, started)])
  process.exitCode = exitCodeOf(summarise(run.results))
}

/** What `finrst report` does. */
export const report = (files: string[], flags: FormFlags & { verbose?: true }): void => {
  checkForms(flags)
  const runs = readRunFiles(files)
  if (runs.length === 0) throw new UsageError(`there is no run in ${files.join(', ')}`)
  const written = writeForms(flags, runs)
  if (written === 0) print(showRuns(runs, flags.verbose === true))
  process.exitCode = exitCodeOf(summarise(runs.flatMap(({ results }) => results)))
}
