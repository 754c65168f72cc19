// Finds the descriptor of a connection by its pair of addresses, where the runtime tells the addresses alone.
//
// 1. One map serves all connections: what a pass finds for others is kept, and it looks a little beyond its own.
// 2. A new descriptor has the lowest number that was free, so the numbers that were free are looked at first.
// 3. Family and length are checked: a socket of another kind leaves stale bytes in the buffer (addressOf).
// 4. A server that listens on every address does not know our address of a connection. A scan that leaves it out takes
//    one connection for the other if a peer has two from one port of its own to two addresses of ours.
import { addressOf, canonicalAddress, type Ends } from './address.js'
import type { Libc, System } from './libc.js'
import type { Platform } from './platform.js'

// So many numbers in a row that are no descriptors, and there are no more: the lowest free number is given first. What
// was looked for may lie behind a large gap, what others will look for need not.
const longestGap = 4096
const shortGap = 64
const badDescriptor = -9

/** A scan that counts the numbers up; undefined where no system call can be made, or no number may be tried. */
export function countingScan({ libc, system }: Platform, anyLocalAddress = false): Scan | undefined {
  if (libc === undefined || system?.duplicateCommand === undefined) return undefined
  return new Scan(libc, system, anyLocalAddress)
}

/** The descriptors of this process by the connections that they are. */
export class Scan {
  readonly #byEnds = new Map<string, number>()
  readonly #known = new Map<number, string>()
  readonly #libc: Libc
  readonly #system: System
  readonly #anyLocalAddress: boolean
  /** How many descriptors were looked at; for tests. */
  looks = 0

  constructor(libc: Libc, system: System, anyLocalAddress = false) {
    this.#libc = libc
    this.#system = system
    this.#anyLocalAddress = anyLocalAddress
  }

  /** The descriptor of the connection; undefined: there is none. */
  find(ends: Ends): number | undefined {
    const wanted = this.#keyOf(ends)
    const known = this.#byEnds.get(wanted)
    if (known !== undefined && this.#look(known) === wanted) return known
    return this.#pass(wanted, (fd) => !this.#known.has(fd)) ?? this.#pass(wanted, () => true)
  }

  /** Whether a descriptor is that connection at this moment. */
  is(fd: number, ends: Ends): boolean {
    return this.#look(fd) === this.#keyOf(ends)
  }

  #pass(wanted: string, chosen: (fd: number) => boolean): number | undefined {
    let found: number | undefined
    for (let fd = 0, gap = 0; gap < (found === undefined ? longestGap : shortGap); fd += 1) {
      if (!chosen(fd)) {
        gap = 0
        continue
      }
      const is = this.#look(fd)
      if (is === wanted) found = fd
      gap = is === 'none' ? gap + 1 : 0
    }
    return found
  }

  /** What a descriptor is: a connection, 'other', or 'none'. */
  #look(fd: number): string {
    this.looks += 1
    this.#byEnds.delete(this.#known.get(fd) ?? '')
    this.#known.delete(fd)
    const theirs = addressOf(this.#libc, this.#system, fd, 'getpeername')
    if (theirs === badDescriptor) return 'none'
    const ours = typeof theirs === 'object' ? addressOf(this.#libc, this.#system, fd, 'getsockname') : undefined
    if (typeof theirs !== 'object' || typeof ours !== 'object') {
      this.#known.set(fd, 'other')
      return 'other'
    }
    const key = this.#keyOf({
      ...{ localAddress: ours.address, localPort: ours.port },
      ...{ remoteAddress: theirs.address, remotePort: theirs.port },
    })
    this.#known.set(fd, key)
    this.#byEnds.set(key, fd)
    return key
  }
  #keyOf({ localAddress = '', localPort, remoteAddress = '', remotePort }: Ends): string {
    const local = this.#anyLocalAddress ? '*' : canonicalAddress(localAddress)
    return `${local} ${localPort} ${canonicalAddress(remoteAddress)} ${remotePort}`
  }
}
