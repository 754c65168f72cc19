// npm run crash: lets programs die in every way, under every runtime, and counts what their peers read.
import { readFileSync, writeFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import picocolors from 'picocolors'
import type { RuntimeReport } from '../adapters/spec/types.ts'
import { countsInWords } from '../adapters/spec/cells.ts'
import { cellId, type CrashCell, type Program, matrixOf, tableOf, tableOfLanguage } from '../test/crash/cells.ts'
import { broken, type Done, joined, reportOf, runMatrix, type Task } from '../test/crash/matrix.ts'
import { mostBytes } from '../test/endurance/endings.ts'
import { testeeVersion } from '../test/crash/testee.ts'
import { findRuntimes, listOf, parseRuntimes, runtimeNames, wholeNumber } from './arguments.ts'
import { isLanguage, languages, type LanguageName } from './languages.ts'
import { loopAll } from './crash-loop.ts'
import { majors } from './nodes.ts'
import { jsonText, runsFolder } from './runs.ts'
import type { RuntimeName } from './runtimes.ts'

interface Flags {
  only: string[]
  trials: number
  together: number
  lanes: number
  node: number[]
  runtimes: RuntimeName[]
  languages?: LanguageName[]
  table?: true
  list?: true
  json?: true
  write?: true
  loop?: true
  kills: number
  ends: number
  bytes: number
  seed: number
  bare?: true
}

const examples = `
A cell is named <runtime>.<transport>.<hold>.<death>.<situation>; a pattern has * for anything.

Examples:
  npm run crash -- --list                                     the names of all cells
  npm run crash -- --only 'node.net.*' --node 26 --trials 4   some cells, in short
  npm run crash -- --only '*.compatible.*' --json             for a machine
  npm run crash -- --table --write                            what the rows runtime.* cite, into spec/runs
  npm run crash -- --languages go,python --write              the same of other languages; npm run test:embed first
  npm run crash -- --write                                    the whole matrix, into docs/crash.json; long
  npm run crash -- --loop --node 24                           SIGKILL at 2000 random moments, and 2000 graceful ends
  npm run crash -- --loop --kills 50 --ends 0 --bare          what unguarded peers read; it must fail

Exit codes: 0 no guarded connection broke the promise, 1 one did, 2 bad usage or no cell`

async function findPrograms(flags: Flags): Promise<Program[]> {
  if (flags.languages === undefined) return findRuntimes(flags)
  return Promise.all(
    flags.languages.map(async (name) => {
      const command = [...languages[name].testee]
      return { name, version: await testeeVersion(command), command }
    }),
  )
}

const cellsOf = ({ name }: Program, table: boolean): CrashCell[] =>
  isLanguage(name) ? tableOfLanguage(name) : table ? tableOf(name) : matrixOf(name)

function chooseTasks({ only, table }: Flags, programs: readonly Program[]): Task[] {
  const escaped = (text: string): string => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')
  const patterns = only.map((pattern) => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`))
  return programs.flatMap((runtime) =>
    cellsOf(runtime, table === true)
      .filter((cell) => patterns.length === 0 || patterns.some((pattern) => pattern.test(cellId(cell))))
      .map((cell) => ({ cell, runtime })),
  )
}

function tellDone(one: Done, nth: number, of: number): void {
  const { cell, runtime, outcome, seconds } = one
  const about = `${cellId(cell).padEnd(48)} ${runtime.version.padEnd(8)}`
  const place = picocolors.dim(`${String(nth).padStart(String(of).length)}/${of}  ${seconds.toFixed(1).padStart(5)} s`)
  if ('problem' in outcome) return console.error(`${place}  ${about} ${picocolors.yellow(outcome.problem)}`)
  const fault = broken(cell, outcome.counts)
  const told = countsInWords(outcome.counts)
  console.error(`${place}  ${about} ${fault === undefined ? told : picocolors.red(`${told}: BROKEN, ${fault}`)}`)
}

async function loop(flags: Flags): Promise<void> {
  const { kills, ends, bytes, lanes, seed, bare } = flags
  const held = await loopAll(await findRuntimes(flags), { kills, ends, bytes, lanes, seed, ...(bare ? { bare } : {}) })
  process.exitCode = held ? 0 : 1
}

async function run(flags: Flags, command: Command): Promise<void> {
  if (flags.loop) return loop(flags)
  const tasks = chooseTasks(flags, await findPrograms(flags))
  if (tasks.length === 0) command.error('error: no cell is named so; --list shows all')
  if (flags.list) {
    for (const id of new Set(tasks.map(({ cell }) => cellId(cell)))) console.log(id)
    return
  }
  let nth = 0
  const done = await runMatrix(tasks, flags, (one) => {
    nth += 1
    tellDone(one, nth, tasks.length)
  })
  const report = reportOf(done, flags.together)
  const inTable = flags.table || flags.languages !== undefined
  const schema = inTable ? '../schemas' : '../spec/schemas'
  const text = `${jsonText({ $schema: `${schema}/runtime-report.schema.json`, ...report })}\n`
  if (flags.json) process.stdout.write(text)
  if (flags.write) {
    const subjects = flags.languages === undefined ? 'runtimes' : 'languages'
    const path = inTable ? `${runsFolder}/${subjects}-${report.system}.json` : 'docs/crash.json'
    // A part of the cells is no report: it takes its place in the one that is there.
    const old = flags.only.length > 0 ? (JSON.parse(readFileSync(path, 'utf8')) as RuntimeReport) : undefined
    writeFileSync(path, old === undefined ? text : `${jsonText(joined(old, report))}\n`)
    console.error(`wrote ${path}; now npm run generate`)
  }
  const faults = done.filter(({ cell, outcome }) => 'counts' in outcome && broken(cell, outcome.counts) !== undefined)
  const problems = done.filter(({ outcome }) => 'problem' in outcome)
  console.error(`${done.length} cells: ${faults.length} broken, ${problems.length} not measured`)
  process.exitCode = faults.length > 0 ? 1 : 0
}

function parseLanguages(text: string): LanguageName[] {
  const wanted = listOf(text)
  if (wanted.every(isLanguage)) return wanted
  throw new InvalidArgumentError(`some of ${Object.keys(languages).join(',')}`)
}

const program = new Command('npm run crash --')
  .description('Lets programs die in every way, under every runtime, and counts what their peers read.')
  .option('--only <patterns...>', 'only cells of these names', [])
  .option('--trials <number>', 'connections for a cell', wholeNumber(1, 1000), 20)
  .option('--together <number>', 'of which so many die with one program', wholeNumber(1, 50), 4)
  .option('--lanes <number>', 'programs at a time', wholeNumber(1, 16), 2)
  .option('--node <majors>', 'these versions of Node', (text) => listOf(text).map(wholeNumber(20, 99)), [...majors])
  .option('--runtimes <names>', 'these runtimes', parseRuntimes, [...runtimeNames])
  .option('--languages <names>', 'the testees of these languages instead, for the table', parseLanguages)
  .option('--table', 'the cells that the rows runtime.* of the table cite, not the matrix')
  .option('--list', 'print the names of the cells')
  .option('--json', 'print the report')
  .option('--write', 'write the report, or with --only a part of it, to its place')
  .option('--loop', 'SIGKILL at random moments of an answer, and graceful ends, again and again')
  .option('--kills <number>', 'with --loop: programs that are killed', wholeNumber(0, 1_000_000), 2000)
  .option('--ends <number>', 'with --loop: answers that end gracefully', wholeNumber(0, 1_000_000), 2000)
  .option('--bytes <number>', 'with --loop: bytes of an answer', wholeNumber(1, mostBytes), 5_000_000)
  .option('--seed <number>', 'with --loop: which moments', wholeNumber(1, 2 ** 31 - 1), 20_261_126)
  .option('--bare', 'with --loop: nobody guards the connections')
  .addHelpText('after', examples)
  .action((flags: Flags, command: Command) => run(flags, command))

// Programs are ended by the handler of 'exit' that each of them has.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(code))
}
await program
  .exitOverride()
  .parseAsync()
  .catch((error: Error) => {
    // What is about the usage has been printed by then, and help is no error.
    const usage = error instanceof CommanderError
    if (!usage) console.error(error.message)
    process.exitCode = usage && error.exitCode === 0 ? 0 : 2
  })
