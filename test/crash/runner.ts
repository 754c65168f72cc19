// Runs one cell of the crash matrix: a program for every few trials, a peer in another process, what it read counted.
//
// 1. A trial is one connection. The connections of one program die together; the next few have a program of their own.
// 2. What cannot be brought about on a runtime is told as a reason, and never counted.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { CrashCounts } from '../../adapters/spec/types.ts'
import { isLanguage } from '../../scripts/languages.ts'
import { type CrashCell, isComplete, isHttp, isTls, type Program, partBytes, wholeBytes } from './cells.js'
import type { Certificate } from './certificate.js'
import { Child } from './child.js'
import type { PeerOrder, PeerSight } from './peer.js'
import type { CrashPlan, Told } from './program.js'
import { Testee } from './testee.js'

/** What one cell came to, or why it could not be measured. */
export type Outcome = { counts: CrashCounts } | { problem: string }

/** What a runner needs besides the cell. */
export interface Setting {
  runtime: Program
  /** The program, bundled for that runtime; of another language there is none. */
  program: string
  certificate: Certificate
  trials: number
  /** Connections to one program. */
  together: number
}

const startMs = 15_000
const readyMs = 15_000
const deathMs = 30_000
const endMs = 4000
/** How long a connection is watched that is expected to stay. */
const stayMs = 1000

/** How much is read before the program may die; a peer that is to find more later stops there. */
const floodReadBytes = 1_000_000
const heapMegabytes = 64

// Bun has no limit for its heap, so the kernel refuses it more data than it has and a little.
function limitData(pid: number): void {
  const [, kilobytes = ''] = /^VmData:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const most = (Number(kilobytes) + heapMegabytes * 1024) * 1024
  execFileSync('prlimit', ['--pid', String(pid), `--data=${most}`])
}

function flagsFor({ name }: Program, { death }: CrashCell): string[] {
  const heap = death === 'out-of-memory' ? [`--max-old-space-size=${heapMegabytes}`] : []
  const v8 = [...heap, ...(death === 'garbage' ? ['--expose-gc'] : [])]
  if (name === 'bun' || v8.length === 0) return []
  return name === 'node' ? v8 : [`--v8-flags=${v8.join(',')}`]
}

function start(cell: CrashCell, { runtime, program, certificate }: Setting): Child<Told> {
  if (isLanguage(runtime.name)) return new Testee(runtime.command, cell)
  const { transport, hold, situation, death } = cell
  const plan: CrashPlan = { transport, hold, situation, worker: death === 'worker-terminate', ...certificate }
  return new Child<Told>([...runtime.command, ...flagsFor(runtime, cell), program, JSON.stringify(plan)])
}

/** One lane of the matrix: it runs one cell after another, all with the same peer. */
export class Lane {
  readonly #peer: Child<PeerSight>
  #lines = 0

  constructor(peerProgram: string) {
    this.#peer = new Child([process.execPath, peerProgram])
  }

  end(): void {
    this.#peer.end()
  }

  /** Runs all trials of a cell. */
  async run(cell: CrashCell, setting: Setting): Promise<Outcome> {
    const counts: CrashCounts = { trials: 0, eof: 0, reset: 0, open: 0, bytes: [Number.MAX_SAFE_INTEGER, 0] }
    while (counts.trials < setting.trials) {
      const connections = Math.min(setting.together, setting.trials - counts.trials)
      try {
        for (const sight of await this.#trial(cell, setting, connections)) add(counts, sight, cell)
      } catch (error) {
        return { problem: error instanceof Error ? error.message : String(error) }
      }
    }
    return { counts }
  }

  async #trial(cell: CrashCell, setting: Setting, connections: number): Promise<PeerSight[]> {
    const { death } = cell
    const child = start(cell, setting)
    const lines: number[] = []
    try {
      await this.#prepare(child, cell, connections, lines)
      await this.#kill(child, cell, lines)
      return await this.#endings(lines, death === 'garbage' ? stayMs : endMs)
    } finally {
      child.end()
      for (const line of lines) this.#tell({ line, do: 'leave' })
      this.#peer.said.length = 0
    }
  }

