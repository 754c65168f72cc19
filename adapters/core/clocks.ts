// The clocks of one close: flush, drain (idle and total), the caller's own bound, and the watch on the send queue.

/** How long each clock runs, in milliseconds. */
export interface Bounds {
  flushMs: number
  drainIdleMs: number
  drainMs: number
}

const watchFirstMs = 1
const watchLongestMs = 50

const names = ['within', 'flush', 'drain', 'idle', 'watch'] as const
type Name = (typeof names)[number]

/** The clocks of one connection. A clock keeps the process alive only while somebody awaits the verdict. */
export class Clocks {
  readonly #timers: Partial<Record<Name, NodeJS.Timeout | undefined>> = {}
  #awaited = false

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
    if (this.#timers.drain === undefined) this.#start('drain', this.bounds.drainMs, this.ran)
    this.#start('idle', this.bounds.drainIdleMs, this.ran)
  }

  /** Something arrived or left: the silence is broken. */
  progress(): void {
    this.#timers.idle?.refresh()
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
