// The clocks of one close: flush, drain (idle and total), the caller's own bound, and the watch on the send queue.

/** How long each clock runs, in milliseconds. */
export interface Bounds {
  flushMs: number
  drainIdleMs: number
  drainMs: number
}

const watchFirstMs = 1
const watchLongestMs = 50

const names = ['within', 'flush', 'drain', 'watch'] as const
type Name = (typeof names)[number]

/** The clocks of one connection. A clock keeps the process alive only while somebody awaits the verdict. */
export class Clocks {
  readonly #timers: Partial<Record<Name, NodeJS.Timeout | undefined>> = {}
  #awaited = false
  /** When the drain is over at the latest, and when something arrived or left last. */
  #drainEnds = 0
  #moved = 0

  constructor(
    public bounds: Bounds,
    readonly ran: () => void,
  ) {}

  get awaited(): boolean {
    return this.#awaited
  }

  set awaited(yes: boolean) {
    this.#awaited = yes
    for (const name of names) yes ? this.#timers[name]?.ref() : this.#timers[name]?.unref()
  }

  /** The caller's bound on the whole close. */
  startWithin(ms: number): void {
    this.#start('within', ms, this.ran)
  }

  startFlush(): void {
    this.#start('flush', this.bounds.flushMs, this.ran)
  }

  startDrain(): void {
    this.#clear('flush')
    this.#moved = performance.now()
    if (this.#timers.drain !== undefined) return
    this.#drainEnds = this.#moved + this.bounds.drainMs
    this.#awaitDrain(this.#moved)
  }

  /** Something arrived or left: the silence is broken. */
  progress(): void {
    if (this.#timers.drain !== undefined) this.#moved = performance.now()
  }

  // One timer for both bounds: whoever breaks the silence only notes when, and it is looked at when the time is over.
  #awaitDrain(now: number): void {
    const left = Math.min(this.#moved + this.bounds.drainIdleMs, this.#drainEnds) - now
    if (left <= 0) this.ran()
    else this.#start('drain', Math.ceil(left), () => this.#awaitDrain(performance.now()))
  }

  /** Asks `look` again and again, less and less often, until it answers true. */
  watch(look: () => boolean, ms = watchFirstMs): void {
    this.#start('watch', ms, () => {
      if (!look()) this.watch(look, Math.min(ms * 2, watchLongestMs))
    })
  }

  stop(): void {
    for (const name of names) this.#clear(name)
  }

  #start(name: Name, ms: number, then: () => void): void {
    this.#clear(name)
    const timer = setTimeout(() => {
      this.#timers[name] = undefined
      then()
    }, ms)
    if (!this.#awaited) timer.unref()
    this.#timers[name] = timer
  }

  #clear(name: Name): void {
    const timer = this.#timers[name]
    if (timer === undefined) return
    clearTimeout(timer)
    this.#timers[name] = undefined
  }
}
