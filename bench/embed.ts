// npm run bench -- embed: what the libraries in other languages cost, each measured by a program of its own language.
import { spawnSync } from 'node:child_process'
import pc from 'picocolors'
import { isLanguage, type LanguageName, languages } from '../scripts/languages.ts'
import { type Costs, missingCosts, readCosts, required } from './embed-costs.ts'

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
  const found = wanted.map((name) => [name, benchOne(name)] as const)
  console.log(`\n${pc.bold('the engine, in nanoseconds; the bytes that a program grows by')}`)
  console.log(`  ${''.padEnd(8)}${required.map((name) => name.padStart(14)).join('')}`)
  for (const [name, costs] of found) console.log(`  ${rowOf(name, costs)}`)
  return found.some(([, costs]) => costs === undefined) ? 1 : 0
}

function rowOf(name: LanguageName, costs: Costs | undefined): string {
  const { title, bench } = languages[name]
  const numbers = required.map((each) => (costs?.[each]?.toLocaleString('en') ?? 'failed').padStart(14))
  return `${title.padEnd(8)}${numbers.join('')}  ${pc.dim(bench.bytesOf)}`
}

/** What the benchmark of one language tells; undefined if it failed, or did not tell what all must. */
function benchOne(name: LanguageName): Costs | undefined {
  const { title, bench } = languages[name]
  console.log(`\n${pc.bold(title)}  ${pc.dim(bench.command.join(' '))}`)
  const [program = '', ...rest] = bench.command
  const options = { cwd: bench.folder, encoding: 'utf8', timeout: deadlineMs } as const
  const { status, stdout, stderr, error } = spawnSync(program, rest, options)
  const costs = readCosts(stdout ?? '')
  for (const [each, value] of Object.entries(costs)) console.log(`  ${each.padEnd(28)}${value.toLocaleString('en')}`)
  const missing = missingCosts(costs)
  if (status === 0 && missing.length === 0) return costs
  const why = error?.message ?? (stderr?.trim().split('\n').at(-1) || `exit code ${status}`)
  console.log(pc.red(`  failed: ${status === 0 ? `it does not tell ${missing.join(', ')}` : why}`))
  return undefined
}
