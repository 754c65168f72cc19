// Runs many cells of the crash matrix on several runtimes, some at a time, and puts what they came to in a report.
import { readFileSync } from 'node:fs'
import os from 'node:os'
import type { CrashCounts, RuntimeReport } from '../../adapters/spec/types.ts'
import { systemName } from '../../conformance/cells.js'
import { isLanguage } from '../../scripts/languages.ts'
import { Bundles } from './bundles.js'
import { type CrashCell, cellId, demanded, isComplete, isTls, type Program, type Subject, wholeBytes } from './cells.js'
import { type Certificate, makeCertificate } from './certificate.js'
import { Lane, type Outcome } from './runner.js'

/** A cell on one version of its runtime. */
export interface Task {
  cell: CrashCell
  runtime: Program
}

/** How thoroughly. */
export interface Effort {
  trials: number
  /** Connections to one program. */
  together: number
  lanes: number
}

/** What a cell came to on one version. */
export type Done = Task & { outcome: Outcome; seconds: number }

/** Runs the tasks in order, some at a time, and tells of each as it is done. */
export async function runMatrix(tasks: readonly Task[], effort: Effort, done: (one: Done) => void): Promise<Done[]> {
  const certificate = makeCertificate()
  const bundles = new Bundles()
  const programs = new Map<Subject, string>()
  const results: Done[] = []
  try {
    for (const { runtime } of tasks) {
      const { name } = runtime
      if (programs.has(name) || isLanguage(name)) continue
      programs.set(name, await bundles.make('test/crash/program.ts', name))
    }
    const peer = await bundles.make('test/crash/peer.ts', 'node')
    const waiting = tasks.values()
    const work = async (): Promise<void> => {
      const lane = new Lane(peer)
      try {
        for (const task of waiting) {
          const started = performance.now()
          const outcome = await runTask(lane, task, programs.get(task.runtime.name) ?? '', certificate, effort)
          const one = { ...task, outcome, seconds: (performance.now() - started) / 1000 }
          results.push(one)
          done(one)
        }
      } finally {
        lane.end()
      }
    }
    await Promise.all(Array.from({ length: Math.max(1, effort.lanes) }, work))
  } finally {
    bundles.remove()
  }
  return results
}

async function runTask(
  lane: Lane,
  { cell, runtime }: Task,
  program: string,
  certificate: Certificate | undefined,
  { trials, together }: Effort,
): Promise<Outcome> {
  if (isTls(cell.transport) && certificate === undefined) return { problem: 'there is no openssl for a certificate' }
  const empty = { cert: '', key: '' }
  // A testee has one connection.
  const connections = isLanguage(runtime.name) ? 1 : together
  return lane.run(cell, { runtime, program, certificate: certificate ?? empty, trials, together: connections })
}

/** What breaks the promise in these counts, in words; undefined: nothing. */
export function broken(cell: CrashCell, counts: CrashCounts): string | undefined {
  const wanted = demanded(cell)
  if (wanted === undefined) return undefined
  if (counts[wanted] !== counts.trials) {
    return `${counts[wanted]} of ${counts.trials} ended with ${wanted === 'eof' ? 'end of file' : 'a reset'}`
  }
  if (!isComplete(cell.situation) || counts.bytes[0] >= wholeBytes) return undefined
  return `end of file behind ${counts.bytes[0]} of ${wholeBytes} bytes`
}

/** The report of these results. */
export function reportOf(done: readonly Done[], together: number): RuntimeReport {
  const results: RuntimeReport['results'] = {}
  const problems: RuntimeReport['problems'] = {}
  const runtimes: Record<string, string[]> = {}
  const byMajor = (a: string, b: string): number => Number.parseInt(b, 10) - Number.parseInt(a, 10)
  const newestFirst = (a: Done, b: Done): number => byMajor(a.runtime.version, b.runtime.version)
  const ids = (one: Done): string => cellId(one.cell)
  const sorted = [...done].sort((a, b) => (ids(a) < ids(b) ? -1 : ids(a) > ids(b) ? 1 : newestFirst(a, b)))
  for (const { cell, runtime, outcome } of sorted) {
    const id = cellId(cell)
    runtimes[runtime.name] = [...new Set([...(runtimes[runtime.name] ?? []), runtime.version])]
    if ('counts' in outcome) results[id] = { ...results[id], [runtime.version]: outcome.counts }
    else problems[id] = { ...problems[id], [runtime.version]: outcome.problem }
  }
  for (const versions of Object.values(runtimes)) versions.sort(byMajor)
  const platform = process.platform === 'darwin' ? 'macos' : process.platform
  return {
    run: 1,
    system: systemName({ platform, release: os.release() }),
    platform,
    release: os.release(),
    arch: process.arch,
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    finrst: (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
    together,
    runtimes,
    results,
    problems,
  }
}

/**
 * An older report with what is new in this one.
 * @throws Error if they are of different machines or versions, so that they cannot be one report
 */
export function joined(old: RuntimeReport, added: RuntimeReport): RuntimeReport {
  for (const key of ['system', 'release', 'arch', 'node', 'finrst'] as const) {
    if (old[key] !== added[key]) throw new Error(`the report has ${key} ${old[key]}, this run ${added[key]}`)
  }
  for (const [name, versions] of Object.entries(added.runtimes)) {
    const strange = versions.find((version) => !old.runtimes[name]?.includes(version))
    if (strange !== undefined) throw new Error(`the report has no ${name} ${strange}`)
  }
  const sorted = <T>(of: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)))
  const results = { ...old.results }
  const problems = { ...old.problems }
  for (const id of [...Object.keys(added.results), ...Object.keys(added.problems)]) {
    results[id] = { ...results[id], ...added.results[id] }
    problems[id] = { ...added.problems[id] }
    if (Object.keys(problems[id]).length === 0) delete problems[id]
  }
  const together = Math.max(old.together, added.together)
  return { ...old, date: added.date, together, results: sorted(results), problems: sorted(problems) }
}
