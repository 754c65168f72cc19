// Runs what was selected: vectors first, then wire scripts a few at a time; results in id order.
import type { Hello } from '../adapters/spec/results.js'
import { baseResult } from './attempt.js'
import { type LoadedScript, loadScripts } from './files.js'
import { greet, greetSystem } from './hello.js'
import { Reserve } from './reserve.js'
import { type Result, UsageError } from './result.js'
import type { Script } from './script.js'
import { nearest, type Selection } from './select.js'
import { checkLoopback } from './surroundings.js'
import { runRowScript, type SystemHello, systemTestee } from './system/run.js'
import { runVectors } from './vectors.js'
import { bundledTestee, peerProgram, runScript } from './wire.js'

/** The kinds of checks; `wire` are all wire scripts, `rows` those that are named like a row of the table. */
export const checkKinds = ['vectors', 'wire', 'rows'] as const
export type CheckKind = (typeof checkKinds)[number]

/** What a run is to cover. */
export interface RunOptions {
  selection: Selection
  /** One kind of check, or all but one. */
  only?: CheckKind
  except?: CheckKind
  /** Scripts of this level only. */
  level?: 'peer' | 'packet' | 'raw'
  /** The program that holds the guarded side; absent: the bundled one. */
  testee?: readonly string[]
  repeat: (id: string) => string
  /** Called as soon as a result is there, in any order. */
  progress: (result: Result) => void
  /** The folder of the scripts, if not the package's own. */
  scripts?: string
}

/** A whole run. */
export interface Run {
  /** Absent if no script needed a testee. */
  hello?: Hello
  /** Absent if no row script was selected. */
  system?: SystemHello
  results: Result[]
}

const atOnce = 4

/** Runs the jobs with at most {@link atOnce} at a time; the first rejection stops the rest. */
const pool = async <T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> => {
  const results: T[] = []
  let next = 0
  let stopped = false
  const worker = async (): Promise<void> => {
    while (!stopped && next < jobs.length) {
      const index = next
      next += 1
      const job = jobs[index]
      if (!job) return
      try {
        results[index] = await job()
      } catch (error) {
        stopped = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker))
  return results
}

const unreadable = (id: string, problem: Error): Result => ({
  id,
  kind: 'wire',
  title: 'a script that cannot be read',
  outcome: 'fail',
  must: 'every script follows spec/wire/README.md',
  expected: 'a script that can be read',
  actual: problem.message,
  ms: 0,
})

const isRow = (loaded: LoadedScript): boolean => loaded.id.includes('.')

/** Whether a script is one of those that the options ask for. */
const isWanted = (loaded: LoadedScript, { only, except, level, selection }: RunOptions): boolean => {
  if (only === 'vectors' || except === 'wire') return false
  if (only === 'rows' && !isRow(loaded)) return false
  if (except === 'rows' && isRow(loaded)) return false
  if ('script' in loaded && level !== undefined && loaded.script.level !== level) return false
  return selection.select(loaded.id)
}

const wantsVectors = ({ only, except }: RunOptions): boolean =>
  (only === undefined || only === 'vectors') && except !== 'vectors'

/** Both kinds evenly: row scripts mostly wait, and meanwhile the others start their testees. */
const mixed = (scripts: readonly LoadedScript[]): LoadedScript[] => {
  const placed = [scripts.filter(isRow), scripts.filter((script) => !isRow(script))].flatMap((kind) =>
    kind.map((script, index) => ({ script, place: (index + 0.5) / kind.length })),
  )
  return placed.sort((a, b) => a.place - b.place).map(({ script }) => script)
}

const byId = (a: Result, b: Result): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Says which pattern chose nothing; a typing error must not look like success. */
const checkUsed = (options: RunOptions, ids: readonly string[]): void => {
  const [typed] = options.selection.unused()
  if (typed === undefined) return
  const near = nearest(typed, ids)
  throw new UsageError(`nothing matches ${typed}; ${near ? `did you mean ${near}?` : 'see finrst list'}`)
}

type Greeted = Omit<Run, 'results'>

/** Who answers the scripts of each kind; who is not needed is not asked. */
const greetAll = async (wanted: readonly LoadedScript[], options: RunOptions): Promise<Greeted> => {
  const scripts = wanted.flatMap((each) => ('script' in each ? [each.script] : []))
  const run: Greeted = {}
  if (scripts.some(({ guard }) => guard !== 'system')) run.hello = await greet(options.testee ?? bundledTestee)
  // With a testee of somebody else's, row scripts are left out: they are about this system, and do not ask the testee.
  if (options.testee === undefined && scripts.some(({ guard }) => guard === 'system')) run.system = await greetSystem()
  return run
}

/** The programs that serve one script after the other. */
interface Kept {
  peers: Reserve
  sides: Reserve
}

const runOne = (script: Script, { hello, system }: Greeted, kept: Kept, options: RunOptions): Promise<Result> => {
  const { testee = bundledTestee, repeat } = options
  if (script.guard !== 'system') {
    if (!hello) throw new Error('no testee was asked who it is')
    return runScript(script, { testee, hello, peers: kept.peers, repeat })
  }
  if (system) return runRowScript(script, { hello: system, sides: kept.sides, repeat })
  const reason = 'about this system and not about a testee: run it without --testee'
  return Promise.resolve({ ...baseResult(script), outcome: 'skip', reason })
}

/** Runs everything that was selected. Rejects with {@link UsageError} or {@link EnvironmentError}. */
export const runAll = async (options: RunOptions): Promise<Run> => {
  const vectorIds: string[] = []
  const select = (id: string): boolean => {
    vectorIds.push(id)
    return options.selection.select(id)
  }
  const vectors = wantsVectors(options) ? await runVectors(select) : []
  for (const result of vectors) options.progress(result)
  const loaded = options.only === 'vectors' ? [] : loadScripts(options.scripts)
  const wanted = loaded.filter((script) => isWanted(script, options))
  checkUsed(options, [...loaded.map(({ id }) => id), ...vectorIds])
  if (vectors.length + wanted.length === 0) throw new UsageError('nothing matched; see finrst list')
  if (wanted.length === 0) return { results: [...vectors].sort(byId) }
  await checkLoopback()
  const greeted = await greetAll(wanted, options)
  const kept = { peers: new Reserve(peerProgram), sides: new Reserve(systemTestee) }
  const jobs = mixed(wanted).map((each) => async (): Promise<Result> => {
    const result =
      'script' in each
        ? { ...(await runOne(each.script, greeted, kept, options)), script: each.source }
        : unreadable(each.id, each.problem)
    options.progress(result)
    return result
  })
  try {
    return { ...greeted, results: [...vectors.sort(byId), ...(await pool(jobs)).sort(byId)] }
  } finally {
    await Promise.all([kept.peers.stop(), kept.sides.stop()])
  }
}
