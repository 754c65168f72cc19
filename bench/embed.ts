// npm run bench -- embed: what the libraries in other languages cost, each measured by a program of its own language.
import { spawnSync } from 'node:child_process'
import pc from 'picocolors'
import { isLanguage, type LanguageName, languages } from '../scripts/languages.ts'

const deadlineMs = 600_000

/**
 * Runs the benchmarks of these languages, or of all.
 * @returns the exit code: 0, 1 if one of them failed, 2 if a name is no language
 */
export function benchEmbeddings(names: readonly string[]): number {
  const strange = names.filter((name) => !isLanguage(name))
  if (strange.length > 0) {
    console.error(`${strange.join(', ')} is no embedding; expected some of ${Object.keys(languages).join(', ')}`)
    return 2
  }
  const wanted = (names.length > 0 ? names : Object.keys(languages)) as LanguageName[]
  console.log('Run npm run test:embed before: it builds what is measured here.')
  // One after the other: they measure time.
  return wanted.map(benchOne).some((fine) => !fine) ? 1 : 0
}

function benchOne(name: LanguageName): boolean {
  const { title, bench } = languages[name]
  console.log(`\n${pc.bold(title)}  ${pc.dim(bench.command.join(' '))}`)
  const [program = '', ...rest] = bench.command
  const options = { cwd: bench.folder, encoding: 'utf8', timeout: deadlineMs } as const
  const { status, stdout, stderr, error } = spawnSync(program, rest, options)
  const lines = stdout?.trim() ?? ''
  for (const line of lines.split('\n')) console.log(`  ${tableOf(line) ?? line}`)
  if (status === 0) return true
  console.log(pc.red(`  failed: ${error?.message ?? stderr?.trim().split('\n').at(-1) ?? status}`))
  return false
}

// A line of JSON has one number for each of its names; nanoseconds, where it does not say otherwise.
function tableOf(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  const numbers = Object.entries(JSON.parse(line) as Record<string, unknown>)
  return numbers.map(([name, value]) => `${name.padEnd(48)}${value}`).join('\n  ')
}
