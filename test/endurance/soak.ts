// The soak: a guarded program serves a random mix of endings for a long time, and what it holds is measured at rests.
//
// 1. At a rest nothing is under way: all visits have ended, every guard has let go, the garbage is collected. So
//    descriptors must be exactly as many as at the first rest, and memory is that of connections that are over.
// 2. What a process needs to warm up is no leak: the lines are fitted to the second half of the samples.
// 3. Of resident memory counts what is no file's, when the allocator has given back what nobody uses, where it can be
//    asked to: a busy moment must not look like a leak. What it has given out is told by itself.
// 4. Where we may, each soak has a network of its own: others fill TIME_WAIT, and a connection for which there is no
//    room in it is reset, whoever ended it.
// 5. A leak is told by bytes for a connection: nothing that is kept for each takes fewer than `leakBytes`, and a slope
//    counts only if its whole interval lies above. Where the heap and the allocator are told, what they are not is had
//    in pages.
import { setTimeout } from 'node:timers/promises'
import { type Certificate, makeCertificate } from '../support/certificate.js'
import type { Runtime } from '../../scripts/runtimes.ts'
import { timeWaitOverflows } from '../../conformance/system/time-wait.js'
import { Bundles } from '../crash/bundles.js'
import { Child } from '../crash/child.js'
import { type Fit, fitLine } from './fit.js'
import { Namespace } from './namespace.js'
import type { PeerOrder, PeerTold } from './peer.js'
import type { Order, Plan, Ports, Sample, Told } from './program.js'
import { contradictions, webEndings } from './web-endings.js'

export interface SoakOptions {
  seconds: number
  /** How long between two rests. */
  everySeconds: number
  /** Visits at a time. */
  lanes: number
  seed: number
  leaks?: Plan['leaks']
  /** How long a rest waits until what it holds is what it held before. */
  restMs?: number
  /** Nobody guards, to compare memory: what peers read and which descriptors are left is not judged. */
  bare?: boolean
  /** Only visits of these names, such as `net aborted`. */
  only?: string[]
  /** Stops it at the next rest. */
  signal?: AbortSignal
}

export interface SoakResult {
  runtime: { name: string; version: string }
  bare: boolean
  seconds: number
  seed: number
  samples: Sample[]
  /** Bytes for a connection; undefined: there were too few rests for a line. */
  fits?: Fits
  /** How often the peer has made each visit. */
  visits: Record<string, number>
  /** Bytes that the peer has read and compared. */
  bytes: number
  /** How often each verdict was given. */
  verdicts: Record<string, number>
  /** What was wrong, in words. */
  problems: string[]
  /** It had a network of its own. */
  alone: boolean
  /** Connections for which its network had no room in TIME_WAIT. */
  lost: number
}

/** Lines through what is held: `allocated` where that is told. */
export type Fits = Record<'heapUsed' | 'rss', Fit> & { allocated?: Fit }

/** The least that is kept for a connection if anything is: a pointer and what it points to. */
export const leakBytes = 16
/** The least that is had from the system. */
export const pageBytes = 4096

const settleMs = 60_000
const warmUp = 0.5
/** As many as are worth reading. */
const mostProblems = 50

const garbageFlags: Record<Runtime['name'], string[]> = {
  node: ['--expose-gc'],
  deno: ['--v8-flags=--expose-gc'],
  bun: [],
}

class Soak {
  readonly problems: string[] = []
  readonly samples: Sample[] = []
  readonly #program: Child<Told>
  readonly #peer: Child<PeerTold>
  readonly #options: SoakOptions
  #ports: Ports = {}
  /** How often each visit had been made at the last rest. */
  #visited: Record<string, number> = {}

  constructor(program: readonly string[], peer: readonly string[], certificate: Certificate, options: SoakOptions) {
    this.#options = options
    const plan: Plan = {
      host: '127.0.0.1',
      certificate,
      ...(options.leaks ? { leaks: options.leaks } : {}),
      ...(options.bare ? { bare: true } : {}),
    }
    this.#program = new Child<Told>([...program, JSON.stringify(plan)])
    this.#peer = new Child<PeerTold>(peer)
  }

