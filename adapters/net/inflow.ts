// What becomes of bytes that arrive and that the owner of a socket does not get: thrown away, left in the kernel, or
// drained through the duplicate once the runtime has closed. Made when it is needed first.
import type { Descriptor } from '../core/descriptor.js'
import type { ConnectionGuard } from '../core/guard.js'
import { type Internals, takeBuffered } from './stream.js'

/** Who hears how the stream of a drained connection ends. */
export interface Drain {
  /** What is read is TLS: no byte of the stream. */
  secure: boolean
  awaited: boolean
  end(): void
  error(error: Error & { code?: string | undefined }): void
}

/** The bytes that arrive on one socket. */
export class Inflow {
  #discards = false
  #stop: (() => void) | undefined
  readonly #socket: Internals
  readonly #guard: ConnectionGuard

  constructor(socket: Internals, guard: ConnectionGuard) {
    this.#socket = socket
    this.#guard = guard
  }

  /** Leaves them in the kernel, so that the peer's window closes. */
  hold(): void {
    this.#discards = false
    this.#socket.pause()
  }

  // What the runtime already holds goes too; then it keeps reading, and take() gets the rest.
  discard(): void {
    if (this.#discards) return
    this.#discards = true
    const buffered = takeBuffered(this.#socket)
    this.#socket.resume()
    for (const chunk of buffered) this.#guard.thrownAway(chunk)
  }

  /** Bytes have arrived; `push` gives them to the stream. Answers whether the runtime is to read on. */
  take(chunk: Uint8Array, push: () => unknown): boolean {
    if (this.#discards) this.#guard.thrownAway(chunk)
    else push()
    return this.#discards
  }

  /** Reads the rest through the duplicate, and throws it away. */
  drain(descriptor: Descriptor, { secure, awaited, end, error }: Drain): void {
    if (this.#stop !== undefined) return
    // What the duplicate reads of TLS is cipher text: no proof of its end.
    if (secure) this.#guard.truncated()
    const data = (chunk: Uint8Array): void =>
      secure ? this.#guard.drained(chunk.length) : this.#guard.thrownAway(chunk)
    this.#stop = descriptor.drain({ data, end, error }, awaited)
  }

  stop(): void {
    this.#stop?.()
  }
}
