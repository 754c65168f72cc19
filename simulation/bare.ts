// A program without a guard: plain system calls on one socket, and what becomes of them in the kernel.
//
// 1. It has no engine and declares nothing in words: close() and shutdown(SHUT_WR) are all that it can say.
// 2. Every call answers what the call returns, or undefined if it cannot be made now.
import type { RawKernel } from './raw-kernel.ts'
import { Arrival, Fin, Unit, type World } from './world.ts'

/** What a call returns: '0', bytes in words, or the name of an error. */
export type Returned = string | undefined

export class Bare {
  /** Seconds of SO_LINGER {1,N}, N > 0, as the program meant them. */
  lingerSeconds = 0
  /** How long close() still waits at most, in milliseconds; 0: it does not. */
  waitsMs = 0

  constructor(
    readonly kernel: RawKernel,
    /** The socket is in blocking mode. */
    readonly blocking: boolean,
  ) {}

  get world(): World {
    return this.kernel.world
  }

  get open(): boolean {
    return this.world.alive === 1 && this.world.runtime === 1
  }

  write(units: number): Returned {
    const { world } = this
    if (!this.open || world.dead || world.fin !== Fin.NONE) return undefined
    if (world.unitA === Unit.NONE) world.unitA = Unit.QUEUED
    else if (world.unitB === Unit.NONE && units > 1) world.unitB = Unit.QUEUED
    else return undefined
    return 'all bytes'
  }

  shutdownWrite(): Returned {
    return this.open ? this.kernel.shutdownWriteRaw() : undefined
  }

  shutdownRead(): Returned {
    return this.open && !this.world.dead ? this.kernel.shutdownRead() : undefined
  }

  arm(): Returned {
    if (!this.open) return undefined
    return this.kernel.setLinger(1) === 0 ? '0' : 'EINVAL'
  }

  /** SO_LINGER {1,seconds}. */
  linger(seconds: number): Returned {
    if (!this.open || this.world.dead) return undefined
    this.lingerSeconds = seconds
    this.world.linger = 0
    return '0'
  }

  /** The wait that the kernel makes of it: some count in ticks of 10 ms. */
  get lingerMs(): number {
    if (this.lingerSeconds === 0) return 0
    return this.lingerSeconds * (this.kernel.ask('lingerUnit') === 'ticks' ? 10 : 1000)
  }

  get #delivered(): boolean {
    const { unitA, unitB, fin } = this.world
    const done = (unit: number): boolean => unit === Unit.NONE || unit === Unit.ACKED
    return done(unitA) && done(unitB) && fin === Fin.ACKED
  }

  close(): Returned {
    if (!this.open) return undefined
    const wait = this.world.dead ? 0 : this.lingerMs
    const mode = wait === 0 || this.blocking ? 'waits' : this.kernel.ask('lingerNonblocking')
    // The socket stays open and no FIN is sent.
    if (mode === 'would-block') return 'EWOULDBLOCK'
    this.world.runtime = 0
    this.kernel.closed(false)
    if (mode === 'waits' && wait > 0 && !this.world.dead) this.waitsMs = wait
    return this.waitsMs > 0 ? 'waits' : '0'
  }

  /** The wait of close() is over because everything is confirmed; undefined: it is not. */
  closeReturns(): Returned {
    if (this.waitsMs === 0 || !(this.#delivered || this.world.dead)) return undefined
    this.waitsMs = 0
    return '0'
  }

  /** Time passes until the wait of close() is over. */
  timeout(): Returned {
    if (this.waitsMs === 0) return undefined
    this.waitsMs = 0
    const answer = this.kernel.ask('lingerTimeout')
    if (answer === 'aborts') this.kernel.resetUnasked()
    return answer === 'EWOULDBLOCK' ? 'EWOULDBLOCK' : '0'
  }

  /** What read() returns, and takes. */
  read(): Returned {
    const { world } = this
    if (!this.open) return undefined
    if (world.data === Arrival.HERE) {
      world.data = Arrival.TAKEN
      return 'bytes'
    }
    if (world.peerRst !== Arrival.FLYING) {
      world.peerRst = Arrival.TAKEN
      return 'ECONNRESET'
    }
    // What read() returns after a reset of our own kernel is not in the table.
    if (world.dead) return undefined
    if (this.kernel.shutRead) return this.kernel.readAfterShut()
    if (world.peerFin === Arrival.FLYING) return undefined
    world.peerFin = Arrival.TAKEN
    return '0'
  }

  /** The process is gone, with every descriptor of it. */
  die(): Returned {
    const { world } = this
    if (!world.alive) return undefined
    world.runtime = 0
    world.alive = 0
    this.waitsMs = 0
    this.kernel.closed(true)
    return 'dead'
  }
}