  async run(rested: (sample: Sample, problems: number) => void): Promise<Pick<SoakResult, 'visits' | 'bytes'>> {
    this.#ports = (await this.#heard('ports', 'it does not listen')).ports
    const { seed, only = [] } = this.#options
    // The first use of each way opens what a process then keeps: it is no leak.
    let rest = await this.#rest(rested, { do: 'begin', ports: this.#ports, seed, only })
    const until = performance.now() + this.#options.seconds * 1000
    while (performance.now() < until && !this.#options.signal?.aborted && !this.#isBroken) {
      await this.#work(this.#options.everySeconds)
      rest = await this.#rest(rested, { do: 'rest' })
    }
    return rest
  }

  async verdicts(): Promise<Record<string, number>> {
    this.#tell('endings')
    return (await this.#heard('endings', 'it does not tell of its verdicts')).counts
  }

  get #isBroken(): boolean {
    return !this.#options.bare && this.problems.length >= mostProblems
  }

  end(): void {
    this.#program.end()
    this.#peer.end()
  }

  #tell(order: Order): void {
    this.#program.tell(order)
  }

  #order(order: PeerOrder): void {
    this.#peer.tell(order)
  }

  async #heard<K extends Told['told']>(told: K, otherwise: string): Promise<Extract<Told, { told: K }>> {
    const find = () => this.#program.said.findIndex((each) => each.told === told)
    const there = await this.#program.until(() => find() >= 0 || this.#program.dead, settleMs)
    if (!there || find() < 0) throw new Error(`${otherwise}: ${this.#program.errors}`)
    return this.#program.said.splice(find(), 1)[0] as Extract<Told, { told: K }>
  }

  #work(seconds: number): Promise<void> {
    const { lanes, seed, only = [] } = this.#options
    this.#order({ do: 'work', ports: this.#ports, lanes, seed: seed + 1000 * this.samples.length, only })
    const { signal } = this.#options
    return setTimeout(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
  }

  async #rest(
    rested: (sample: Sample, problems: number) => void,
    order: PeerOrder,
  ): Promise<Extract<PeerTold, { told: 'resting' }>> {
    this.#order(order)
    const find = () => this.#peer.said.findIndex(({ told }) => told === 'resting')
    const there = await this.#peer.until(() => find() >= 0 || this.#peer.dead, 2 * settleMs)
    if (!there || find() < 0) throw new Error(`the peer does not come to rest: ${this.#peer.errors}`)
    const rest = this.#peer.said.splice(find(), 1)[0] as Extract<PeerTold, { told: 'resting' }>
    if (!this.#options.bare) await this.#compare(rest.visits)
    const sample = await this.#sample()
    this.samples.push(sample)
    for (const { said } of [this.#peer, this.#program]) {
      for (const one of said.splice(0)) {
        if (one.told === 'problem') this.problems.push(`${one.ending}: ${one.why}`)
      }
    }
    rested(sample, this.problems.length)
    return rest
  }

  // What the server that nobody watches has counted since the last rest, with the visits that it had.
  async #compare(visits: Record<string, number>): Promise<void> {
    this.#tell('reopen')
    const { summary, port } = await this.#heard('reopened', 'the server that nobody watches does not close')
    this.#ports.unwatched = port
    const made = webEndings.map((what) => {
      const name = `unwatched ${what}`
      return [what, (visits[name] ?? 0) - (this.#visited[name] ?? 0)]
    })
    this.#visited = visits
    const told = contradictions(summary, Object.fromEntries(made))
    this.problems.push(...told.map((why) => `unwatched: ${why}`))
  }

  // What the kernel tells last comes a little after the peer's last visit: guards are given time to let go.
  async #sample(): Promise<Sample> {
    const most = this.samples[0]?.descriptors ?? Number.POSITIVE_INFINITY
    const until = performance.now() + (this.#options.restMs ?? settleMs)
    let last: Sample
    do {
      this.#tell('sample')
      last = (await this.#heard('sample', 'it does not tell what it holds')).sample
    } while ((last.descriptors > most || last.guards > 0 || this.#unsettled(last)) && performance.now() < until)
    this.#before = undefined
    return last
  }

  #before: Sample | undefined

  // The first rest has nothing to be compared with: it is over when nothing changes any more.
  #unsettled(sample: Sample): boolean {
    if (this.samples.length > 0) return false
    const before = this.#before
    this.#before = sample
    return before === undefined || before.descriptors > sample.descriptors || before.connections < sample.connections
  }
}

// Deno, guarded or bare, holds up to 8 MB more at some rests: the least of some that follow each other counts.
const leastOf = 5

const allocatedAt = (samples: readonly Sample[]): [connections: number, bytes: number][] =>
  samples.flatMap(({ connections }, index) => {
    const near = samples.slice(Math.max(index - leastOf + 1, 0), index + 1).map((each) => each.allocated)
    return near.every((each) => each !== undefined) ? [[connections, Math.min(...near)]] : []
  })

/** Lines through the second half of what was sampled; undefined: there is too little of it. */
export const fitsOf = (samples: readonly Sample[]): Fits | undefined => {
  const from = Math.ceil(samples.length * warmUp)
  const behind = samples.slice(from)
  if (behind.length < 6) return undefined
  const allocated = allocatedAt(samples).slice(from)
  return {
    heapUsed: fitLine(behind.map(({ connections, heapUsed }) => [connections, heapUsed])),
    rss: fitLine(behind.map(({ connections, anonymous, rss }) => [connections, anonymous ?? rss])),
    ...(allocated.length < behind.length ? {} : { allocated: fitLine(allocated) }),
  }
}

/** What is wrong with a soak, in words: its problems, and what it holds more and more of. */
export const faultsOf = (result: Pick<SoakResult, 'bare' | 'problems' | 'samples' | 'fits'>): string[] => {
  const { bare, problems, samples, fits } = result
  const [first] = samples
  const last = samples.at(-1)
  const more = (last?.descriptors ?? 0) - (first?.descriptors ?? 0)
  const descriptors = more > 0 ? [`${more} descriptors more than at the first rest`] : []
  const guards = (last?.guards ?? 0) > 0 ? [`${last?.guards} guards have not let go`] : []
  const least = (of: string): number => (of === 'rss' && fits?.allocated !== undefined ? pageBytes : leakBytes)
  const slopes = Object.entries(fits ?? {}).flatMap(([of, { slope, margin }]) =>
    slope - margin > least(of) ? [`${of} grows by ${slope.toFixed(1)} ± ${margin.toFixed(1)} bytes a connection`] : [],
  )
  return bare ? slopes : [...problems, ...descriptors, ...guards, ...slopes]
}

/** Soaks one runtime. */
export async function soak(
  runtime: Runtime,
  options: SoakOptions,
  rested: (sample: Sample, problems: number) => void = () => undefined,
): Promise<SoakResult> {
  const bundles = new Bundles()
  const space = await Namespace.open('ip link set lo up').catch(() => undefined)
  const overflows = (): number => timeWaitOverflows(space?.pid) ?? 0
  const before = overflows()
  const within = space?.within ?? []
  let running: Soak | undefined
  try {
    const program = await bundles.make('test/endurance/program.ts', runtime.name)
    const peer = await bundles.make('test/endurance/peer.ts', 'node')
    const command = [...within, ...runtime.command, ...garbageFlags[runtime.name], program]
    running = new Soak(command, [...within, process.execPath, peer], makeCertificate(), options)
    const { visits, bytes } = await running.run(rested)
    const { samples, problems } = running
    const fits = fitsOf(samples)
    const verdicts = await running.verdicts()
    const seconds = (samples.at(-1)?.seconds ?? 0) - (samples[0]?.seconds ?? 0)
    const { name, version } = runtime
    return {
      ...{ runtime: { name, version }, bare: options.bare ?? false, seconds, seed: options.seed },
      ...{ samples, visits, bytes, verdicts, problems, alone: space !== undefined, lost: overflows() - before },
      ...(fits === undefined ? {} : { fits }),
    }
  } finally {
    running?.end()
    bundles.remove()
    await space?.close()
  }
}
