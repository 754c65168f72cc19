// Runs one wire script: a testee and a peer, each in its own process, and every line in turn.
import { TesteeView, Trace } from './exchange.js'
import { cellsOf, loadRow, ownFile } from './files.js'
import { describeDeath, LineProcess, type Reply, SilenceError } from './line-process.js'
import { Contradiction, type Patience, PeerView } from './peer-view.js'
import { EnvironmentError, type Outcome, type Result } from './result.js'
import type { Request, Script, Step } from './script.js'

/** Who answers the scripts, as its hello said. */
export interface Hello {
  testee: string
  version: string
  platform: string
  runtime: string
  capabilities: Record<string, { can: boolean; why: string } | undefined>
}

/** What a script needs to run. */
export interface WireOptions {
  /** The program of the testee and its arguments. */
  testee: readonly string[]
  hello: Hello
  /** The command that repeats one script. */
  repeat: (id: string) => string
}

/** The program of the testee that comes with this package. */
export const bundledTestee: readonly string[] = [process.execPath, ownFile, '__testee']

/** The script cannot be run here; the reason goes into the result. */
class Skip extends Error {}

/** The names of capabilities as scripts write them. */
const capabilityNames: Readonly<Record<string, string>> = { 'half-close': 'halfClose' }

/** The calls that only wait, and the event of the testee that they wait for. */
const awaitedEvents: Readonly<Record<string, string>> = { gone: 'closed', finished: 'finished' }

class WireRun {
  readonly trace = new Trace()
  /** Lawful surprises: what differs from the table, and what the table does not know. */
  readonly notes: { outcome: 'differs' | 'new'; text: string; expected: string; actual: string }[] = []
  #peerView = new PeerView()
  #testeeView = new TesteeView()
  #verdict: Record<string, unknown> | undefined
  #end: number
  #testee!: LineProcess
  #peer!: LineProcess

  readonly #patience: Patience = { wait: (changed, ms) => this.#wait(changed, ms) }

  constructor(
    readonly script: Script,
    readonly options: WireOptions,
  ) {
    this.#end = performance.now() + script.deadlineMs
  }