  #tell(order: PeerOrder): void {
    this.#peer.tell(order)
  }

  #count(lines: readonly number[], ...saw: PeerSight['saw'][]): number {
    return this.#peer.said.filter((sight) => lines.includes(sight.line) && saw.includes(sight.saw)).length
  }

  // Opens the connections, and waits until the program and the peer are where the situation wants them.
  async #prepare(child: Child<Told>, cell: CrashCell, connections: number, lines: number[]): Promise<void> {
    const { transport, situation } = cell
    const port = (): number => child.said.find((each) => each.told === 'port')?.port ?? 0
    const problem = (): string => child.said.find((each) => each.told === 'problem')?.why ?? child.errors
    if (!(await child.until(() => port() > 0 || child.dead, startMs)) || child.dead) {
      throw new Error(`it does not listen: ${problem()}`)
    }
    const http = isHttp(transport)
    const until = situation === 'flowing' ? floodReadBytes : isComplete(situation) && http ? wholeBytes : partBytes
    const pause = situation === 'flowing' || (situation === 'finished' && !http)
    for (let nth = 0; nth < connections; nth += 1) {
      this.#lines += 1
      lines.push(this.#lines)
      this.#tell({ line: this.#lines, do: 'connect', port: port(), tls: isTls(transport), request: http, until, pause })
    }
    const ready = (): number => child.said.filter(({ told }) => told === 'ready').length
    const there = await child.until(() => ready() >= connections || child.dead, readyMs)
    const read = await this.#peer.until(() => this.#count(lines, 'reached') >= connections || child.dead, readyMs)
    const why = child.said.find((each) => each.told === 'problem')
    if (why !== undefined) throw new Error(problem())
    if (!there || !read || child.dead) {
      const seen = `${ready()} ready, ${this.#count(lines, 'reached')} reached`
      throw new Error(`${seen} of ${connections}${child.dead ? ', died early' : ''}: ${problem()}`)
    }
  }

  async #kill(child: Child<Told>, { runtime, death, situation }: CrashCell, lines: readonly number[]): Promise<void> {
    if (situation === 'unread') {
      child.tell('block')
      await child.until(() => child.said.some(({ told }) => told === 'blocked'), readyMs)
      for (const line of lines) this.#tell({ line, do: 'write' })
      await this.#peer.until(() => this.#count(lines, 'sent') >= lines.length, readyMs)
    }
    if (death === 'out-of-memory' && runtime === 'bun') limitData(child.process.pid ?? 0)
    if (death === 'kill') child.process.kill('SIGKILL')
    else if (death === 'terminate') child.process.kill('SIGTERM')
    else if (death === 'interrupt') child.process.kill('SIGINT')
    else child.tell(death)
    const gone = (): boolean => child.said.some(({ told }) => told === 'gone' || told === 'collected')
    const over = death === 'garbage' || death === 'worker-terminate' ? gone : () => child.dead
    const done = await child.until(() => over() || child.said.some(({ told }) => told === 'problem'), deathMs)
    const why = child.said.find((each) => each.told === 'problem')
    if (!done || why !== undefined) throw new Error(why?.why ?? 'it survives')
  }

  // What is not over in time is open.
  async #endings(lines: readonly number[], ms: number): Promise<PeerSight[]> {
    for (const line of lines) this.#tell({ line, do: 'resume' })
    const ended = (): number => this.#count(lines, 'eof', 'reset', 'refused')
    await this.#peer.until(() => ended() >= lines.length, ms)
    return lines.map((line) => {
      const mine = this.#peer.said.filter((sight) => sight.line === line)
      return mine.find(({ saw }) => saw !== 'reached' && saw !== 'sent') ?? { ...mine[0]!, saw: 'reached' }
    })
  }
}

function add(counts: CrashCounts, { saw, bytes, closeNotify }: PeerSight, { transport }: CrashCell): void {
  counts.trials += 1
  if (saw === 'eof') counts.eof += 1
  else if (saw === 'reset') counts.reset += 1
  else if (saw === 'reached') counts.open += 1
  else throw new Error('the connection was refused')
  counts.bytes = [Math.min(counts.bytes[0], bytes), Math.max(counts.bytes[1], bytes)]
  if (isTls(transport) && saw === 'eof') counts.closeNotify = (counts.closeNotify ?? 0) + Number(closeNotify)
}
