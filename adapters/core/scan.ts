// Finds the descriptor of a connection by its pair of addresses, where the runtime tells the addresses alone.
//
// 1. One map serves all connections: what a pass finds for others is kept.
// 2. A new descriptor has the lowest number that was free, so the numbers that were free are looked at first.
// 3. Family and length are checked: a socket of another kind leaves stale bytes in the buffer (addressOf).
import { addressOf, canonicalAddress, type Ends } from './address.js'
import type { Libc, System } from './libc.js'

// So many numbers in a row that are no descriptors, and there are no more: the lowest free number is given first.
const longestGap = 4096
const badDescriptor = -9

/** The descriptors of this process by the connections that they are. */
export class Scan {
  readonly #byEnds = new Map<string, number>()
  readonly #known = new Map<number, string>()
  readonly #libc: Libc
  readonly #system: System
  /** How many descriptors were looked at; for tests. */
  looks = 0

  constructor(libc: Libc, system: System) {
    this.#libc = libc
    this.#system = system
  }

  /** The descriptor of the connection; undefined: there is none. */
  find(ends: Ends): number | undefined {
    const wanted = keyOf(ends)
    const known = this.#byEnds.get(wanted)
    if (known !== undefined && this.#look(known) === wanted) return known
    return this.#pass(wanted, (fd) => !this.#known.has(fd)) ?? this.#pass(wanted, () => true)
  }

  #pass(wanted: string, chosen: (fd: number) => boolean): number | undefined {
    for (let fd = 0, gap = 0; gap < longestGap; fd += 1) {
      if (!chosen(fd)) {
        gap = 0
        continue
      }
      const is = this.#look(fd)
      if (is === wanted) return fd
      gap = is === 'none' ? gap + 1 : 0
    }
    return undefined
  }

  /** What a descriptor is: a connection, 'other', or 'none'. */
  #look(fd: number): string {
    this.looks += 1
    const before = this.#known.get(fd)
    if (before !== undefined) {
      this.#known.delete(fd)
      this.#byEnds.delete(before)
    }
    const theirs = addressOf(this.#libc, this.#system, fd, 'getpeername')
    if (typeof theirs !== 'object') return theirs === badDescriptor ? 'none' : 'other'
    const ours = addressOf(this.#libc, this.#system, fd, 'getsockname')
    if (typeof ours !== 'object') return 'other'
    const key = keyOf({
      ...{ localAddress: ours.address, localPort: ours.port },
      ...{ remoteAddress: theirs.address, remotePort: theirs.port },
    })
    this.#known.set(fd, key)
    this.#byEnds.set(key, fd)
    return key
  }
}

function keyOf({ localAddress = '', localPort, remoteAddress = '', remotePort }: Ends): string {
  return `${canonicalAddress(localAddress)} ${localPort} ${canonicalAddress(remoteAddress)} ${remotePort}`
}
