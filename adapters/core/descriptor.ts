// The descriptor of a connection: the guard's own duplicate, so that the last close is ours, or at first the runtime's.
//
// Where nothing can be duplicated the runtime's own is borrowed until the runtime closes it, and let go in time.
import {
  COLUMN_SOCKET_LEVEL,
  ERROR_BROKEN_PIPE,
  ERROR_NONE,
  ERROR_RESET,
  ERROR_WOULD_BLOCK,
  EVENT_OS_ERROR,
  EVENT_PEER_RESET,
  RESULT_DONE,
} from '../../assembly/abi.js'
import { type Ends, endOf, isEnd, type Pair, pairOf } from './address.js'
import type { Libc, System } from './libc.js'
import { lingerOption } from './linger.js'
import type { Platform } from './platform.js'
import { Scan, scanSoFar } from './scan.js'
import { engine } from './wasm.js'
import { notSupported } from './wire.js'

// FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, LAST-ACK and CLOSING, as Linux numbers them.
const statesAfterFin: readonly number[] = [4, 5, 6, 9, 11]
// CLOSE-WAIT, LAST-ACK and CLOSING: the peer's FIN has come, and no reset behind it.
const statesAfterPeerFin: readonly number[] = [8, 9, 11]
/** No descriptor. */
const none = -1
// What calls are answered in; each is read before the next one is made.
const someAddress = new Uint8Array(128)
const oneByte = new Uint8Array(1)
const integer = new Int32Array(1)
const integerBytes = new Uint8Array(integer.buffer)
const informationBytes = new Uint8Array(256)
const information = new DataView(informationBytes.buffer)

const notDuplicated = (answer: number): Error =>
  Object.assign(new Error(`finrst: the descriptor cannot be duplicated: errno ${-answer}`), { code: 'EMFILE' })

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at += 1) if (bytes[at] !== 0) return false
  return true
}

const silentErrors = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])
/** What a kernel says of a connection that has broken, but for a reset. */
export const kernelErrors: ReadonlySet<string> = new Set([...silentErrors, 'EPIPE', 'ENOTCONN'])

/** A descriptor of a connection: the runtime's own, or a close-on-exec duplicate that was made for us. */
export interface Found {
  fd: number
  ours: boolean
  /** What tells the runtime's own descriptor at any moment, and below 0 from the moment at which it is closed. */
  live?: Live
  /** A handle of the runtime has told it just now, so that it need not be verified. */
  told?: true
  /** Whether the peer has gone, where that was asked already. */
  gone?: boolean
  /** The runtime reads it, and will hear of a reset by itself; otherwise the kernel is asked whether there was one. */
  reads?: boolean
}

/** A handle of a runtime. */
export interface Live {
  readonly fd?: number
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

/**
 * A descriptor that is surely the connection it is meant to be: a close-on-exec duplicate that was verified, or what a
 * live handle of the runtime tells at the moment of each call.
 */
export class Descriptor {
  #fd: number
  #lingers = false
  #givenUp = false
  #live: Live | undefined
  #closeKept: (() => void) | undefined
  readonly #platform: Platform
  readonly #handles: Handles
  /** Whether the peer was gone when it was taken. */
  readonly peerWasGone: boolean

  private constructor(fd: number, live: Live | undefined, platform: Platform, handles: Handles, gone: boolean) {
    this.#fd = fd
    this.#live = live
    this.#platform = platform
    this.#handles = handles
    this.peerWasGone = gone
    if (fd >= 0) this.#own(fd)
  }

  // From now on the duplicate is closed by us alone, or by what keeps it.
  #own(fd: number): void {
    this.#fd = fd
    scanSoFar(this.#platform)?.own(fd)
    this.#closeKept = this.#handles.keep(fd)
  }

