// Runs what was selected: vectors first, then wire scripts a few at a time; results in id order.
import net from 'node:net'
import { type LoadedScript, loadScripts } from './files.js'
import { LineProcess, SilenceError } from './line-process.js'
import { EnvironmentError, type Result, UsageError } from './result.js'
import { nearest, type Selection } from './select.js'
import { runVectors } from './vectors.js'
import { type Hello, runScript, type WireOptions } from './wire.js'

/** What a run is to cover. */
export interface RunOptions {
  selection: Selection
  only?: 'vectors' | 'wire'
  /** Scripts of this level only. */
  level?: 'peer' | 'packet' | 'raw'
  testee: readonly string[]
  repeat: (id: string) => string
  /** Called as soon as a result is there, in any order. */
  progress: (result: Result) => void
  /** The folder of the scripts, if not the package's own. */
  scripts?: string
}

/** A whole run. */
export interface Run {
  /** Absent if no wire script was selected. */
  hello?: Hello
  results: Result[]
}

const atOnce = 4
const helloMs = 10_000

/** Makes sure that this machine lets us listen on loopback at all. */
const checkLoopback = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (error) => reject(new EnvironmentError(`cannot listen on 127.0.0.1: ${error.message}`)))
    server.listen(0, '127.0.0.1', () => server.close(() => resolve()))
  })

/** Asks the testee who it is. */
export const greet = async (testee: readonly string[]): Promise<Hello> => {
  const said: string[] = []
  const child = await LineProcess.start('testee', testee, {
    notice: () => undefined,
    trace: (from, text) => {
      if (from === 'stderr') said.push(text)
    },
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilenceError('the testee gave no answer to hello in 10 s')), helloMs)
  })
  try {
    const reply = await Promise.race([child.request({ do: 'hello' }), late])
    if (!reply.ok) throw new EnvironmentError(`the testee answered hello with ${JSON.stringify(reply)}`)
    const text = (field: string): string => (typeof reply[field] === 'string' ? reply[field] : 'unknown')
    return {
      testee: text('testee'),
      version: text('version'),
      platform: text('platform'),
      runtime: text('runtime'),
      capabilities: (reply.capabilities ?? {}) as Hello['capabilities'],
    }
  } catch (error) {
    if (!(error instanceof SilenceError)) throw error
    const tail = said.length > 0 ? `\n${said.slice(-10).join('\n')}` : ''
    throw new EnvironmentError(`${error.message}${tail}`)
  } finally {
    clearTimeout(timer)
    await child.stop()
  }
}

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

/** Whether a script is one of those that the options ask for. */
const isWanted = (loaded: LoadedScript, options: RunOptions): boolean => {
  if (options.only === 'vectors') return false
  if ('script' in loaded && options.level !== undefined && loaded.script.level !== options.level) return false
  return options.selection.select(loaded.id)
}

const byId = (a: Result, b: Result): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Says which pattern chose nothing; a typing error must not look like success. */
const checkUsed = (options: RunOptions, ids: readonly string[]): void => {
  const [typed] = options.selection.unused()
  if (typed === undefined) return
  const near = nearest(typed, ids)
  throw new UsageError(`nothing matches ${typed}; ${near ? `did you mean ${near}?` : 'see finrst list'}`)
}

/** Runs everything that was selected. Rejects with {@link UsageError} or {@link EnvironmentError}. */
export const runAll = async (options: RunOptions): Promise<Run> => {
  const vectorIds: string[] = []
  const select = (id: string): boolean => {
    vectorIds.push(id)
    return options.selection.select(id)
  }
  const vectors = options.only === 'wire' ? [] : await runVectors(select)
  for (const result of vectors) options.progress(result)
  const loaded = options.only === 'vectors' ? [] : loadScripts(options.scripts)
  const wanted = loaded.filter((script) => isWanted(script, options))
  checkUsed(options, [...loaded.map(({ id }) => id), ...vectorIds])
  if (vectors.length + wanted.length === 0) throw new UsageError('nothing matched; see finrst list')
  if (wanted.length === 0) return { results: [...vectors].sort(byId) }
  await checkLoopback()
  const hello = await greet(options.testee)
  const wireOptions: WireOptions = { testee: options.testee, hello, repeat: options.repeat }
  const jobs = wanted.map((each) => async (): Promise<Result> => {
    const result = 'script' in each ? await runScript(each.script, wireOptions) : unreadable(each.id, each.problem)
    options.progress(result)
    return result
  })
  return { hello, results: [...vectors.sort(byId), ...(await pool(jobs)).sort(byId)] }
}
