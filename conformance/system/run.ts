// Plays one row script: two system testees, every line in turn, and then the first answer whose conditions hold.
import { attempt, type Attempt, baseResult, Deadline, startMs, takeStep } from '../attempt.js'
import { Trace } from '../exchange.js'
import { saidOf } from '../files.js'
import { ownFile } from '../own-file.js'
import type { Listener, LineProcess, Reply } from '../line-process.js'
import { Contradiction } from '../peer-view.js'
import type { Reserve } from '../reserve.js'
import type { Outcome, Result } from '../result.js'
import type { Abilities } from './abilities.js'
import type { AnswerLine, Condition, RowScript, Side, SystemStep } from './script.js'

/** What this machine is and lets a row script do, as a system testee said. */
export interface SystemHello {
  platform: string
  release: string
  arch: string
  can: boolean
  why: string
  /** What else can be done here; absent: row scripts cannot be played. */
  abilities?: Abilities
}

export interface SystemOptions {
  hello: SystemHello
  /** The system testees. */
  sides: Reserve
  /** The command that repeats one script. */
  repeat: (id: string) => string
}

/** The program of both sides. */
export const systemTestee: readonly string[] = [process.execPath, ownFile, '__system']

/** What a line kept. */
interface Kept {
  is: string
  ms: number
}

const senders = {
  us: { in: 'to-testee', out: 'testee', stderr: 'testee-stderr' },
  peer: { in: 'to-peer', out: 'peer', stderr: 'peer' },
} as const

/** Whether a condition holds for what was kept. */
export const holds = ({ name, ms, test, values }: Condition, kept: ReadonlyMap<string, Kept>): boolean => {
  const found = kept.get(name)
  const [first = ''] = values
  if (!found) return false
  switch (test) {
    case '=':
      return values.includes(found.is)
    case '!=':
      return !values.includes(found.is)
    case '~':
      return found.is.split('+').some((word) => values.includes(word))
    case '==':
      return found.is === kept.get(first)?.is
    case '>=':
      return (ms ? found.ms : Number(found.is)) >= Number(first)
    case '<':
      return (ms ? found.ms : Number(found.is)) < Number(first)
  }
}

/** The first answer of which all conditions hold. */
export const answerOf = (lines: readonly AnswerLine[], kept: ReadonlyMap<string, Kept>): string | undefined =>
  lines.find(({ conditions }) => conditions.every((each) => holds(each, kept)))?.answer

class RowRun implements Attempt {
  readonly trace = new Trace()
  #deadline = new Deadline(startMs)
  #kept = new Map<string, Kept>()
  #sides = new Map<Side, LineProcess>()
  #places = new Map<Side, unknown>()

  constructor(
    readonly script: RowScript,
    readonly options: SystemOptions,
  ) {}

  async play(): Promise<{ outcome: Outcome } & Partial<Result>> {
    await Promise.all([this.#start('us'), this.#start('peer')])
    this.#deadline = new Deadline(this.script.deadlineMs)
    if (this.script.ownNet) await this.#leaveNetwork()
    for (const step of this.script.steps) {
      const expected = `line ${step.line}: ${step.text}`
      this.trace.add('script', `${step.line}: ${step.text}`)
      await takeStep(expected, () => this.#step(step, expected))
    }
    const answer = answerOf(this.script.answers, this.#kept)
    const values = this.#values()
    if (answer === undefined) {
      const shown = Object.entries(values).map(([name, is]) => `${name}=${is}`)
      throw new Contradiction('one of the answers holds', `none does: ${shown.join(' ') || 'nothing was kept'}`)
    }
    return { ...this.#compare(answer), answer, values }
  }

  async stop(whole: boolean): Promise<void> {
    await Promise.all([...this.#sides.values()].map((side) => this.options.sides.give(side, whole)))
  }

  async #start(side: Side): Promise<void> {
    const trace = this.trace
    const listener: Listener = {
      notice: () => undefined,
      trace: (from, text) => trace.add(senders[side][from], text),
    }
    // What its death shows, or a network that it moves into, must not depend on what it did before.
    const untouched = this.script.ownNet || this.script.steps.some((step) => step.dies && step.side === side)
    const process = await this.options.sides.take(side === 'us' ? 'testee' : 'peer', listener, untouched)
    this.#sides.set(side, process)
    await this.#ask(side, { do: 'ready' }, 'the system testee starts')
  }

  /** Moves both sides into one network of their own, which is gone with them. */
  async #leaveNetwork(): Promise<void> {
    const expected = 'a network of its own'
    await takeStep(expected, async () => {
      const { pid } = await this.#ask('us', { do: 'own-net' }, expected)
      await this.#ask('peer', { do: 'own-net', of: pid }, expected)
    })
  }

  async #step({ side, request, keep, dies }: SystemStep, expected: string): Promise<void> {
    if (dies) return this.#die(side, request, keep, expected)
    if (request.do === 'open') return this.#open(side, request, expected)
    const reply = await this.#ask(side, request, expected)
    if (keep === undefined) this.#needGood(reply, expected)
    else this.#kept.set(keep, { is: String(reply.is), ms: Number(reply.ms) })
  }

  /** Listens on one side, connects from the other, and accepts. */
  async #open(side: Side, { kind, on, as }: SystemStep['request'], expected: string): Promise<void> {
    const other: Side = side === 'us' ? 'peer' : 'us'
    const ofKind = kind === undefined ? {} : { kind }
    this.#needGood(await this.#ask(side, { do: 'listen', as: on, ...ofKind }, expected), expected)
    this.#needGood(await this.#ask(other, { do: 'connect', as, ...ofKind }, expected), expected)
    this.#needGood(await this.#ask(side, { do: 'accept', on, as }, expected), expected)
  }

  async #ask(side: Side, request: SystemStep['request'], expected: string): Promise<Reply> {
    const process = this.#sides.get(side)
    if (!process) throw new Error(`the side ${side} was not started`)
    const reply = await this.#deadline.ask(process, this.#whole(side, request), expected)
    if (reply.place !== undefined) this.#places.set(side, reply.place)
    return reply
  }

  /** What a request has to know besides its line. */
  #whole(side: Side, request: SystemStep['request']): SystemStep['request'] {
    if (request.do === 'connect') return { ...request, to: this.#places.get(side === 'us' ? 'peer' : 'us') }
    return request.do === 'capture' ? { ...request, side } : request
  }

  async #die(side: Side, request: SystemStep['request'], keep: string | undefined, expected: string): Promise<void> {
    const process = this.#sides.get(side)
    if (!process) throw new Error(`the side ${side} was not started`)
    const start = performance.now()
    const death = await this.#deadline.die(process, request, expected)
    this.trace.add(senders[side].out, `died: ${death}`)
    if (keep !== undefined) this.#kept.set(keep, { is: 'died', ms: performance.now() - start })
  }

  #needGood(reply: Reply, expected: string): void {
    if (reply.good !== true) throw new Contradiction(expected, `the answer was ${String(reply.is)}`)
  }

