// The guard's own duplicate of a connection's descriptor: while it is held, the last close is ours.
import {
  COLUMN_LINGER_OPTION,
  COLUMN_SOCKET_LEVEL,
  ERROR_INVALID,
  ERROR_NONE,
  ERROR_NOT_CONNECTED,
  RESULT_DONE,
} from '../../assembly/abi.js'
import { addressOf, type Ends, sameAddress } from './address.js'
import type { Libc, System } from './libc.js'
import type { Platform } from './platform.js'
import { engine } from './wasm.js'
import { notSupported } from './wire.js'

// FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, LAST-ACK and CLOSING, as Linux numbers them.
const statesAfterFin: readonly number[] = [4, 5, 6, 9, 11]

const silentErrors = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])
/** What a kernel says of a connection that has broken, but for a reset. */
export const kernelErrors: ReadonlySet<string> = new Set([...silentErrors, 'EPIPE', 'ENOTCONN'])

/** A descriptor of a connection: the runtime's own, or a close-on-exec duplicate that was made for us. */
export interface Found {
  fd: number
  ours: boolean
}

/** Who gets what is drained. */
export interface Drained {
  data(chunk: Uint8Array): void
  end(): void
  error(error: Error & { code?: string | undefined }): void
}

/** What a runtime does with a bare descriptor. */
export interface Handles {
  /** Reads a duplicate to its end and closes it. Answers how to stop. */
  read(fd: number, to: Drained, awaited: boolean): () => void
  /** Makes the end of this thread close the descriptor, if it would not. Answers how to close it then. */
  keep(fd: number): (() => void) | undefined
}

/** A close-on-exec duplicate that was verified to be the connection it is meant to be. */
export class Descriptor {
  #fd: number
  #lingers = false
  #givenUp = false
  readonly #libc: Libc
  readonly #platform: Platform
  readonly #handles: Handles
  readonly #closeKept: (() => void) | undefined

  private constructor(
    fd: number,
    libc: Libc,
    platform: Platform,
    handles: Handles,
    /** Whether the peer was gone when the duplicate was taken. */
    readonly peerWasGone: boolean,
  ) {
    this.#fd = fd
    this.#libc = libc
    this.#platform = platform
    this.#handles = handles
    this.#closeKept = handles.keep(fd)
  }

  /**
   * Duplicates the descriptor of a socket and verifies it by its pair of addresses.
   * @returns undefined where no system call can be made
   * @throws Error if there is no descriptor to be had, or if it is another connection's.
   */
  static of(ends: Ends, found: Found, platform: Platform, handles: Handles): Descriptor | undefined {
    const { libc, system } = platform
    if (libc === undefined || system === undefined) return undefined
    const duplicate = found.ours ? found.fd : libc.duplicate(found.fd)
    if (duplicate < 0) throw new Error(`finrst: the descriptor cannot be duplicated: errno ${-duplicate}`)
    const gone = isConnection(ends, duplicate, libc, system)
    if (gone !== undefined) return new Descriptor(duplicate, libc, platform, handles, gone)
    libc.close(duplicate)
    throw new Error('finrst: the descriptor is not the one of this socket any more')
  }

  setsockopt(level: number, option: number, value: Uint8Array): number {
    // The second half of struct linger: not 0 means that a close would wait, and Linux waits even where nothing blocks.
    this.#lingers = value.subarray(value.length / 2).some((byte) => byte !== 0)
    return this.#libc.setsockopt(this.#fd, level, option, value)
  }

  getsockopt(level: number, option: number, value: Uint8Array): number {
    return this.#libc.getsockopt(this.#fd, level, option, value)
  }

  shutdown(how: number): number {
    return this.#libc.shutdown(this.#fd, how)
  }

  disconnect(): number {
    return this.#givenUp ? notSupported : this.#libc.disconnect(this.#fd)
  }

  /**
   * An error that the kernel has told of the connection. Where it gave up waiting the peer was told nothing, and
   * nothing that is done now will tell it (row abort.user-timeout): then no disconnect is claimed.
   */
  told(code: string): void {
    this.#givenUp ||= silentErrors.has(code)
  }

