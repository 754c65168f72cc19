// How our direction of a connection is ended: through TLS its close_notify goes first, then our FIN.
//
// 1. close_notify is a part of the stream. Until it is in the kernel the stream is not flushed, so death still resets.
// 2. The runtime's own shutdown sends close_notify at once where the kernel has room, and its FIN in a later turn of
//    the event loop; in between the engine decides. Where there is no room the kernel gets both when there is.
// 3. Bytes of TLS that are still under way would swallow close_notify, so they are waited for.
import type { Tls } from './host.js'
import { bypassed, type Internals, whenever } from './stream.js'

type Done = (error?: Error | null) => void

const nothing = new Uint8Array(0)

/** The end of our direction of one socket. */
export class Farewell {
  #said = false
  #over: { error: Error | null | undefined } | undefined
  #waiting: Done[] = []
  #lost = false
  readonly #socket: Internals
  readonly #tls: Tls | undefined
  readonly #peerIsGone: () => boolean
  readonly #shutdown: (done: Done) => void

  constructor(socket: Internals, tls: Tls | undefined, peerIsGone: () => boolean, shutdown: (done: Done) => void) {
    this.#socket = socket
    this.#tls = tls
    this.#peerIsGone = peerIsGone
    this.#shutdown = shutdown
  }

  /** Whether there are bytes of TLS, close_notify among them, that are not in the kernel yet. */
  get unflushed(): boolean {
    if (this.#tls?.holds !== undefined) return this.#tls.holds(this.#socket, this.#said)
    return this.#tls !== undefined && this.#said && this.#over === undefined
  }

  /**
   * Whether a reset of the peer passed for its end of file: a write that nobody heard of, an empty one or one of TLS's
   * own, may have taken the error. Before our FIN nothing else takes the peer away.
   */
  lostPeer(): boolean {
    return !this.#said && this.#peerIsGone()
  }

  /** Whether the peer was gone when we began: close_notify takes the error of its reset, and our FIN is none. */
  get lost(): boolean {
    return this.#lost
  }

  /** Brings everything into the kernel that must be there before our FIN. */
  flush(then: Done): void {
    if (this.#tls === undefined || this.#socket._handle === null) return then()
    if (!this.#said && this.unflushed && this.#socket[bypassed]) {
      return whenever(
        this.#socket,
        () => !this.unflushed,
        () => this.flush(then),
      )
    }
    if (!this.#said && this.unflushed) {
      return this.#socket._write(nothing, 'buffer', (error) => (error ? then(error) : this.flush(then)))
    }
    this.#say()
    if (this.unflushed) this.whenOver(then)
    else then()
  }

  /** Sends close_notify because the runtime lets go now, if it can be in the kernel when this returns. */
  sayNow(): void {
    if (this.#tls?.holds !== undefined && this.#socket._handle !== null && !this.unflushed) this.#say()
  }

  /** Calls back when the runtime's FIN is out. */
  whenOver(done: Done): void {
    this.#waiting.push(done)
    if (this.#over === undefined) this.#say()
    else this.#tell(this.#over.error)
  }

  #say(): void {
    if (this.#said) return
    this.#lost = this.#tls !== undefined && this.lostPeer()
    this.#said = true
    this.#shutdown((error) => {
      this.#over = { error }
      this.#tell(error)
    })
  }

  #tell(error: Error | null | undefined): void {
    for (const done of this.#waiting.splice(0)) done(error)
  }
}
