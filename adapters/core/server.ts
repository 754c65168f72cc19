// All guards of one server: who is in, what each verdict was, and how they are closed together.
//
// 1. It knows no protocol. A member says when it is complete, and how it finishes what is under way.
// 2. A connection is out when its guard holds nothing any more, which may be later than its verdict.
// 3. The one clock of close() keeps the process alive; what it awaits is bounded by that clock.
import { oneOf, record, wholeNumber, wrongType } from './check.js'
import { DrainBudget, type Draining } from './drain-budget.js'
import type { ConnectionGuard } from './guard.js'
import { type Linked, List } from './list.js'
import type { Observer } from './observer.js'
import { longestMs } from './policy.js'
import type { CloseServerOptions, ServerGuard, ServerOptions, Summary } from './server-types.js'
import { emptySummary, tally } from './summary.js'
import type { Guard, Verdict } from './types.js'

const withinDefaultMs = 30_000
const idleDefaultMs = 500

/** One connection of a server, as its protocol sees it. */
export interface Member {
  readonly guard: ConnectionGuard
  /** The server closes: the connection is to end as soon as it is complete. */
  finish(idleMs: number): void
  /** Everything written so far is whole. */
  declared?(): void
  /** And now it is in the kernel. */
  completed?(): void
}

/** A connection of which no protocol is known: its owner says when it is complete. */
export class PlainMember implements Member {
  #finishing = false

  constructor(readonly guard: ConnectionGuard) {}

  finish(): void {
    this.#finishing = true
    if (this.guard.declared) void this.guard.close()
  }

  declared(): void {
    if (this.#finishing) void this.guard.close()
  }
}

/** What lets connections in. */
export interface Door {
  /** Accepts nobody any more. */
  stop(): void
  /** Lets go at once of whatever came in unseen. */
  abort?(): void
  /** What it has let in, and what needs no guard as yet. */
  readonly waiting?: Waiting | undefined
}

/** Connections that need no guard as yet. */
export interface Waiting {
  readonly size: number
  /** Gives each its guard. */
  takeUp(): void
}

/** What cannot be guarded and must end all the same. */
export interface Unguarded {
  destroy(): void
}

type Events = {
  verdict: [verdict: Verdict, guard: Guard]
  closing: []
  refused: [reason: Error]
}

/** The options, with their defaults. */
export function parseServerOptions(options: ServerOptions = {}): DrainBudget {
  const { drainConnections = 1024, drainTotalBytes = 256 * 1024 * 1024, ...others } = record('options', options)
  for (const name of Object.keys(others)) oneOf('options field', name, ['drainConnections', 'drainTotalBytes'])
  wholeNumber('options.drainConnections', drainConnections, 1, 1_000_000, 'connections')
  wholeNumber('options.drainTotalBytes', drainTotalBytes, 0, Number.MAX_SAFE_INTEGER, 'bytes')
  return new DrainBudget(drainConnections, drainTotalBytes)
}

/** The guard of a server; adapters construct it and let its connections in. */
export class GuardedServer implements ServerGuard {
  readonly #seats = new List<Seat>()
  /** Once somebody has asked. */
  #guards: Set<Guard> | undefined
  readonly #unguarded = new List<Stranger>()
  readonly #listeners: { [Name in keyof Events]: ((...values: Events[Name]) => void)[] } = {
    verdict: [],
    closing: [],
    refused: [],
  }
  readonly #summary = emptySummary()
  readonly #door: Door
  readonly budget: DrainBudget
  /** Somebody wants to know of single connections. */
  #watched = false
  #idleMs: number | undefined
  #deadline: { timer: ReturnType<typeof setTimeout>; at: number } | undefined
  #waiting: ((summary: Summary) => void)[] = []

  constructor(door: Door, budget: DrainBudget) {
    this.#door = door
    this.budget = budget
  }

  /** Whether the server lets nobody in any more. */
  get closing(): boolean {
    return this.#idleMs !== undefined
  }

  get guards(): ReadonlySet<Guard> {
    this.#watch()
    this.#guards ??= new Set(Array.from(this.#seats, ({ member }) => member.guard))
    return this.#guards
  }

  /** Whether somebody wants to know of single connections. */
  get watched(): boolean {
    return this.#watched
  }

  close(options: CloseServerOptions = {}): Promise<Summary> {
    const { within = withinDefaultMs, idleMs = idleDefaultMs } = record('options', options)
    wholeNumber('within', within, 1, longestMs, 'milliseconds')
    wholeNumber('idleMs', idleMs, 0, longestMs, 'milliseconds')
    this.#stop(Math.min(idleMs, within >> 1), true)
    this.#endWithin(within)
    return this.#whenEmpty()
  }

  abort(): Promise<Summary> {
    this.#stop(0, false)
    this.#abortAll(new Error('finrst: the server was aborted'))
    return this.#whenEmpty()
  }

  on<Name extends keyof Events>(event: Name, listener: (...values: Events[Name]) => void): this {
    oneOf('event', event, ['verdict', 'closing', 'refused'])
    if (typeof listener !== 'function') throw wrongType('listener', listener, 'a function')
    this.#listeners[event].push(listener)
    if (event === 'verdict') this.#watch()
    return this
  }

