// Plays one script and tells what came of it: the requests, the deadline and the result of both kinds of scripts.
import type { Trace } from './exchange.js'
import { describeDeath, type LineProcess, type Reply, SilenceError } from './line-process.js'
import { Contradiction } from './peer-view.js'
import { EnvironmentError, type Outcome, type Result } from './result.js'
import type { ScriptHeader } from './header.js'
import type { Request } from './verbs.js'

/** The script cannot be run here; the reason goes into the result. */
export class Skip extends Error {}

const longestText = 500
/** What a testee says, in one text that is not too long. */
const shorten = (said: unknown): string =>
  (typeof said === 'string' ? said : (JSON.stringify(said) ?? 'nothing')).slice(0, longestText)

/** How long both sides may take to start, which is not the script's time: a busy machine needs it. */
export const startMs = 30_000

/** The end of a script's time. */
export class Deadline {
  #end: number

  constructor(ms: number) {
    this.#end = performance.now() + ms
  }

  /** Resolves `true` when `changed` has, `false` when the deadline has passed or `ms` are over. */
  async wait(changed: Promise<void>, ms = Number.POSITIVE_INFINITY): Promise<boolean> {
    const left = Math.min(ms, this.#end - performance.now())
    if (left <= 0) return false
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), left)
    })
    try {
      return await Promise.race([changed.then(() => true as const), late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** The reply to a request; throws a {@link Contradiction} if there is none in time or it is a refusal. */
  async ask(process: LineProcess, request: Request, expected: string): Promise<Reply> {
    let reply: Reply | undefined
    const asked = process.request(request).then((answer) => {
      reply = answer
    })
    if (!(await this.wait(asked)) || !reply) {
      asked.catch(() => undefined)
      throw new Contradiction(expected, `no answer to ${request.do} before the deadline`)
    }
    if (reply.unsupported) throw new Skip(shorten(reply.why ?? `the testee does not support "${request.do}"`))
    if (!reply.ok) throw new Contradiction(expected, `${request.do} failed: ${shorten(reply.error ?? reply)}`)
    return reply
  }

  /** Tells a process to die and waits for its death; answers how it died, in words. */
  async die(process: LineProcess, request: Request, expected: string): Promise<string> {
    let refusal: Reply | undefined
    const refused = process.request(request).then(
      (reply) => {
        refusal = reply
      },
      () => undefined,
    )
    await this.wait(Promise.race([refused, process.died.then(() => undefined)]))
    if (refusal?.unsupported) throw new Skip(shorten(refusal.why ?? `the testee cannot ${request.do}`))
    if (refusal?.ok === false) throw new Contradiction(expected, `${request.do} failed: ${shorten(refusal.error)}`)
    let death: string | undefined
    await this.wait(
      process.died.then((how) => {
        death = describeDeath(how)
      }),
    )
    if (death === undefined) throw new Contradiction(expected, 'the process lived on until the deadline')
    return death
  }
}

/** One script that is being played. */
export interface Attempt {
  trace: Trace
  /** Plays it to its end; answers the outcome, or throws a {@link Contradiction} or a {@link Skip}. */
  play(): Promise<{ outcome: Outcome } & Partial<Result>>
  /** Lets go of its processes; `whole`: it was played to its end. */
  stop(whole: boolean): Promise<void>
}

/** Takes a step, so that a process that dies or speaks nonsense meanwhile contradicts it. */
export const takeStep = async (expected: string, step: () => Promise<void>): Promise<void> => {
  try {
    await step()
  } catch (error) {
    if (error instanceof SilenceError) throw new Contradiction(expected, error.message)
    throw error
  }
}

/** What the result of a script says, however it is played. */
export const baseResult = (script: ScriptHeader): Result => {
  const base: Result = { id: script.id, kind: 'wire', title: script.title, outcome: 'pass', level: script.level, ms: 0 }
  if (script.row !== undefined) base.row = script.row
  if (script.clause !== undefined) base.clause = script.clause
  return base
}

/** Plays a script. `where` are the names under which its known failure may be marked. */
export const attempt = async (
  script: ScriptHeader,
  where: readonly string[],
  repeat: string,
  run: Attempt,
): Promise<Result> => {
  const finish = (more: Partial<Result>): Result => ({
    ...baseResult(script),
    ...more,
    trace: run.trace.lines,
    repeat,
    ms: run.trace.ms,
  })
  const must = script.clause ? `${script.title} (${script.clause})` : script.title
  let result: Result
  let whole = false
  try {
    const played = await run.play()
    whole = true
    result = finish(played.outcome === 'differs' ? { must, ...played } : played)
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    if (error instanceof Skip) result = finish({ outcome: 'skip', reason: error.message })
    else if (error instanceof Contradiction)
      result = finish({ outcome: 'fail', must, expected: error.expected, actual: error.actual })
    else result = finish({ outcome: 'fail', must, expected: 'the script runs to its end', actual: String(error) })
  } finally {
    await run.stop(whole)
  }
  return applyKnownFailure(script, where, result)
}

const applyKnownFailure = (script: ScriptHeader, where: readonly string[], result: Result): Result => {
  const known = script.knownFailure
  if (!known || !['*', ...where].includes(known.where)) return result
  if (result.outcome === 'fail') return { ...result, outcome: 'skip', reason: `known failure: ${known.reason}` }
  if (result.outcome !== 'pass') return result
  return { ...result, outcome: 'xpass', reason: `passes, although it is marked: ${known.reason}` }
}
