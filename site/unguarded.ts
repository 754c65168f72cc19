// One connection without a guard: plain system calls on the kernel of the simulation, and a tape of what they do.
import { Bare, type Returned } from '../simulation/bare.ts'
import type { RawKernel } from '../simulation/raw-kernel.ts'
import { Arrival } from '../simulation/world.ts'
import type { Link } from './link.ts'
import type { Tape } from './trace.ts'

/** Plays events on a connection that nobody guards. */
export class Unguarded {
  readonly bare: Bare
  /** The program has said that its stream is complete, as far as a system call can say it. */
  declared = false
  /** The program asked for a reset. */
  aborted = false
  #told = false

  constructor(
    readonly kernel: RawKernel,
    blocking: boolean,
    readonly tape: Tape,
    readonly link: Link,
  ) {
    this.bare = new Bare(kernel, blocking)
  }

  #call(text: string, act: () => Returned): boolean {
    const returned = act()
    if (returned === undefined) return false
    this.tape.add({ kind: 'call', text, returned })
    this.tape.see()
    return true
  }

  #close(): boolean {
    const { bare } = this
    const waits = bare.lingerSeconds > 0
    if (!this.#call('close(fd)', () => bare.close())) return false
    if (bare.open) return true
    if (waits && bare.waitsMs > 0) this.#wait(`close() waits, at most ${bare.waitsMs / 1000} s`)
    return true
  }

  #wait(text: string): void {
    this.tape.add({ kind: 'note', side: 'us', text })
  }

  #die(): boolean {
    if (this.bare.world.alive === 0) return false
    this.tape.add({ kind: 'note', side: 'us', text: 'the process is gone', bad: true })
    this.bare.die()
    this.tape.see()
    return true
  }

  #abort(): boolean {
    const { bare } = this
    if (!this.#call('setsockopt(SO_LINGER, {1, 0})', () => bare.arm())) return false
    this.aborted = true
    return this.#call('close(fd)', () => bare.close())
  }

  #linger(): boolean {
    const { bare } = this
    if (!this.#call('setsockopt(SO_LINGER, {1, 5})', () => bare.linger(5))) return false
    const seconds = bare.lingerMs / 1000
    this.tape.see()
    this.#wait(seconds === 5 ? 'five seconds' : `five ticks of 10 ms: ${seconds} seconds`)
    return true
  }

  #read(): boolean {
    const { bare, tape } = this
    const returned = bare.read()
    if (returned === undefined) return false
    const means = returned === 'bytes' ? 'data' : returned === '0' ? 'end' : 'error'
    const text = returned === 'bytes' ? 'the data of the peer' : returned === '0' ? '0, end of file' : returned
    tape.add({ kind: 'read', side: 'us', text, means })
    tape.see()
    return true
  }

  #timeout(): boolean {
    const { bare } = this
    if (bare.waitsMs === 0) return false
    return this.#call('close() is out of time', () => bare.timeout())
  }

  play(event: string): boolean {
    const { bare } = this
    // What close() has not said before, and shutdown has not, is said now; a failure says nothing.
    const says = (event === 'close' || event === 'finish') && !this.aborted && !bare.world.dead
    const done = this.#act(event)
    if (done && says) this.declared = true
    return done
  }

  #act(event: string): boolean {
    const { bare } = this
    switch (event) {
      case 'write':
        return this.#call('send(part)', () => bare.write(2))
      case 'finish':
        return this.#call('shutdown(SHUT_WR)', () => bare.shutdownWrite())
      case 'stop':
        return this.#call('shutdown(SHUT_RD)', () => bare.shutdownRead())
      case 'close':
      case 'drop':
      case 'throw':
        return this.#close()
      case 'abort':
        return this.#abort()
      case 'linger':
        return this.#linger()
      case 'exit':
      case 'kill':
        return this.#die()
      case 'read':
        return this.#read()
      case 'deadline':
        return this.#timeout()
      default:
        return false
    }
  }

  /** Lets everything go on that needs no program. */
  carry(): boolean {
    const { bare, link, tape } = this
    if (link.carry()) return true
    const returned = bare.closeReturns()
    if (returned !== undefined) {
      tape.add({ kind: 'call', text: 'close() comes back', returned })
      return true
    }
    const { world } = bare
    if (this.#told || !bare.open || world.data === Arrival.HERE || world.peerFin !== Arrival.HERE) return false
    this.#told = true
    return this.#read()
  }
}