  /** Closes the duplicate. It never waits: a linger time that the owner set is turned off first. */
  close(): number {
    if (this.#fd < 0) return RESULT_DONE
    if (this.#lingers) this.#turnLingerOff()
    const fd = this.#fd
    this.#fd = -1
    if (this.#closeKept === undefined) return this.#libc.close(fd)
    this.#closeKept()
    return RESULT_DONE
  }

  #turnLingerOff(): void {
    const { encodeLinger, column, buffer, memory } = engine()
    const { row } = this.#platform
    const off = new Uint8Array(memory.buffer, buffer(), encodeLinger(row, -1))
    this.setsockopt(column(row, COLUMN_SOCKET_LEVEL), column(row, COLUMN_LINGER_OPTION), off)
  }

  /** What the peer's stack has not acknowledged; a FIN counts where the platform counts it (row unacked.query). */
  unacked(): number | undefined {
    const { query } = this.#platform
    if (query === undefined || this.#fd < 0) return undefined
    const answer = query.through === 'ioctl' ? this.#libc.ioctl(this.#fd, query.number) : this.#option(query.number)
    return answer < 0 ? undefined : answer
  }

  /** How much the kernel has taken from us since the connection began, up to a constant; undefined: not known. */
  taken(): number | undefined {
    const counter = this.#platform.ackedCounter
    const queued = this.unacked()
    if (counter === undefined || queued === undefined) return undefined
    // An older kernel fills less: what it leaves out keeps these bits.
    const info = new Uint8Array(counter.at + 8).fill(0xff)
    if (this.getsockopt(counter.level, counter.option, info) < 0) return undefined
    const acked = new DataView(info.buffer).getBigInt64(counter.at, !this.#platform.bigEndian)
    return acked < 0n ? undefined : Number(acked) + queued
  }

  /** Whether a FIN of ours was sent or queued, by whoever holds the connection; undefined: it cannot be asked. */
  finIsOut(): boolean | undefined {
    const counter = this.#platform.ackedCounter
    // tcpi_state is the first byte of TCP_INFO.
    const state = new Uint8Array(1)
    if (counter === undefined || this.getsockopt(counter.level, counter.option, state) < 0) return undefined
    return statesAfterFin.includes(state[0] ?? 0)
  }

  /** Bytes and FIN that were never transmitted. */
  untransmitted(): number | undefined {
    const request = this.#platform.untransmittedRequest
    if (request === undefined || this.#fd < 0) return undefined
    const answer = this.#libc.ioctl(this.#fd, request)
    return answer < 0 ? undefined : answer
  }

  /** Bytes that have arrived and lie unread in the kernel. */
  unread(): number | undefined {
    if (this.#fd < 0) return undefined
    const answer = this.#libc.ioctl(this.#fd, this.#platform.unreadRequest)
    return answer < 0 ? undefined : answer
  }

  /** The error (ERROR_*) that the kernel holds for the connection, 0 if there is none; asking clears it. */
  pendingError(): number {
    if (this.#fd < 0) return ERROR_NONE
    const errno = this.#option(this.#platform.errorOption)
    return errno > 0 ? engine().normalise(this.#platform.row, errno) : ERROR_NONE
  }

  /** Whether the kernel has no peer for this socket any more. */
  peerIsGone(): boolean {
    if (this.#fd < 0) return true
    const answer = this.#libc.name(this.#fd, 'getpeername', new Uint8Array(128))
    if (answer >= 0) return false
    const error = engine().normalise(this.#platform.row, -answer)
    return error === ERROR_NOT_CONNECTED || error === ERROR_INVALID
  }

  #option(option: number): number {
    const value = new Uint8Array(4)
    const level = engine().column(this.#platform.row, COLUMN_SOCKET_LEVEL)
    const result = this.getsockopt(level, option, value)
    return result < 0 ? result : (new Int32Array(value.buffer)[0] ?? 0)
  }

  /** What the peer still sends, after the runtime has closed its own socket. Answers how to stop. */
  drain(to: Drained, awaited: boolean): () => void {
    const fd = this.#libc.duplicate(this.#fd)
    if (fd >= 0) return this.#handles.read(fd, to, awaited)
    to.error(Object.assign(new Error(`finrst: the descriptor cannot be duplicated: errno ${-fd}`), { code: 'EMFILE' }))
    return () => {}
  }
}

// Whether the peer of the connection is gone; undefined if the descriptor is another's. A connection that the peer has
// reset has no peer any more; then our own end must do.
function isConnection(ends: Ends, fd: number, libc: Libc, system: System): boolean | undefined {
  const ours = addressOf(libc, system, fd, 'getsockname')
  const theirs = addressOf(libc, system, fd, 'getpeername')
  // Whoever listens on every address does not know which of them the connection has.
  const { localAddress = typeof ours === 'object' ? ours.address : undefined, localPort } = ends
  if (typeof ours !== 'object' || !sameAddress(ours, localAddress, localPort)) return undefined
  if (typeof theirs === 'number') return true
  return typeof theirs === 'object' && sameAddress(theirs, ends.remoteAddress, ends.remotePort) ? false : undefined
}
