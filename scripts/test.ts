// Tests everything: builds, checks, runs every test file and the conformance suite, and closes with one line of counts.
// 1. Every test file runs in a process of its own on the Node that is running; test/node-*.test.ts, which are about
//    sockets of node:net, and the suite of dist/cli.js run under every supported Node, Deno and Bun;
//    test/deno-*.test.ts and test/bun-*.test.ts run under that runtime alone. Row scripts ask the kernel and not the
//    runtime, so they run once.
// 2. A process that exits with an error, ends without a summary, runs nothing or passes its deadline is a failure.
// 3. A process that fails runs once more, and is named flaky if it passes then; not so one that tries random cases.
// 4. The last line is `N passed, N failed[, N skipped]`, and nothing follows it.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Command, InvalidArgumentError } from 'commander'
import { build } from 'esbuild'
import picocolors from 'picocolors'
import { parseRuntimes, runtimeNames } from './arguments.ts'
import { add, type Counts, closingLine, countSuite, countUvu, judge, required } from './counts.ts'
import { majors } from './nodes.ts'
import { runProcess, stopOnSignals } from './processes.ts'
import { installed, nodeRuntime, type Runtime, type RuntimeName } from './runtimes.ts'
import { programOptions } from './bundling.ts'

interface Flags {
  node: number[]
  runtimes: RuntimeName[]
  only: string[]
  quick?: true
}

/** One process to run. */
interface Job {
  name: string
  /** The runtime it runs under, and its version. */
  runtime: string
  command: string[]
  /** Reads its summary; undefined if there is none. */
  count: (output: string) => Counts | undefined
}

/** A runtime that was asked for, or why there is none. */
type Wanted = { runtime: Runtime } | { name: string; problem: string }

const parallel = 2
/** The long forms, which these variables ask for, take their time. */
const long = ['RUNS', 'CONNECTIONS', 'SAMPLES'].some((name) => process.env[`FINRST_${name}`] !== undefined)
const deadlineSeconds = long ? 1800 : 180
/** What may take longer: packing builds, and installing asks a registry. */
const longer: Record<string, number> = {
  package: 480,
  'node-auto': 480,
  installed: 900,
  api: 480,
  audit: 420,
  'crash-matrix': 480,
  bench: 420,
  suite: 420,
  'suite of rows': 420,
  invariants: 480,
  mutants: 480,
  model: 480,
  site: 480,
  'site-access': 480,
}

const terminal = process.stdout.isTTY === true
const colors = picocolors.createColors(terminal && picocolors.isColorSupported)

/** Our environment, but with colours exactly if there is a terminal to show them. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NO_COLOR: __, ...rest } = process.env
  // The peer of a test is a Node whatever the test runs under.
  const shared = { ...rest, FINRST_NODE: process.execPath, DENO_NO_UPDATE_CHECK: '1' }
  return colors.isColorSupported ? { ...shared, FORCE_COLOR: '1' } : { ...shared, NO_COLOR: '1' }
}

function show(failed: boolean, name: string, runtime: string, told: string, seconds?: number): void {
  const mark = failed ? colors.red('FAIL') : colors.green('ok  ')
  const time = seconds === undefined ? '' : colors.dim(`  ${seconds.toFixed(1)} s`)
  console.log(`${mark}  ${name.padEnd(20)}  ${runtime.padEnd(14)}  ${told}${time}`)
}

/** Prints all that a process wrote, set in, so that no line of it is taken for one of ours. */
function showOutput(output: string): void {
  console.log(`${output.trimEnd().replace(/^(?=.)/gm, '    ')}\n`)
}

/** A counterexample that was found at random is a finding, and another seed proves nothing against it. */
const random = /property|twin|invariants|model|mutants|fuzz|faults/

/** Runs one process; one that fails is run once more, and what failed first is shown all the same. */
async function perform(job: Job): Promise<Counts> {
  const first = await performOnce(job)
  if (first.failed === 0 || random.test(job.name)) return first
  const second = await performOnce(job)
  if (second.failed === 0)
    console.log(colors.yellow(`      note: flaky: ${job.name} failed, and passed when run again`))
  return second
}

