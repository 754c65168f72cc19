// The crash loop: programs are killed at random moments of an answer, and others end it, thousands of times.
//
// 1. A moment is a random number of bytes that the peer has read, and then up to a few milliseconds; where the number
//    is beyond the answer, the moment lies behind its end. The seed gives the plan, the machine the moment.
// 2. What counts is what the peer's program reads: end of file behind a part of the answer is a broken promise, and so
//    are other bytes, and no ending at all.
import type { Runtime } from '../../scripts/runtimes.ts'
import type { Plan, Told } from '../endurance/program.js'
import { type Sight, Visitor } from '../endurance/visits.js'
import { fractions } from '../twin/random.js'
import { Bundles } from './bundles.js'
import { Child } from './child.js'

export interface LoopOptions {
  /** How many programs are killed, and how many answers end well. */
  kills: number
  ends: number
  /** Bytes of an answer. */
  bytes: number
  /** Programs at a time. */
  lanes: number
  seed: number
  /** Nobody guards the connections. */
  bare?: boolean
  signal?: AbortSignal
}

/** How often what was read. `cut`: end of file behind a part of the answer. */
export interface LoopCounts {
  trials: number
  reset: number
  whole: number
  cut: number
  /** Neither, within a minute. */
  open: number
  /** Other bytes than were sent. */
  altered: number
  /** The least and the most that was read of an answer that was not whole. */
  partly: [least: number, most: number]
}

export interface LoopResult {
  runtime: { name: string; version: string }
  seed: number
  bytes: number
  killed: LoopCounts
  ended: LoopCounts
  seconds: number
}

const startMs = 60_000
const endMs = 60_000
const mostDelayMs = 4
/** What part of the moments lies behind the answer. */
const behind = 0.1

/** How the answer is written: at once, as fast as the kernel takes it, and a bit at a time. */
const ways = ['whole', 'streamed', 'paced', 'paced'] as const

const none = (): LoopCounts => ({ trials: 0, reset: 0, whole: 0, cut: 0, open: 0, altered: 0, partly: [0, 0] })

const add = (counts: LoopCounts, { saw, bytes, same }: Sight, whole: number): void => {
  counts.trials += 1
  if (!same) counts.altered += 1
  if (saw === 'eof' && bytes === whole) counts.whole += 1
  else if (saw === 'eof') counts.cut += 1
  else if (saw === 'open') counts.open += 1
  else counts.reset += 1
  if (saw === 'eof' && bytes === whole) return
  const [least, most] = counts.partly
  counts.partly = [counts.trials === 1 || bytes < least || most === 0 ? bytes : least, Math.max(most, bytes)]
}

/** What breaks the promise, in words. */
export const faultsOfLoop = ({ killed, ended }: Pick<LoopResult, 'killed' | 'ended'>): string[] => {
  const told = (counts: number, what: string): string[] => (counts > 0 ? [`${counts} ${what}`] : [])
  return [
    ...told(killed.cut, 'of the killed ended with end of file behind a part of the answer'),
    ...told(killed.open, 'of the killed did not end'),
    ...told(killed.altered + ended.altered, 'had other bytes than were sent'),
    ...told(ended.trials - ended.whole, 'of the graceful ends lost something'),
  ]
}

class Loop {
  readonly killed = none()
  readonly ended = none()
  readonly #command: readonly string[]
  readonly #options: LoopOptions
  readonly #next: () => number
  #ids = 0

  constructor(command: readonly string[], options: LoopOptions) {
    this.#command = command
    this.#options = options
    this.#next = fractions(options.seed)
  }

  async #start(): Promise<{ child: Child<Told>; port: number }> {
    const plan: Plan = { host: '127.0.0.1', ...(this.#options.bare ? { bare: true } : {}) }
    const child = new Child<Told>([...this.#command, JSON.stringify(plan)])
    const port = (): number | undefined => {
      const told = child.said.find((each) => each.told === 'ports')
      return told?.told === 'ports' ? told.ports.net : undefined
    }
    await child.until(() => port() !== undefined || child.dead, startMs)
    const it = port()
    if (it !== undefined) return { child, port: it }
    child.end()
    throw new Error(`a program does not listen: ${child.errors}`)
  }

  #visit(port: number): Visitor {
    this.#ids += 1
    const ending = ways[Math.floor(this.#next() * ways.length)] ?? 'paced'
    const to = { host: '127.0.0.1', port, secure: false, deadline: endMs }
    return new Visitor({ ending, bytes: this.#options.bytes, id: this.#ids, slow: this.#next() < 0.1, ...to })
  }

  async kill(): Promise<void> {
    const { bytes } = this.#options
    const at = this.#next() * bytes * (1 + behind)
    const delay = this.#next() * mostDelayMs
    const { child, port } = await this.#start()
    try {
      const visitor = this.#visit(port)
      const kill = (): void => void setTimeout(() => child.process.kill('SIGKILL'), delay)
      if (at < bytes) visitor.onceRead(Math.floor(at), kill)
      else void visitor.seen.then(kill)
      add(this.killed, await visitor.seen, bytes)
      await child.until(() => child.dead, endMs)
    } finally {
      child.end()
    }
  }

  async endAll(told: () => void): Promise<void> {
    const { child, port } = await this.#start()
    try {
      await this.#many(this.#options.ends, async () => {
        add(this.ended, await this.#visit(port).seen, this.#options.bytes)
        told()
      })
    } finally {
      child.end()
    }
  }

  killAll(told: () => void): Promise<void> {
    return this.#many(this.#options.kills, async () => {
      await this.kill()
      told()
    })
  }

  async #many(times: number, once: () => Promise<void>): Promise<void> {
    let left = times
    const lane = async (): Promise<void> => {
      while (left > 0 && !this.#options.signal?.aborted) {
        left -= 1
        await once()
      }
    }
    await Promise.all(Array.from({ length: this.#options.lanes }, lane))
  }
}

/** Loops under one runtime; tells after each trial how many there have been. */
export async function crashLoop(
  runtime: Runtime,
  options: LoopOptions,
  told: (trials: number, faults: number) => void = () => undefined,
): Promise<LoopResult> {
  const bundles = new Bundles()
  const started = performance.now()
  try {
    const program = await bundles.make('test/endurance/program.ts', runtime.name)
    const loop = new Loop([...runtime.command, program], options)
    const tell = (): void => told(loop.killed.trials + loop.ended.trials, faultsOfLoop(loop).length)
    await loop.endAll(tell)
    await loop.killAll(tell)
    const { killed, ended } = loop
    const { name, version } = runtime
    const seconds = (performance.now() - started) / 1000
    return { runtime: { name, version }, seed: options.seed, bytes: options.bytes, killed, ended, seconds }
  } finally {
    bundles.remove()
  }
}