  async start(): Promise<void> {
    const trace = this.trace
    this.#testee = await LineProcess.start('testee', this.options.testee, {
      notice: (message) => this.#testeeView.notice(message),
      trace: (from, text) => trace.add(from === 'in' ? 'to-testee' : from === 'out' ? 'testee' : 'testee-stderr', text),
    })
    this.#peer = await LineProcess.start('peer', [process.execPath, ownFile, '__peer'], {
      notice: (message) => this.#peerView.notice(message),
      trace: (from, text) => trace.add(from === 'in' ? 'to-peer' : 'peer', text),
    })
  }

  async stop(): Promise<void> {
    await Promise.all([this.#testee?.stop(), this.#peer?.stop()])
  }

  async play(): Promise<void> {
    for (const step of this.script.steps) {
      const expected = `line ${step.line}: ${step.text}`
      this.trace.add('script', `${step.line}: ${step.text}`)
      try {
        await this.#step(step, expected)
      } catch (error) {
        if (error instanceof SilenceError) throw new Contradiction(expected, error.message)
        throw error
      }
    }
  }

  async #wait(changed: Promise<void>, ms = Number.POSITIVE_INFINITY): Promise<boolean> {
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

  async #ask(process: LineProcess, request: Request, expected: string): Promise<Reply> {
    let reply: Reply | undefined
    const asked = process.request(request).then((answer) => {
      reply = answer
    })
    if (!(await this.#wait(asked)) || !reply) {
      asked.catch(() => undefined)
      throw new Contradiction(expected, `no answer to ${request.do} before the deadline; ${this.#peerView.describe()}`)
    }
    if (reply.unsupported) throw new Skip(reply.why ?? `the testee does not support "${request.do}"`)
    if (!reply.ok) throw new Contradiction(expected, `${request.do} failed: ${reply.error ?? JSON.stringify(reply)}`)
    return reply
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
      if (!(await this.#wait(this.#testeeView.changes.next()))) {
        throw new Contradiction(expected, `${this.#testeeView.describe()} before the deadline`)
      }
    }
  }

  async #open(request: Request, expected: string): Promise<void> {
    const { guard, policy } = this.script
    const reply = await this.#ask(this.#testee, { ...request, guard, ...(policy ? { policy } : {}) }, expected)
    await this.#ask(this.#peer, { do: 'connect', host: reply.host ?? '127.0.0.1', port: reply.port }, expected)
    await this.#untilTestee(() => this.#testeeView.events.has('open'), expected)
  }

  async #die(request: Request, expected: string): Promise<void> {
    let refusal: Reply | undefined
    const refused = this.#testee.request(request).then(
      (reply) => {
        refusal = reply
      },
      () => undefined,
    )
    await this.#wait(Promise.race([refused, this.#testee.died.then(() => undefined)]))
    if (refusal?.unsupported) throw new Skip(refusal.why ?? `the testee cannot ${request.do}`)
    if (refusal?.ok === false) throw new Contradiction(expected, `${request.do} failed: ${String(refusal.error)}`)
    let death: string | undefined
    await this.#wait(
      this.#testee.died.then((how) => {
        death = describeDeath(how)
      }),
    )
    if (death === undefined) throw new Contradiction(expected, 'the testee lived on until the deadline')
    this.trace.add('testee', `died: ${death}`)
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
    const said = new Set<string>()
    for (const { is } of cellsOf(loadRow(id) ?? { id, cells: {} }, platform)) if (is !== 'unknown') said.add(is)
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
const whyNot = (script: Script, hello: Hello): string | undefined => {
  if (script.level !== 'peer') return `needs the level ${script.level}, which this runner does not have`
  for (const need of script.needs) {
    const capability = hello.capabilities[capabilityNames[need] ?? need]
    if (!capability) return `needs ${need}, which the testee does not know`
    if (!capability.can) return `needs ${need}: ${capability.why}`
  }
  return undefined
}

const applyKnownFailure = (script: Script, hello: Hello, result: Result): Result => {
  const known = script.knownFailure
  if (!known || !['*', hello.platform, hello.testee].includes(known.where)) return result
  if (result.outcome === 'fail') return { ...result, outcome: 'skip', reason: `known failure: ${known.reason}` }
  if (result.outcome !== 'pass') return result
  return { ...result, outcome: 'xpass', reason: `passes, although it is marked: ${known.reason}` }
}

/** Runs one script and tells what came of it. Rejects with {@link EnvironmentError} only. */
export const runScript = async (script: Script, options: WireOptions): Promise<Result> => {
  const base: Result = { id: script.id, kind: 'wire', title: script.title, outcome: 'pass', ms: 0 }
  if (script.row !== undefined) base.row = script.row
  if (script.clause !== undefined) base.clause = script.clause
  const reason = whyNot(script, options.hello)
  if (reason !== undefined) return { ...base, outcome: 'skip', reason }
  const run = new WireRun(script, options)
  const finish = (outcome: Outcome, more: Partial<Result> = {}): Result => {
    const repeat = options.repeat(script.id)
    return { ...base, outcome, ...more, trace: run.trace.lines, repeat, ms: run.trace.ms }
  }
  const must = script.clause ? `${script.title} (${script.clause})` : script.title
  let result: Result
  try {
    await run.start()
    await run.play()
    const note = run.notes.find(({ outcome }) => outcome === 'differs') ?? run.notes[0]
    if (!note) result = finish('pass')
    else if (note.outcome === 'new') result = finish('new', { reason: note.text })
    else result = finish('differs', { reason: note.text, must, expected: note.expected, actual: note.actual })
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    if (error instanceof Skip) result = finish('skip', { reason: error.message })
    else if (error instanceof Contradiction)
      result = finish('fail', { must, expected: error.expected, actual: error.actual })
    else result = finish('fail', { must, expected: 'the script runs to its end', actual: String(error) })
  } finally {
    await run.stop()
  }
  return applyKnownFailure(script, options.hello, result)
}
