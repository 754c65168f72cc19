// Runs one wire script: a new testee, and a peer that is as new, each in its own process, and every line in turn.
import type { Hello } from '../adapters/spec/results.js'
import { attempt, type Attempt, baseResult, Deadline, startMs, takeStep } from './attempt.js'
import { TesteeView, Trace } from './exchange.js'
import { saidOf } from './files.js'
import { ownFile } from './own-file.js'
import { LineProcess, type Reply } from './line-process.js'
import { Contradiction, type Patience, PeerView } from './peer-view.js'
import { checkLoopback } from './surroundings.js'
import type { Reserve } from './reserve.js'
import type { Outcome, Result } from './result.js'
import type { GuardedScript, Step } from './script.js'
import type { Request } from './verbs.js'

/** What a script needs to run. */
export interface WireOptions {
  /** The program of the testee and its arguments. */
  testee: readonly string[]
  hello: Hello
  /** The peers. */
  peers: Reserve
  /** The command that repeats one script. */
  repeat: (id: string) => string
}

/** The program of the testee that comes with this package. */
export const bundledTestee: readonly string[] = [process.execPath, ownFile, '__testee']

/** The program of the peer. */
export const peerProgram: readonly string[] = [process.execPath, ownFile, '__peer']

/** The names of capabilities as scripts write them. */
const capabilityNames: Readonly<Record<string, string>> = { 'half-close': 'halfClose' }

/** The calls that only wait, and the event of the testee that they wait for. */
const awaitedEvents: Readonly<Record<string, string>> = { gone: 'closed', finished: 'finished' }

class WireRun implements Attempt {
  readonly trace = new Trace()
  /** Lawful surprises: what differs from the table, and what the table does not know. */
  readonly notes: { outcome: 'differs' | 'new'; text: string; expected: string; actual: string }[] = []
  #peerView = new PeerView()
  #testeeView = new TesteeView()
  #verdict: Record<string, unknown> | undefined
  #deadline = new Deadline(startMs)
  #testee!: LineProcess
  #peer!: LineProcess

  readonly #patience: Patience = { wait: (changed, ms) => this.#deadline.wait(changed, ms) }

  constructor(
    readonly script: GuardedScript,
    readonly options: WireOptions,
  ) {}

