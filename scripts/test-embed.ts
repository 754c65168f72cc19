// Tests the embeddings in other languages: each one's own tests, then the conformance suite against its testee.
// 1. An embedding is a folder embed/<language> with a test.sh. It installs what it needs into .cache/embed/<language>,
//    through the ordinary package clients, and ends with the line `N passed, N failed[, N skipped]`.
// 2. Where the toolchain of a language is missing it is skipped with the reason; with CI=true that is a failure.
// 3. The last line is the sum, and nothing follows it.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Command } from 'commander'
import picocolors from 'picocolors'
import { add, type Counts, closingLine, countSuite, judge } from './counts.ts'
import { isLanguage, type Language, languages } from './languages.ts'
import { runProcess, stopOnSignals } from './processes.ts'

/** A toolchain that was found, or why it was not. */
type Found = { version: string } | { missing: string }

const folder = 'embed'
const colors = picocolors.createColors(process.stdout.isTTY === true && picocolors.isColorSupported)
const nothing: Counts = { passed: 0, failed: 0, skipped: 0 }
const failure: Counts = { ...nothing, failed: 1 }
const skip: Counts = { ...nothing, skipped: 1 }

function show(mark: 'ok' | 'FAIL' | 'skip', name: string, told: string, seconds?: number): void {
  const colored = { ok: colors.green, FAIL: colors.red, skip: colors.yellow }[mark](mark.padEnd(4))
  const time = seconds === undefined ? '' : colors.dim(`  ${seconds.toFixed(1)} s`)
  console.log(`${colored}  ${name.padEnd(24)}  ${told}${time}`)
}

/** The embeddings: folders with a test.sh. */
const embeddings = (): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'test.sh')))
    .map(({ name }) => name)
    .sort()

/** Runs a command, prints its line, and if it failed all that it wrote. */
async function perform(name: string, command: string[], deadlineSeconds: number): Promise<Counts> {
  const finished = await runProcess(command, { deadlineSeconds })
  const judged = judge(finished, countSuite(stripVTControlCharacters(finished.output)))
  const told = closingLine(judged) + (judged.why === undefined ? '' : ` (${judged.why})`)
  show(judged.failed > 0 ? 'FAIL' : 'ok', name, told, finished.seconds)
  if (judged.failed > 0) console.log(`${finished.output.trimEnd().replace(/^(?=.)/gm, '    ')}\n`)
  return judged
}

async function findToolchain({ toolchain }: Language): Promise<Found> {
  if (process.platform === 'win32') return { missing: 'test.sh needs a POSIX system' }
  const { code, output } = await runProcess([...toolchain], { deadlineSeconds: 30 })
  if (code === 0) return { version: output.trim() }
  return { missing: `${output.trim().split('\n').at(-1) || `exit code ${code}`}` }
}

/** The tests of one embedding, and the suite against its testee. */
async function testOne(name: string): Promise<Counts[]> {
  if (!isLanguage(name)) {
    show('FAIL', name, 'is not in the table of scripts/languages.ts')
    return [failure]
  }
  const language = languages[name]
  const found = await findToolchain(language)
  if ('missing' in found) {
    const required = process.env.CI !== undefined
    show(required ? 'FAIL' : 'skip', name, `no toolchain: ${found.missing}`)
    return [required ? failure : skip]
  }
  const own = await perform(name, [join(folder, name, 'test.sh')], 900)
  const suite = [process.execPath, 'dist/cli.js', 'test', '--only', 'wire', '--except', 'rows']
  return [own, await perform(`${name}, suite`, [...suite, '--testee', language.testee.join(' ')], 420)]
}

async function main(): Promise<void> {
  const program = new Command('npm run test:embed --')
    .description('Tests the embeddings in other languages, and runs the conformance suite against their testees.')
    .option('--only <language...>', 'only these', [])
    .parse()
  const { only } = program.opts<{ only: string[] }>()
  const all = embeddings()
  const strange = only.filter((name) => !all.includes(name))
  if (strange.length > 0) {
    console.error(`no embedding is named ${strange.join(', ')}; there are ${all.join(', ')}`)
    process.exit(2)
  }
  stopOnSignals()
  const build = [process.execPath, 'scripts/run.mjs', 'scripts/build.ts']
  const built = await runProcess(build, { deadlineSeconds: 300 })
  show(built.code === 0 ? 'ok' : 'FAIL', 'build', built.code === 0 ? 'done' : built.output, built.seconds)
  const results: Counts[] = built.code === 0 ? [] : [failure]
  // One after the other: they measure time, and some of them use every core.
  if (built.code === 0) for (const name of only.length > 0 ? only : all) results.push(...(await testOne(name)))
  const total = add(results)
  console.log(`\n${closingLine(total)}`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

await main()
