// The command line: finrst test | list | demo | explain | table. The same file is the peer and the bundled testee.
import { Command, CommanderError, Option } from 'commander'
import { demonstrate, serveDemo } from './demo.js'
import { showRule } from './explain.js'
import { loadScripts, ownFile, ownVersion } from './files.js'
import { splitCommand, stopAll } from './line-process.js'
import { servePeer } from './peer.js'
import { EnvironmentError, exitCodeOf, exitCodes, type Result, summarise, UsageError } from './result.js'
import { type Run, runAll } from './run.js'
import { makeSelection } from './select.js'
import { endProgress, showProgress, showResults } from './show.js'
import { showTable } from './table-view.js'
import { serveTestee } from './testee.js'
import { bundledTestee } from './wire.js'

interface TestFlags {
  testee?: string
  only?: 'vectors' | 'wire'
  needs?: 'peer' | 'packet' | 'raw'
  json?: true
  verbose?: true
  scripts?: string
}

const examples = `
Examples:
  finrst demo                                 what a crash looks like to the peer, bare and guarded
  finrst test                                 everything, on this machine
  finrst test 'close-*' --verbose             some scripts, with a line for each
  finrst test crash-sigkill                   one script
  finrst test --testee "python3 testee.py"    another implementation (spec/testee.md)
  finrst test --json > report.json            for a machine
  finrst explain close-flushes                why a rule decides as it does
  finrst explain "… rule=close-flushes …"     the same, from a line of a log
  finrst table close.unread                   what each platform does, with the evidence

Outcomes: . pass  F fail  D differs from the table  N new to the table  S skip  X unexpected pass
Exit codes: 0 all as stated, 1 a failure, 2 bad usage or nothing matched, 3 the environment stopped us`

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
    return `${program} test ${id}${testee}${scripts} --verbose`
  }

/** The report object of `--json`, described by spec/schemas/report.schema.json. */
const reportOf = (run: Run, started: Date): Record<string, unknown> => ({
  $schema: './schemas/report.schema.json',
  report: 1,
  finrst: ownVersion(),
  started: started.toISOString(),
  ...(run.hello ? { testee: run.hello } : {}),
  summary: summarise(run.results),
  results: run.results,
})

const test = async (ids: string[], flags: TestFlags): Promise<void> => {
  const started = new Date()
  const testee = flags.testee === undefined ? bundledTestee : splitCommand(flags.testee)
  if (testee.length === 0) throw new UsageError('--testee needs a command')
  const quiet = (_: Result): void => undefined
  const run = await runAll({
    selection: makeSelection(ids),
    ...(flags.only ? { only: flags.only } : {}),
    ...(flags.needs ? { level: flags.needs } : {}),
    ...(flags.scripts === undefined ? {} : { scripts: flags.scripts }),
    testee,
    repeat: repeatCommand(flags),
    progress: flags.json ? quiet : showProgress,
  })
  if (!flags.json) endProgress()
  print(flags.json ? JSON.stringify(reportOf(run, started), null, 2) : showResults(run.results, flags.verbose === true))
  process.exitCode = exitCodeOf(summarise(run.results))
}

const list = (ids: string[], flags: { scripts?: string }): void => {
  const selection = makeSelection(ids)
  const scripts = loadScripts(flags.scripts).filter(({ id }) => selection.select(id))
  if (scripts.length === 0) throw new UsageError('nothing matched; finrst list without an id shows all')
  const names = Math.max(...scripts.map(({ id }) => id.length))
  for (const each of scripts) {
    if ('script' in each) print(`${each.id.padEnd(names)}  ${each.script.level.padEnd(6)}  ${each.script.title}`)
    else print(`${each.id.padEnd(names)}  ${'?'.padEnd(6)}  ${each.problem.message}`)
  }
  if (scripts.some((each) => 'problem' in each)) process.exitCode = exitCodes.badUsage
}

const makeProgram = (): Command => {
  const program = new Command('finrst')
    .description('Checks how TCP connections end: FIN when complete, RST when not.')
    .version(ownVersion())
    .addHelpText('after', examples)
    .showHelpAfterError('(finrst --help shows what there is)')
    .exitOverride()
  const scripts = (): Option => new Option('--scripts <folder>', 'a folder of .wire scripts instead of the own ones')
  program
    .command('test')
    .description('run vectors and wire scripts and say which contradict')
    .argument('[id...]', 'ids; * stands for anything')
    .option('--testee <command>', 'drive another implementation; see spec/testee.md')
    .addOption(new Option('--only <kind>', 'one kind of check').choices(['vectors', 'wire']))
    .addOption(new Option('--needs <level>', 'wire scripts of this level').choices(['peer', 'packet', 'raw']))
    .addOption(scripts())
    .option('--json', 'print one report object; see spec/schemas/report.schema.json')
    .option('--verbose', 'a line for each check; the whole exchange if there is only one')
    .addHelpText('after', examples)
    .action(test)
  program
    .command('list')
    .description('print id, level and title of the wire scripts')
    .argument('[id...]', 'ids; * stands for anything')
    .addOption(scripts())
    .action(list)
  program
    .command('demo')
    .description('let a program die in the middle of its answer, bare and guarded, and show what its client reads')
    .action(async () => {
      if (!(await demonstrate(print))) process.exitCode = exitCodes.failure
    })
  program
    .command('explain')
    .description('say why a rule decides as it does')
    .argument('<rule...>', 'the id or number of a rule, or a log line with rule=<id>')
    .action((words: string[]) => print(showRule(words.join(' '))))
  program
    .command('table')
    .description('print what each platform does')
    .argument('[row]', 'one row, with the evidence of its cells')
    .action((row: string | undefined) => print(showTable(row)))
  return program
}

/** Stops the children and gives the exit code; only a mistake of ours shows a stack. */
const failWith = (error: unknown): void => {
  stopAll()
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.badUsage
  } else if (error instanceof UsageError || error instanceof EnvironmentError) {
    process.stderr.write(`finrst: ${error.message}\n`)
    process.exitCode = error instanceof UsageError ? exitCodes.badUsage : exitCodes.environment
  } else {
    process.stderr.write(`finrst: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = exitCodes.environment
  }
}

const main = async (args: string[]): Promise<void> => {
  process.on('exit', stopAll)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => process.exit(signal === 'SIGINT' ? exitCodes.interrupted : 143))
  }
  try {
    await makeProgram().parseAsync(args, { from: 'user' })
  } catch (error) {
    failWith(error)
  }
}

const [first, ...rest] = process.argv.slice(2)
if (first === '__peer') servePeer()
else if (first === '__testee') serveTestee()
else if (first === '__demo') void serveDemo(rest[0] ?? '', rest[1] === 'guarded')
else void main(first === undefined ? ['--help'] : [first, ...rest])
