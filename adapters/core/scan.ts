// Finds the descriptor of a connection by its pair of addresses, where the runtime tells the addresses alone.
//
// 1. One map serves all connections: what a pass finds for others is kept.
// 2. A new descriptor has the lowest number that was free: so the numbers that are not known to be in use are looked at
//    first, from below, and a number that was seen to be closed is one of them.
// 3. What is known may have been closed since, and its number be another's: what was found last, where a runtime closes
//    at once, or what was looked at longest ago, since what idles longest is closed first.
// 4. Our own duplicates are never looked at: they are the same connections again.
// 5. A pass asks for the peer's end alone: who takes the descriptor verifies both.
import { endOf, isEnd, type Pair } from './address.js'
import type { Libc, System } from './libc.js'
import type { Platform } from './platform.js'

// So many numbers in a row that are no descriptors, and there are no more: the lowest free number is given first. Only
// when nothing else is left it may lie behind a large gap.
const longestGap = 4096
const shortGap = 64
const noGap = 1
// So many of the known numbers are looked at before more of the others.
const fewKnown = 8
const badDescriptor = -9
const firstNumbers = 256
/** What is no connection. */
const other = ''

const scans = new WeakMap<Libc, Scan>()

/** The scan of this process, counting the numbers up; undefined where no system call or no number may be tried. */
export function countingScan({ libc, system }: Platform): Scan | undefined {
  if (libc === undefined || system?.duplicateCommand === undefined) return undefined
  const known = scans.get(libc) ?? new Scan(libc, system)
  scans.set(libc, known)
  return known
}

/** The same, if anything has been looked for yet. */
export const scanSoFar = ({ libc }: Platform): Scan | undefined => (libc === undefined ? undefined : scans.get(libc))

/** The descriptors of this process by the peers that they are connected to. */
export class Scan {
  /** The peer of each number, with our port where that was asked. What was looked at longest ago is the first. */
  readonly #known = new Map<number, string>()
  readonly #numbers = new Map<string, number>()
  /** Whether our port was ever asked. */
  #knowsPorts = false
  /** What was found last. */
  #latest: number | undefined
  /** 1 for each number of {@link #known} and for each of our own duplicates, so that the others are found fast. */
  #inUse = new Uint8Array(firstNumbers)
  readonly #libc: Libc
  readonly #system: System
  /** How many descriptors were looked at; for tests. */
  looks = 0

  constructor(libc: Libc, system: System) {
    this.#libc = libc
    this.#system = system
  }

  /**
   * What `take` makes of the connection. It is asked for each that has the same peer, which may be more than one, to
   * several ends of ours, until it answers.
   */
  find<T>({ ours, theirs }: Pair, take: (fd: number) => T | undefined): T | undefined {
    if (theirs === other) return undefined
    const tried = (fd: number | undefined): T | undefined => {
      if (fd === undefined || this.#look(fd) !== theirs) return undefined
      const taken = take(fd)
      if (taken === undefined) this.#learnPort(fd, theirs)
      else this.#latest = fd
      return taken
    }
    return (
      (this.#knowsPorts ? tried(this.#numbers.get(theirs + ours.charAt(0))) : undefined) ??
      tried(this.#numbers.get(theirs)) ??
      this.#amongUnknown(0, noGap, tried) ??
      tried(this.#latest) ??
      this.#amongUnknown(this.#top, noGap, tried) ??
      this.#amongKnown(fewKnown, tried) ??
      this.#amongUnknown(0, shortGap, tried) ??
      this.#amongUnknown(this.#top, shortGap, tried) ??
      this.#amongKnown(this.#known.size, tried) ??
      this.#amongUnknown(0, longestGap, tried)
    )
  }

  /** The number that the connection has at this moment; undefined: none. */
  numberOf(pair: Pair): number | undefined {
    return this.find(pair, (fd) => (this.#isOurEnd(fd, pair) ? fd : undefined))
  }

  /** Whether a descriptor is that connection at this moment. If it is none at all, its number is forgotten. */
  is(fd: number, pair: Pair): boolean {
    const peer = this.#look(fd)
    if (peer === other) this.forget(fd)
    return peer === pair.theirs && this.#isOurEnd(fd, pair)
  }

  #isOurEnd(fd: number, { ours }: Pair): boolean {
    const end = endOf(this.#libc, this.#system, fd, 'getsockname')
    return typeof end === 'string' && isEnd(end, ours)
  }

  /** It is a duplicate of ours from now on, until it is {@link disown}ed. */
  own(fd: number): void {
    this.forget(fd)
    this.#use(fd)
  }

  /** A duplicate of ours is about to be closed. */
  disown(fd: number): void {
    if (this.#isOurs(fd)) this.#inUse[fd] = 0
  }

  #amongUnknown<T>(from: number, longest: number, tried: (fd: number) => T | undefined): T | undefined {
    for (let fd = this.#unknownFrom(from), gap = 0; gap < longest; fd = this.#unknownFrom(fd + 1)) {
      const found = tried(fd)
      if (found !== undefined) return found
      gap = this.#inUse[fd] === 1 ? 0 : gap + 1
    }
    return undefined
  }

  // Behind everything that is in use.
  get #top(): number {
    return this.#inUse.lastIndexOf(1) + 1
  }

  #unknownFrom(fd: number): number {
    const at = fd < this.#inUse.length ? this.#inUse.indexOf(0, fd) : fd
    return at < 0 ? this.#inUse.length : at
  }

  // What is looked at goes to the end of the map, which must not be waited for.
  #amongKnown<T>(most: number, tried: (fd: number) => T | undefined): T | undefined {
    let left = Math.min(most, this.#known.size)
    for (const fd of this.#known.keys()) {
      if (left === 0) break
      left -= 1
      const found = tried(fd)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The peer of a descriptor, {@link other}, or undefined if it is none. */
  #look(fd: number): string | undefined {
    if (this.#isOurs(fd)) return other
    this.looks += 1
    this.forget(fd)
    const end = endOf(this.#libc, this.#system, fd, 'getpeername')
    if (end === badDescriptor) return undefined
    const peer = typeof end === 'string' ? end : other
    this.#use(fd)
    this.#know(fd, peer)
    return peer
  }

  // There are several connections to one end of a peer, as a client has them: our port tells them apart.
  #learnPort(fd: number, peer: string): void {
    const end = endOf(this.#libc, this.#system, fd, 'getsockname')
    if (typeof end !== 'string') return
    this.#knowsPorts = true
    this.forget(fd)
    this.#use(fd)
    this.#know(fd, peer + end.charAt(0))
  }

  #know(fd: number, name: string): void {
    this.#known.set(fd, name)
    if (name !== other) this.#numbers.set(name, fd)
  }

  #isOurs(fd: number): boolean {
    return this.#inUse[fd] === 1 && !this.#known.has(fd)
  }

  #use(fd: number): void {
    if (fd >= this.#inUse.length) {
      const before = this.#inUse
      this.#inUse = new Uint8Array(2 * fd)
      this.#inUse.set(before)
    }
    this.#inUse[fd] = 1
  }

  /** It is closed, or about to be: its number will be given anew. */
  forget(fd: number): void {
    const name = this.#known.get(fd)
    if (name === undefined) return
    this.#known.delete(fd)
    this.#inUse[fd] = 0
    if (this.#numbers.get(name) === fd) this.#numbers.delete(name)
  }
}