  /**
   * Takes the descriptor of a socket. Where it is not told by a live handle it is duplicated, and verified by its pair
   * of addresses unless it is sure to be the one.
   * @returns undefined where no system call can be made, or where a scan does not find it
   * @throws Error if there is no descriptor to be had, or if it is another connection's.
   */
  static of(ends: Ends, found: Found | Scan, platform: Platform, handles: Handles): Descriptor | undefined {
    const { libc } = platform
    if (libc === undefined || platform.system === undefined) return undefined
    if (found instanceof Scan) {
      const pair = pairOf(ends)
      return found.find(pair, (fd) => Descriptor.duplicate(pair, fd, platform, handles))
    }
    const asked = (): boolean => found.reads !== true && isGone(libc, platform, found.fd) === true
    const gone = (): boolean => found.gone ?? asked()
    if (found.live !== undefined) return new Descriptor(none, found.live, platform, handles, gone())
    const duplicate = found.ours ? found.fd : libc.duplicate(found.fd)
    if (duplicate < 0) throw notDuplicated(duplicate)
    if (found.told === true) return new Descriptor(duplicate, undefined, platform, handles, gone())
    const verified = Descriptor.#verified(pairOf(ends), duplicate, platform, handles)
    if (verified instanceof Descriptor) return verified
    throw new Error(`finrst: the descriptor ${verified}`)
  }

  /**
   * A duplicate of what may be the connection; undefined: it is another one.
   * @throws Error if no descriptor is left
   */
  static duplicate(pair: Pair, fd: number, platform: Platform, handles: Handles): Descriptor | undefined {
    const duplicate = platform.libc?.duplicate(fd) ?? none
    if (duplicate < 0) throw notDuplicated(duplicate)
    const verified = Descriptor.#verified(pair, duplicate, platform, handles)
    return verified instanceof Descriptor ? verified : undefined
  }

  // Answers why it is not the connection.
  static #verified(pair: Pair, duplicate: number, platform: Platform, handles: Handles): Descriptor | string {
    const libc = platform.libc as Libc
    const peer = peerOf(pair, duplicate, libc, platform.system as System, platform)
    const gone = peer === 'gone'
    if (gone || peer === 'there') return new Descriptor(duplicate, undefined, platform, handles, gone)
    libc.close(duplicate)
    return peer
  }

  /** Whether it still is the runtime's own. */
  get isLive(): boolean {
    return this.#live !== undefined
  }

  /**
   * Takes our duplicate, because the runtime is about to close its own, or lets go of that where nothing is duplicated:
   * from now on its number may be another's. Answers why it cannot be.
   */
  hold(): Error | undefined {
    if (this.#live === undefined) return undefined
    if (this.#platform.system?.duplicateCommand === undefined) {
      this.close()
      return undefined
    }
    const duplicate = this.#libc.duplicate(this.#at)
    this.#live = undefined
    if (duplicate < 0) return notDuplicated(duplicate)
    this.#own(duplicate)
    return undefined
  }

  get #at(): number {
    return this.#live === undefined ? this.#fd : (this.#live.fd ?? none)
  }

