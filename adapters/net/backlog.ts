// What a runtime still holds of a socket: written by the owner, and not in the kernel yet. How much, and until when.
import type { Descriptor } from '../core/descriptor.js'
import type { NetHost, Past } from './host.js'
import { bypassed, type Internals, whenever } from './stream.js'

const nothing = new Uint8Array(0)

/** A socket, and how its runtime treats it. */
export interface Written {
  readonly socket: Internals
  readonly host: NetHost
  /** Set if the runtime writes past the socket. */
  readonly past: Past | undefined
}

/** Whether the runtime holds bytes of the stream. */
export function isHeld({ socket, host, past }: Written): boolean {
  if (socket.writableLength > 0 || past?.holds(socket)) return true
  return socket[bypassed] === true && (host.queued(socket) ?? 0) > 0
}

/** Calls back once everything that was written so far is in the kernel, as `unflushed` sees it; never if it is lost. */
export function whenTaken(it: Written, unflushed: () => boolean, then: () => void): void {
  const { socket, host, past } = it
  const again = (): void => (unflushed() ? whenTaken(it, unflushed, then) : then())
  if (past?.holds(socket)) return past.whenWritten(socket, again)
  // Where the stream is ended, broken or gone its end decides, and nothing waits for this.
  if (!socket.writable) return
  if (host.refusesEmptyWrite || socket[bypassed]) {
    return whenever(
      socket,
      () => !unflushed(),
      () => unflushed() || then(),
    )
  }
  socket.write(nothing, (error) => {
    if (!error) again()
  })
}

// Of what was accepted here, and never written to, the kernel has taken nothing; it counts a SYN of ours as a byte.
const isUntouched = (socket: Internals & { readonly server?: unknown }): boolean =>
  Boolean(socket.server) && socket.bytesWritten === 0

/** The bytes of one socket that would die with its runtime. */
export class Backlog {
  readonly #socket: Internals
  readonly #host: NetHost
  readonly #descriptor: Descriptor | undefined
  /** What the owner had written, less what the kernel had taken, when the runtime held nothing. */
  readonly #start: number | undefined

  constructor(socket: Internals, host: NetHost, descriptor: Descriptor | undefined) {
    this.#socket = socket
    this.#host = host
    this.#descriptor = descriptor
    if (socket.writableLength > 0 || host.queued(socket) !== undefined || host.past?.is(socket)) return
    this.#start = isUntouched(socket) ? 0 : this.#ahead()
  }

  /** How many there are; undefined where it cannot be known. */
  count(): number | undefined {
    const { writableLength, _writableState } = this.#socket
    if (_writableState.writelen === 0 || writableLength === 0) return writableLength
    // The stream counts a chunk until all of it is in the kernel: what is there already would count twice.
    const queued = this.#host.queued(this.#socket)
    if (queued !== undefined) return writableLength - _writableState.writelen + queued
    const ahead = this.#ahead()
    return ahead === undefined || this.#start === undefined ? undefined : ahead - this.#start
  }

  #ahead(): number | undefined {
    // TLS takes plain bytes and hands over others: the two cannot be compared.
    if (this.#host.tls !== undefined) return undefined
    const taken = this.#descriptor?.taken()
    return taken === undefined ? undefined : this.#socket.bytesWritten - taken
  }
}