  async #start(): Promise<void> {
    const trace = this.trace
    this.#testee = await LineProcess.start('testee', this.options.testee, {
      notice: (message) => this.#testeeView.notice(message),
      trace: (from, text) => trace.add(from === 'in' ? 'to-testee' : from === 'out' ? 'testee' : 'testee-stderr', text),
      broken: (problem) => this.#testeeView.breakOff(problem),
    })
    this.#peer = await this.options.peers.take('peer', {
      notice: (message) => this.#peerView.notice(message),
      trace: (from, text) => trace.add(from === 'in' ? 'to-peer' : 'peer', text),
    })
  }

  async stop(whole: boolean): Promise<void> {
    await Promise.all([this.#testee?.stop(), this.#peer && this.options.peers.give(this.#peer, whole)])
  }

  async play(): Promise<{ outcome: Outcome } & Partial<Result>> {
    await this.#start()
    for (const step of this.script.steps) {
      const expected = `line ${step.line}: ${step.text}`
      this.trace.add('script', `${step.line}: ${step.text}`)
      await takeStep(expected, () => this.#step(step, expected))
    }
    const { broken } = this.#testeeView
    if (broken !== undefined) throw new Contradiction('the testee keeps to the protocol', broken)
    const note = this.notes.find(({ outcome }) => outcome === 'differs') ?? this.notes[0]
    if (!note) return { outcome: 'pass' }
    if (note.outcome === 'new') return { outcome: 'new', reason: note.text }
    return { outcome: 'differs', reason: note.text, expected: note.expected, actual: note.actual }
  }

  #ask(process: LineProcess, request: Request, expected: string): Promise<Reply> {
    return this.#deadline.ask(process, request, expected)
  }

  async #step(step: Step, expected: string): Promise<void> {
    switch (step.kind) {
      case 'peer':
        if (step.request.do === 'write') this.#peerView.wrote()
        await this.#ask(this.#peer, step.request, expected)
        return
      case 'call':
        return this.#call(step, expected)
      case 'sight': {
        const seen = await this.#peerView.see(step.sight, expected, this.#patience)
        if (step.sight.see === 'row' && seen) this.#compareRow(step.sight.row, seen, expected)
        return
      }
      case 'verdict':
        return this.#checkVerdict(step.field, step.anyOf, expected)
    }
  }

  async #call(step: Extract<Step, { kind: 'call' }>, expected: string): Promise<void> {
    const [first] = step.requests
    if (!first) return
    const request = step.requests.length > 1 ? { do: 'together', calls: step.requests } : first
    if (step.dies) return this.#die(request, expected)
    if (first.do === 'open') return this.#open(first, expected)
    const awaited = awaitedEvents[first.do]
    if (awaited !== undefined) return this.#untilTestee(() => this.#testeeView.events.has(awaited), expected)
    if (first.do === 'read') return this.#read(first.until, expected)
    await this.#ask(this.#testee, request, expected)
  }

  async #read(until: unknown, expected: string): Promise<void> {
    await this.#ask(this.#testee, { do: 'read' }, expected)
    const view = this.#testeeView
    if (typeof until === 'number') {
      const over = (): boolean => view.events.has('eof') || view.events.has('reset')
      await this.#untilTestee(() => view.read >= until || over(), expected)
      if (view.read < until || view.corrupt) throw new Contradiction(expected, view.describe())
      view.read -= until
    } else if (typeof until === 'string') {
      await this.#untilTestee(() => view.events.has('eof') || view.events.has('reset'), expected)
      if (!view.events.has(until) || view.corrupt) throw new Contradiction(expected, view.describe())
    }
  }

  async #untilTestee(isSo: () => boolean, expected: string): Promise<void> {
    while (!isSo()) {
      const { broken } = this.#testeeView
      if (broken !== undefined) throw new Contradiction(expected, broken)
      if (!(await this.#deadline.wait(this.#testeeView.changes.next()))) {
        throw new Contradiction(expected, `${this.#testeeView.describe()} before the deadline`)
      }
    }
  }

  async #open(request: Request, expected: string): Promise<void> {
    const { guard, policy } = this.script
    try {
      const whole = { ...request, guard, ...(policy ? { policy } : {}) }
      const reply = await this.#ask(this.#testee, whole, expected)
      await this.#ask(this.#peer, { do: 'connect', host: reply.host ?? '127.0.0.1', port: reply.port }, expected)
    } catch (error) {
      // Perhaps nobody could have: then it says nothing about the testee.
      if (error instanceof Contradiction) await checkLoopback()
      throw error
    }
    // Both sides run: now the script's own time begins.
    this.#deadline = new Deadline(this.script.deadlineMs)
    await this.#untilTestee(() => this.#testeeView.events.has('open'), expected)
  }

  async #die(request: Request, expected: string): Promise<void> {
    this.trace.add('testee', `died: ${await this.#deadline.die(this.#testee, request, expected)}`)
  }

  async #checkVerdict(field: string, anyOf: string[], expected: string): Promise<void> {
    const actual = await this.#field(field, expected)
    const rejected = this.#testeeView.rejected
    if (rejected) throw new Contradiction(expected, rejected)
    if (!anyOf.includes(String(actual))) {
      const verdict = this.#verdict ? `; the verdict is ${JSON.stringify(this.#verdict)}` : ''
      throw new Contradiction(expected, `${field} ${String(actual)}${verdict}`)
    }
  }

  async #field(field: string, expected: string): Promise<unknown> {
    if (field === 'armed' || field === 'linger') {
      const value = (await this.#ask(this.#testee, { do: 'state' }, expected))[field]
      return value === null ? 'off' : value
    }
    if (field === 'rest') {
      const rest = await this.#ask(this.#testee, { do: 'rest' }, expected)
      return rest.intact === true ? rest.bytes : `${String(rest.bytes)} bytes, not all as they were sent`
    }
    this.#verdict ??= (await this.#ask(this.#testee, { do: 'verdict' }, expected)).verdict as Record<string, unknown>
    return this.#verdict?.[field]
  }

  /** Compares an ending with the cell of this platform. What the table does not know contradicts nothing. */
  #compareRow(id: string, seen: string, expected: string): void {
    const { platform } = this.options.hello
    const said = saidOf(id, platform)
    const where = `${id} on ${platform}`
    if (said.size === 0) {
      this.notes.push({
        outcome: 'new',
        text: `${where}: ${seen}; the table does not know`,
        expected,
        actual: seen,
      })
      return
    }
    const lawful = [...said].some((is) => endingsOf(is).includes(seen))
    if (lawful) return
    const table = [...said].join(' or ')
    this.notes.push({
      outcome: 'differs',
      text: `${where}: the table says ${table}, seen was ${seen}`,
      expected: `${expected} (the table says ${table})`,
      actual: `the peer saw ${seen}`,
    })
  }
}

/** What a peer can see if the cell says so. */
const endingsOf = (is: string): string[] => {
  if (is === 'fin' || is === 'eof') return ['eof']
  if (is === 'either') return ['eof', 'reset']
  return [is]
}

/** The reason why this script is not for this testee, if there is one. */
const whyNot = (script: GuardedScript, hello: Hello): string | undefined => {
  if (script.level !== 'peer') return `needs the level ${script.level}, which this runner does not have`
  for (const need of script.needs) {
    const capability = hello.capabilities[capabilityNames[need] ?? need]
    if (!capability) return `needs ${need}, which the testee does not know`
    if (!capability.can) return `needs ${need}: ${capability.why}`
  }
  return undefined
}

/** Runs one script and tells what came of it. Rejects with an `EnvironmentError` only. */
export const runScript = async (script: GuardedScript, options: WireOptions): Promise<Result> => {
  const reason = whyNot(script, options.hello)
  if (reason !== undefined) return { ...baseResult(script), outcome: 'skip', reason }
  const { platform, testee } = options.hello
  return attempt(script, [platform, testee], options.repeat(script.id), new WireRun(script, options))
}
