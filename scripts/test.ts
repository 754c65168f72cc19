// Tests everything: builds, checks, runs every test file and the conformance suite, and closes with one line of counts.
// 1. Every test file runs in a process of its own on the Node that is running; test/node-*.test.ts and the suite of
//    dist/cli.js run under every supported Node; row scripts ask the kernel and not Node, so they run once.
// 2. A process that exits with an error, ends without a summary, runs nothing or passes its deadline is a failure.
// 3. The last line is `N passed, N failed[, N skipped]`, and nothing follows it.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Command, InvalidArgumentError } from 'commander'
import { build } from 'esbuild'
import picocolors from 'picocolors'
import { add, type Counts, closingLine, countSuite, countUvu, judge } from './counts.ts'
import { majors, nodeBinary, nodeVersion } from './nodes.ts'
import { runProcess, stopOnSignals } from './processes.ts'

interface Flags {
  node: number[]
  only: string[]
  quick?: true
}

/** One process to run. */
interface Job {
  name: string
  /** The version of Node it runs under. */
  node: string
  command: string[]
  /** Reads its summary; undefined if there is none. */
  count: (output: string) => Counts | undefined
}

/** A Node that was asked for, and its binary or why there is none. */
interface Runtime {
  major: number
  binary?: string
  problem?: string
}

const parallel = 2
/** The long forms, which these variables ask for, take their time. */
const long = process.env.FINRST_RUNS !== undefined || process.env.FINRST_CONNECTIONS !== undefined
const deadlineSeconds = long ? 1800 : 180
/** What may take longer: packing builds, and installing asks a registry. */
const longer: Record<string, number> = {
  package: 480,
  suite: 420,
  'suite of rows': 420,
  invariants: 480,
  model: 480,
}

const terminal = process.stdout.isTTY === true
const colors = picocolors.createColors(terminal && picocolors.isColorSupported)

/** Our environment, but with colours exactly if there is a terminal to show them. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NO_COLOR: __, ...rest } = process.env
  return colors.isColorSupported ? { ...rest, FORCE_COLOR: '1' } : { ...rest, NO_COLOR: '1' }
}

function show(failed: boolean, name: string, node: string, told: string, seconds?: number): void {
  const mark = failed ? colors.red('FAIL') : colors.green('ok  ')
  const time = seconds === undefined ? '' : colors.dim(`  ${seconds.toFixed(1)} s`)
  console.log(`${mark}  ${name.padEnd(20)}  ${node.padEnd(14)}  ${told}${time}`)
}

/** Prints all that a process wrote, set in, so that no line of it is taken for one of ours. */
function showOutput(output: string): void {
  console.log(`${output.trimEnd().replace(/^(?=.)/gm, '    ')}\n`)
}

/** Runs one process and prints its line, its notes, and if it failed all it wrote. */
async function perform(job: Job): Promise<Counts> {
  const finished = await runProcess(job.command, {
    deadlineSeconds: longer[job.name] ?? deadlineSeconds,
    env: childEnvironment(),
  })
  const plain = stripVTControlCharacters(finished.output)
  const judged = judge(finished, job.count(plain))
  const told = closingLine(judged) + (judged.why === undefined ? '' : ` (${judged.why})`)
  show(judged.failed > 0, job.name, `node ${job.node}`, told, finished.seconds)
  if (judged.failed > 0) showOutput(finished.output)
  else for (const [note] of plain.matchAll(/^note: .*$/gm)) console.log(colors.dim(`      ${note}`))
  return judged
}