  // ---- What the adapter tells ---------------------------------------------------------------------------------------

  /** Lets a connection in. */
  admit(member: Member): void {
    const { guard } = member
    if (guard.over || this.#seatOf(guard) !== undefined) return
    const seat = new Seat(this, member, guard.observer)
    this.#seats.add(seat)
    this.#guards?.add(guard)
    guard.observer = seat
    if (this.#idleMs !== undefined) member.finish(this.#idleMs)
  }

  /** The protocol of a connection has turned out to be another. */
  become(member: Member): void {
    const seat = this.#seatOf(member.guard)
    if (seat === undefined) return
    seat.member = member
    if (this.#idleMs !== undefined) member.finish(this.#idleMs)
  }

  /** Counts a connection that is served without a guard. Answers how to tell that it has ended. */
  admitUnguarded(connection: Unguarded, reason?: Error): () => void {
    const stranger = new Stranger(connection)
    this.#unguarded.add(stranger)
    if (reason !== undefined) {
      this.#summary.unguarded += 1
      this.#tell('refused', reason)
    }
    return () => {
      this.#unguarded.remove(stranger)
      this.#settle()
    }
  }

  /** One that needed no guard has ended. */
  count(verdict: Verdict): void {
    tally(this.#summary, verdict)
    this.#settle()
  }

  /** A verdict was given. */
  judged(seat: Seat, verdict: Verdict): void {
    tally(this.#summary, verdict)
    seat.hasVerdict = true
    this.#leaveIfDone(seat)
    this.#tell('verdict', verdict, seat.member.guard)
  }

  /** A guard holds nothing any more. */
  left(seat: Seat): void {
    if (seat.share !== undefined) this.budget.leave(seat.share)
    this.#leaveIfDone(seat)
  }

  // ---- Inside -------------------------------------------------------------------------------------------------------

  #seatOf(guard: ConnectionGuard): Seat | undefined {
    for (let it = guard.observer; it instanceof Seat; it = it.before)
      if (it.server === this && this.#seats.has(it)) return it
    return undefined
  }

  #watch(): void {
    if (this.#watched) return
    this.#watched = true
    this.#door.waiting?.takeUp()
  }

  #stop(idleMs: number, finish: boolean): void {
    if (this.#idleMs !== undefined) return
    this.#idleMs = idleMs
    this.budget.lift()
    this.#watch()
    this.#door.stop()
    this.#tell('closing')
    if (finish) for (const { member } of this.#seats) member.finish(idleMs)
  }

  #endWithin(ms: number): void {
    const at = Date.now() + ms
    if (this.#deadline !== undefined && this.#deadline.at <= at) return
    clearTimeout(this.#deadline?.timer)
    const late = new Error(`finrst: the server closes, and the connection was not finished within ${ms} ms`)
    this.#deadline = { timer: setTimeout(() => this.#abortAll(late), ms), at }
  }

  #abortAll(reason: Error): void {
    for (const { member } of this.#seats) void member.guard.abort(reason)
    for (const { connection } of this.#unguarded) connection.destroy()
    this.#door.abort?.()
  }

  #leaveIfDone(seat: Seat): void {
    const { guard } = seat.member
    if (!seat.hasVerdict || !guard.over) return
    this.#seats.remove(seat)
    this.#guards?.delete(guard)
    this.#settle()
  }

  #whenEmpty(): Promise<Summary> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#settle()
    })
  }

  #settle(): void {
    if (!this.closing || this.#seats.size + this.#unguarded.size + (this.#door.waiting?.size ?? 0) > 0) return
    clearTimeout(this.#deadline?.timer)
    for (const resolve of this.#waiting.splice(0)) resolve(structuredClone(this.#summary))
  }

  #tell<Name extends keyof Events>(event: Name, ...values: Events[Name]): void {
    for (const listener of [...this.#listeners[event]]) listener(...values)
  }
}

/** A connection without a guard, in its server. */
class Stranger implements Linked<Stranger> {
  previous: Stranger | undefined
  next: Stranger | undefined

  constructor(readonly connection: Unguarded) {}
}

/** The place of one connection in its server: hands on what the guard tells. */
class Seat implements Observer, Linked<Seat> {
  previous: Seat | undefined
  next: Seat | undefined
  hasVerdict = false
  /** Its share of the budget, once it drains. */
  share: Draining | undefined

  constructor(
    readonly server: GuardedServer,
    public member: Member,
    /** Its place in another server, which has handed it on to this one. */
    readonly before: Observer | undefined,
  ) {}

  declared(): void {
    this.before?.declared()
    this.member.declared?.()
  }

  completed(): void {
    this.before?.completed()
    this.member.completed?.()
  }

  draining(): void {
    this.share ??= this.server.budget.enter(this.member.guard)
  }

  drained(bytes: number): void {
    if (this.share !== undefined) this.server.budget.drained(this.share, bytes)
  }

  judged(verdict: Verdict): void {
    this.before?.judged(verdict)
    // The engine is at work, and whoever hears of it may do anything.
    queueMicrotask(() => this.server.judged(this, verdict))
  }

  over(): void {
    this.before?.over()
    this.server.left(this)
  }
}