  get #libc(): Libc {
    return this.#platform.libc as Libc
  }

  setsockopt(level: number, option: number, value: Uint8Array): number {
    const result = this.#libc.setsockopt(this.#at, level, option, value)
    // The second half of struct linger: not 0 means that a close would wait, and Linux waits even where nothing blocks.
    if (result >= 0) this.#lingers = !isZero(value, value.length / 2)
    return result
  }

  getsockopt(level: number, option: number, value: Uint8Array): number {
    return this.#libc.getsockopt(this.#at, level, option, value)
  }

  shutdown(how: number): number {
    return this.#libc.shutdown(this.#at, how)
  }

  disconnect(): number {
    return this.#givenUp ? notSupported : this.#libc.disconnect(this.#at)
  }

  /**
   * An error that the kernel has told of the connection. Where it gave up waiting the peer was told nothing, and
   * nothing that is done now will tell it (row abort.user-timeout): then no disconnect is claimed.
   */
  told(code: string): void {
    this.#givenUp ||= silentErrors.has(code)
  }

  /** Closes the duplicate, if there is one. It never waits: a linger time that the owner set is turned off first. */
  close(): number {
    if (this.#lingers && this.#at >= 0) this.setLinger(-1)
    const fd = this.#fd
    this.#live = undefined
    this.#fd = none
    if (fd < 0) return RESULT_DONE
    scanSoFar(this.#platform)?.disown(fd)
    if (this.#closeKept === undefined) return this.#libc.close(fd)
    this.#closeKept()
    return RESULT_DONE
  }

  /** Arms (0) or disarms (-1) without the engine's word. */
  setLinger(seconds: 0 | -1): number {
    const { level, option, value } = lingerOption(this.#platform.row, seconds)
    return this.setsockopt(level, option, value)
  }

  /** What the peer's stack has not acknowledged; a FIN counts where the platform counts it (row unacked.query). */
  unacked(): number | undefined {
    const { query } = this.#platform
    if (query === undefined || this.#at < 0) return undefined
    const answer = query.through === 'ioctl' ? this.#libc.ioctl(this.#at, query.number) : this.#option(query.number)
    return answer < 0 ? undefined : answer
  }

  /** How much the kernel has taken from us since the connection began, up to a constant; undefined: not known. */
  taken(queued: number | undefined = this.unacked()): number | undefined {
    const counter = this.#platform.ackedCounter
    if (counter === undefined || queued === undefined) return undefined
    // An older kernel fills less: what it leaves out keeps these bits.
    information.setInt32(counter.at, -1)
    information.setInt32(counter.at + 4, -1)
    if (this.getsockopt(counter.level, counter.option, informationBytes.subarray(0, counter.at + 8)) < 0)
      return undefined
    const acked = information.getBigInt64(counter.at, !this.#platform.bigEndian)
    return acked < 0n ? undefined : Number(acked) + queued
  }

  /** Whether the peer's FIN is the last that has come of it; false also where that cannot be asked. */
  peerHasFinished(): boolean {
    return statesAfterPeerFin.includes(this.#state() ?? 0)
  }

  /** Whether a FIN of ours was sent or queued, by whoever holds the connection; undefined: it cannot be asked. */
  finIsOut(): boolean | undefined {
    const state = this.#state()
    return state === undefined ? undefined : statesAfterFin.includes(state)
  }

  // The state of the connection, as the system numbers it: the first byte of TCP_INFO.
  #state(): number | undefined {
    const counter = this.#platform.ackedCounter
    if (counter === undefined || this.getsockopt(counter.level, counter.option, oneByte) < 0) return undefined
    return oneByte[0]
  }

  /** Bytes and FIN that were never transmitted. */
  untransmitted(): number | undefined {
    const request = this.#platform.untransmittedRequest
    if (request === undefined || this.#at < 0) return undefined
    const answer = this.#libc.ioctl(this.#at, request)
    return answer < 0 ? undefined : answer
  }

  /** Bytes that have arrived and lie unread in the kernel. */
  unread(): number | undefined {
    if (this.#at < 0) return undefined
    const answer = this.#libc.ioctl(this.#at, this.#platform.unreadRequest)
    return answer < 0 ? undefined : answer
  }

  /**
   * What the peer has left us, by one call where unread() and pendingError() are two: nothing, bytes that nobody has
   * read, or its reset. Asking clears an error; undefined: it cannot be told.
   */
  left(): 'nothing' | 'bytes' | 'reset' | undefined {
    const answer = this.#at < 0 ? notSupported : this.#libc.peek(this.#at)
    if (answer > 0) return 'bytes'
    // Behind the peer's FIN a read tells no error.
    if (answer === 0) return this.pendingError() === ERROR_NONE ? 'nothing' : 'reset'
    const error = engine().normalise(this.#platform.row, -answer)
    if (error === ERROR_WOULD_BLOCK) return 'nothing'
    return error === ERROR_RESET || error === ERROR_BROKEN_PIPE ? 'reset' : undefined
  }

  /** The error (ERROR_*) that the kernel holds for the connection, 0 if there is none; asking clears it. */
  pendingError(): number {
    if (this.#at < 0) return ERROR_NONE
    const errno = this.#option(this.#platform.errorOption)
    return errno > 0 ? engine().normalise(this.#platform.row, errno) : ERROR_NONE
  }

  /** Whether the kernel has no peer for this socket any more; undefined: it does not tell. */
  peerIsGone(): boolean | undefined {
    return isGone(this.#libc, this.#platform, this.#at)
  }

  /** Whether the connection has ended by an error; undefined: the kernel does not tell. Asking clears the error. */
  isBroken(): boolean | undefined {
    if (this.#platform.system?.keepsPeer === true) return undefined
    // Mostly there is no error, and then the peer need not be asked for.
    return this.pendingError() !== ERROR_NONE && this.peerIsGone() === true
  }

  /** What a kernel that has no peer any more says of why, as an event; asking clears the error that it holds. */
  eventOfLoss(): number {
    const error = this.pendingError()
    // Also where somebody has asked before: the runtime, which tells what it makes of it.
    if (error === ERROR_NONE || error === ERROR_RESET || error === ERROR_BROKEN_PIPE) return EVENT_PEER_RESET
    this.#givenUp = true
    return EVENT_OS_ERROR
  }

  #option(option: number): number {
    const level = engine().column(this.#platform.row, COLUMN_SOCKET_LEVEL)
    const result = this.getsockopt(level, option, integerBytes)
    return result < 0 ? result : (integer[0] ?? 0)
  }

  /** What the peer still sends, after the runtime has closed its own socket. Answers how to stop. */
  drain(to: Drained, awaited: boolean): () => void {
    const fd = this.#libc.duplicate(this.#at)
    if (fd >= 0) return this.#handles.read(fd, to, awaited)
    to.error(notDuplicated(fd))
    return () => {}
  }
}

// Whether an answer of getpeername means that there is no peer any more; any other error says nothing of the peer.
function saysGone(answer: number, { row, goneErrors }: Platform): boolean {
  return answer < 0 && goneErrors.includes(engine().normalise(row, -answer))
}

function isGone(libc: Libc, platform: Platform, fd: number): boolean | undefined {
  if (platform.system?.keepsPeer === true) return undefined
  if (fd < 0) return true
  return saysGone(libc.name(fd, 'getpeername', someAddress), platform)
}

/** Whether a descriptor is a TCP connection that has a peer, or has none any more; undefined: it cannot be told. */
export function peerAt(fd: number, platform: Platform): 'there' | 'gone' | undefined {
  const { libc, system } = platform
  if (libc === undefined || system === undefined || system.keepsPeer === true) return undefined
  const end = endOf(libc, system, fd, 'getpeername')
  if (typeof end !== 'number') return end === undefined ? undefined : 'there'
  return saysGone(end, platform) ? 'gone' : undefined
}

/**
 * Whether the peer of the connection is `there`, or `gone`, or why the descriptor is not to be taken. A connection that
 * the peer has reset has no peer any more; then our own end must do.
 */
export function peerOf(pair: Pair, fd: number, libc: Libc, system: System, platform: Platform): string {
  const ours = endOf(libc, system, fd, 'getsockname')
  if (typeof ours === 'number') return `cannot be verified: getsockname fails with errno ${-ours}`
  const another = 'is not the one of this socket any more'
  if (ours === undefined || !isEnd(ours, pair.ours)) return another
  const theirs = endOf(libc, system, fd, 'getpeername')
  if (typeof theirs === 'string') return isEnd(theirs, pair.theirs) ? 'there' : another
  if (theirs === undefined) return another
  return saysGone(theirs, platform) ? 'gone' : `cannot be verified: getpeername fails with errno ${-theirs}`
}