/** Performs the jobs in order, a few at a time. */
async function performAll(jobs: readonly Job[]): Promise<Counts[]> {
  const results: Counts[] = []
  const waiting = jobs.values()
  const worker = async (): Promise<void> => {
    for (const job of waiting) results.push(await perform(job))
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return results
}

/** Runs one of our scripts; answers whether it went well. */
async function step(name: string, ...command: string[]): Promise<boolean> {
  const { code, output, seconds } = await runProcess([process.execPath, 'scripts/run.mjs', ...command], {
    deadlineSeconds: 300,
    env: childEnvironment(),
  })
  show(code !== 0, name, '', code === 0 ? 'done' : `exit code ${code}`, seconds)
  if (code !== 0) showOutput(output)
  return code === 0
}

/** The names of the test files: `tidy` for test/tidy.test.ts. */
const testNames = (): string[] =>
  readdirSync('test')
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.test.ts'.length))
    .sort()

async function bundle(names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  for (const name of names) rmSync(join('build/test', `${name}.mjs`), { force: true })
  await build({
    entryPoints: Object.fromEntries(names.map((name) => [name, `test/${name}.test.ts`])),
    outdir: 'build/test',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    loader: { '.wasm': 'binary' },
    sourcemap: 'inline',
    logLevel: 'warning',
  })
}

async function findRuntimes(wanted: readonly number[]): Promise<Runtime[]> {
  const told = (error: unknown): string => (error instanceof Error ? error.message : String(error))
  return Promise.all(
    wanted.map((major) =>
      nodeBinary(major).then(
        (binary) => ({ major, binary }),
        (error: unknown) => ({ major, problem: told(error) }),
      ),
    ),
  )
}

/** The long ones first, so that the last process to end is a short one. */
function planJobs(names: readonly string[], suite: boolean, binaries: readonly string[]): Job[] {
  const job = (name: string, binary: string): Job => ({
    name,
    node: nodeVersion(binary),
    command: [binary, '--enable-source-maps', join('build/test', `${name}.mjs`)],
    count: countUvu,
  })
  const suiteJob = (name: string, binary: string, ...kind: string[]): Job => ({
    ...job(name, binary),
    command: [binary, 'dist/cli.js', 'test', ...kind],
    count: (output) => countSuite(output),
  })
  const everywhere = names.filter((name) => name.startsWith('node-'))
  const here = names.filter((name) => !everywhere.includes(name))
  here.sort((a, b) => (longer[b] ?? 0) - (longer[a] ?? 0))
  return [
    ...here.map((name) => job(name, process.execPath)),
    ...(suite ? [suiteJob('suite of rows', process.execPath, '--only', 'rows')] : []),
    ...binaries.flatMap((binary) => [
      ...(suite ? [suiteJob('suite', binary, '--except', 'rows')] : []),
      ...everywhere.map((name) => job(name, binary)),
    ]),
  ]
}

/** Everything that the flags ask for, as counts of tests; a step or a Node that fails counts as one failure. */
async function testAll(flags: Flags): Promise<Counts[]> {
  const wanted = (name: string): boolean => flags.only.length === 0 || flags.only.includes(name)
  const names = testNames()
  const strange = flags.only.filter((name) => !names.includes(name) && name !== 'suite' && name !== 'check')
  if (strange.length > 0) {
    console.error(`no test is named ${strange.join(', ')}; there are ${names.join(', ')}, suite and check`)
    process.exit(2)
  }
  const failure: Counts = { passed: 0, failed: 1, skipped: 0 }
  const results: Counts[] = []

  const finding = findRuntimes(flags.node)
  if (!(await step('build', 'scripts/build.ts', ...(flags.quick ? [] : ['--check'])))) return [failure]
  if (!flags.quick && wanted('check') && !(await step('check', 'scripts/check.ts'))) results.push(failure)
  const runtimes = await finding
  for (const { major, problem } of runtimes) {
    if (problem === undefined) continue
    show(true, 'nodes', `node ${major}`, 'cannot be had, so nothing ran under it')
    showOutput(problem)
    results.push(failure)
  }
  const chosen = names.filter(wanted)
  await bundle(chosen)
  const binaries = runtimes.flatMap(({ binary }) => binary ?? [])
  results.push(...(await performAll(planJobs(chosen, wanted('suite'), binaries))))
  return results
}

function parseMajors(text: string): number[] {
  const numbers = text.split(',').map(Number)
  if (numbers.every((number) => Number.isInteger(number) && number >= 20)) return numbers
  throw new InvalidArgumentError('major versions from 20, such as 20,24')
}

async function main(): Promise<void> {
  const program = new Command('npm test --')
    .description('Builds, checks and tests everything.')
    .option('--node <majors>', 'run the runtime tests and the suite under these', parseMajors)
    .option('--only <name...>', 'only these: names of test files, suite, check', [])
    .option('--quick', 'keep the new Wasm, skip the check, and use only the running Node')
    .parse()
  const given = program.opts<Partial<Flags> & { only: string[] }>()
  const here = Number(process.versions.node.split('.', 1)[0])
  const flags: Flags = { ...given, node: given.node ?? (given.quick ? [here] : [...majors]) }
  stopOnSignals()
  const results = await testAll(flags)
  const total = add(results)
  console.log(`\n${closingLine(total)}`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

await main()