/** Runs one process and prints its line, its notes, and if it failed all it wrote. */
async function performOnce(job: Job): Promise<Counts> {
  const finished = await runProcess(job.command, {
    deadlineSeconds: longer[job.name] ?? deadlineSeconds,
    env: childEnvironment(),
  })
  const plain = stripVTControlCharacters(finished.output)
  const judged = judge(finished, job.count(plain))
  const told = closingLine(judged) + (judged.why === undefined ? '' : ` (${judged.why})`)
  show(judged.failed > 0, job.name, job.runtime, told, finished.seconds)
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

/** Where a test lies once it is bundled for a runtime: its adapter is another there. */
const bundled = (name: string, runtime: RuntimeName): string => join('build/test', runtime, `${name}.mjs`)

/** The runtime that a test file is about, if it is about one. */
const boundTo = (name: string): RuntimeName | undefined =>
  (/^(?:deno|bun)(?=-)/.exec(name)?.[0] as RuntimeName) ?? undefined

/** Whether a test file runs under this runtime; what is about none of them runs under the Node that is running. */
const runsUnder = (name: string, runtime: RuntimeName): boolean => name.startsWith('node-') || boundTo(name) === runtime

async function bundle(names: readonly string[], runtime: RuntimeName): Promise<void> {
  if (names.length === 0) return
  for (const name of names) rmSync(bundled(name, runtime), { force: true })
  await build({
    ...programOptions,
    entryPoints: Object.fromEntries(names.map((name) => [name, `test/${name}.test.ts`])),
    outdir: join('build/test', runtime),
    outExtension: { '.js': '.mjs' },
    conditions: [runtime],
    sourcemap: 'inline',
    logLevel: 'warning',
  })
}

const findDenoOrBun = (name: 'deno' | 'bun'): Wanted => {
  const found = installed(name)
  return 'runtime' in found ? found : { name, problem: found.missing }
}

async function findRuntimes({ node, runtimes }: Flags): Promise<Wanted[]> {
  const told = (error: unknown): string => (error instanceof Error ? error.message : String(error))
  const nodes = (runtimes.includes('node') ? node : []).map((major) =>
    nodeRuntime(major).then(
      (runtime): Wanted => ({ runtime }),
      (error: unknown): Wanted => ({ name: `node ${major}`, problem: told(error) }),
    ),
  )
  const others = (['deno', 'bun'] as const).filter((name) => runtimes.includes(name)).map(findDenoOrBun)
  return [...(await Promise.all(nodes)), ...others]
}

// A machine that tests for everybody must have what row scripts need: root, and a kernel with MPTCP.
const countRows = (output: string): Counts | undefined =>
  process.env.CI === undefined ? countSuite(output) : required(countSuite(output))

/** The long ones first, so that the last process to end is a short one. */
function planJobs(names: readonly string[], suite: boolean, runtimes: readonly Runtime[]): Job[] {
  const job = (name: string, { name: runtime, version, command }: Runtime): Job => ({
    name,
    runtime: `${runtime} ${version}`,
    command: [...command, bundled(name, runtime)],
    count: countUvu,
  })
  const ours: Runtime = {
    name: 'node',
    version: process.versions.node,
    command: [process.execPath, '--enable-source-maps'],
  }
  const suiteJob = (name: string, runtime: Runtime, ...kind: string[]): Job => ({
    ...job(name, runtime),
    command: [...runtime.command, 'dist/cli.js', 'test', ...kind],
    count: (output) => countSuite(output),
  })
  const here = names.filter((name) => !name.startsWith('node-') && boundTo(name) === undefined)
  here.sort((a, b) => (longer[b] ?? 0) - (longer[a] ?? 0))
  return [
    ...here.map((name) => job(name, ours)),
    ...(suite ? [{ ...suiteJob('suite of rows', ours, '--only', 'rows'), count: countRows }] : []),
    ...runtimes.flatMap((runtime) => [
      ...(suite ? [suiteJob('suite', runtime, '--except', 'rows')] : []),
      ...names.filter((name) => runsUnder(name, runtime.name)).map((name) => job(name, runtime)),
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

  const finding = findRuntimes(flags)
  if (!(await step('build', 'scripts/build.ts', ...(flags.quick ? [] : ['--check'])))) return [failure]
  if (!flags.quick && wanted('check') && !(await step('check', 'scripts/check.ts'))) results.push(failure)
  const runtimes: Runtime[] = []
  for (const wantedOne of await finding) {
    if ('runtime' in wantedOne) {
      runtimes.push(wantedOne.runtime)
      continue
    }
    show(true, 'runtimes', wantedOne.name, 'cannot be had, so nothing ran under it')
    showOutput(wantedOne.problem)
    results.push(failure)
  }
  const chosen = names.filter(wanted)
  const bundledFor = new Set<RuntimeName>(['node', ...runtimes.map(({ name }) => name)])
  for (const runtime of bundledFor) {
    const theirs = chosen.filter(
      (name) => runsUnder(name, runtime) || (runtime === 'node' && boundTo(name) === undefined),
    )
    await bundle(theirs, runtime)
  }
  results.push(...(await performAll(planJobs(chosen, wanted('suite'), runtimes))))
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
    .option('--runtimes <names>', 'run the runtime tests and the suite under these', parseRuntimes)
    .option('--only <name...>', 'only these: names of test files, suite, check', [])
    .option('--quick', 'keep the new Wasm, skip the check, and use only the running Node')
    .parse()
  const given = program.opts<Partial<Flags> & { only: string[] }>()
  const here = Number(process.versions.node.split('.', 1)[0])
  const flags: Flags = {
    ...given,
    node: given.node ?? (given.quick ? [here] : [...majors]),
    runtimes: given.runtimes ?? (given.quick ? ['node'] : [...runtimeNames]),
  }
  stopOnSignals()
  const results = await testAll(flags)
  const total = add(results)
  console.log(`\n${closingLine(total)}`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

await main()
