// How many bytes of a socket the runtime still holds: written by the owner, and not in the kernel yet.
import type { Descriptor } from '../core/descriptor.js'
import type { NetHost } from './host.js'
import type { Internals } from './stream.js'

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
    if (socket.writableLength === 0 && host.queued(socket) === undefined) this.#start = this.#ahead()
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