  /** What was kept, with the times that a condition asks for. */
  #values(): Record<string, string> {
    const values = Object.fromEntries([...this.#kept].map(([name, { is }]) => [name, is]))
    for (const { name, ms } of this.script.answers.flatMap(({ conditions }) => conditions)) {
      if (ms) values[`${name}.ms`] = String(Math.round(this.#kept.get(name)?.ms ?? Number.NaN))
    }
    return values
  }

  #compare(answer: string): { outcome: Outcome } & Partial<Result> {
    const { platform } = this.options.hello
    const where = `${this.script.row} on ${platform}`
    const said = saidOf(this.script.row, platform)
    if (said.size === 0) return { outcome: 'new', reason: `${where}: ${answer}; the table does not know` }
    if (said.has(answer)) return { outcome: 'pass' }
    const table = [...said].join(' or ')
    return {
      outcome: 'differs',
      reason: `${where}: the table says ${table}, the answer is ${answer}`,
      expected: `the answer ${table}, as the table says`,
      actual: `the answer ${answer}`,
    }
  }
}

/** What a script needs, as the reason of a skip names it. */
const needWords: Readonly<Record<keyof Abilities, string>> = {
  packet: 'the level packet',
  raw: 'the level raw',
  mptcp: 'MPTCP',
  admin: 'an administrator',
  silence: 'a side that falls silent',
  'own-net': 'a network of its own',
}

/** What a script needs, as its header says and its lines show. */
const needsOf = ({ level, needs, ownNet, steps }: RowScript): (keyof Abilities)[] => {
  const silent = steps.some(
    ({ request }) => request.do === 'silence' || request.how === 'silent' || request.how === 'deaf',
  )
  return [
    ...(level === 'peer' ? [] : (['packet'] as const)),
    ...(level === 'raw' ? (['raw'] as const) : []),
    ...(needs as (keyof Abilities)[]),
    ...(silent ? (['silence'] as const) : []),
    ...(ownNet ? (['own-net'] as const) : []),
  ]
}

/** The reason why this script cannot be played here, if there is one. */
const whyNot = (script: RowScript, hello: SystemHello): string | undefined => {
  if (!hello.can) return `needs bare system calls: ${hello.why}`
  for (const need of needsOf(script)) {
    const ability = hello.abilities?.[need]
    if (!ability?.can) return `needs ${needWords[need]}: ${ability?.why ?? 'nobody tried'}`
  }
  return undefined
}

/** Plays one row script. Rejects with an `EnvironmentError` only. */
export const runRowScript = async (script: RowScript, options: SystemOptions): Promise<Result> => {
  const reason = whyNot(script, options.hello)
  if (reason !== undefined) return { ...baseResult(script), outcome: 'skip', reason }
  return attempt(script, [options.hello.platform], options.repeat(script.id), new RowRun(script, options))
}
