// One connection of an http server whose runtime hides its sockets, as long as an exchange is under way on it.
//
// 1. A duplicate is held only meanwhile. Between two exchanges the connection is the runtime's alone and disarmed, so
//    that its idle time ends as ever: nobody would tell us of that end.
// 2. The runtime tells that it has taken an answer to its end, not that the kernel has. It has when the peer's stack
//    has acknowledged everything and turns of the event loop have brought no more: what a runtime holds it writes
//    when there is room.
// 3. That the runtime has closed is seen by its descriptor, which is looked at now and then.
import { ERROR_BROKEN_PIPE, ERROR_RESET, EVENT_CLOSE, EVENT_PEER_RESET } from '../../assembly/abi.js'
import type { Ends } from './address.js'
import type { Descriptor } from './descriptor.js'
import { type NativeHost, NativeWire } from './native.js'

/** One request and its answer, as the runtime tells of it. */
export interface Exchange {
  /**
   * `open`: more of the answer may come. `taken`: the runtime has all of it. `broken`: it will never be whole.
   * `left`: it has become another protocol, which is none of ours.
   */
  state(): 'open' | 'taken' | 'broken' | 'left'
  /** The connection is over: nothing more is to be sent. */
  abandon(): void
}

/** A runtime whose http server hides its sockets. */
export interface ServedHost extends NativeHost {
  /** A death by an error is a FIN although the socket is armed. */
  readonly finAtDeath: boolean
  /** It sends our FIN before it closes behind a whole answer. */
  readonly sendsFin: boolean
  /** Whether it closes only what is whole, where it has taken every answer to its end and closed by itself. */
  closedWhole(descriptor: Descriptor): boolean
}

const shutBoth = 2
const firstMs = 1
const longestBusyMs = 200
const longestQuietMs = 50
const quietLooks = 3
const delayedAckMs = 20
const mostAckLooks = 5
/** As long as nothing is over, only every so many looks ask the kernel. */
const looksPerQuestion = 5

/** The wire of one such connection. */
export class ServedWire extends NativeWire {
  readonly finAtDeath: boolean
  readonly #exchanges = new Set<Exchange>()
  readonly #host: ServedHost
  readonly #held: Descriptor
  readonly #runtimeHolds: () => boolean
  readonly #whenOver: () => void
  #begunAt: number | undefined
  #taken: number | undefined
  #looks = 0
  #patience = mostAckLooks
  #quiet = 0
  /** The runtime has taken every answer, and held the connection still. */
  #survived = false
  #broken = false
  #flushing = false
  #whole = false
  #wait = firstMs
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param runtimeHolds whether the runtime's own descriptor still is this connection */
  constructor(ends: Ends, host: ServedHost, descriptor: Descriptor, runtimeHolds: () => boolean, whenOver: () => void) {
    super(ends, host, descriptor)
    this.#host = host
    this.#held = descriptor
    this.#runtimeHolds = runtimeHolds
    this.#whenOver = whenOver
    this.finAtDeath = host.finAtDeath
  }

  /** Another exchange has begun. */
  add(exchange: Exchange): void {
    this.#exchanges.add(exchange)
    this.#begunAt = this.#held.taken()
    this.#whole = false
    this.#survived = false
    this.guard?.beginMessage()
    this.#schedule()
  }

  /** Whether this still is the connection of a runtime; whoever asks begins another exchange on it. */
  continues(): boolean {
    if (this.guard?.over === false && !this.closed && !this.#held.peerIsGone() && this.#runtimeHolds()) return true
    this.hurry()
    return false
  }

  /** Something has happened: looks at once, and then often. */
  hurry(): void {
    this.#wait = firstMs
    this.#looks = looksPerQuestion - 1
    this.#look()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    const timer = setTimeout(() => this.#look(), this.#wait)
    // As long as the runtime is at it, it keeps the process alive if it wants to.
    if (this.#exchanges.size > 0) timer.unref()
    this.#timer = timer
    this.#wait = Math.min(2 * this.#wait, this.#exchanges.size > 0 ? longestBusyMs : longestQuietMs)
  }

  #look(): void {
    if (this.guard?.over !== false || this.closed) return
    const open = this.#exchanges.size
    for (const exchange of this.#exchanges) if (this.#isOver(exchange)) return this.#leave()
    this.#looks += 1
    if (open > 0 && open === this.#exchanges.size && this.#looks % looksPerQuestion !== 0) return this.#schedule()
    if (this.#held.peerIsGone()) return this.#peerHasGone()
    if (!this.#runtimeHolds()) return this.#acksMayCome() ? this.#schedule() : this.#runtimeHasClosed()
    this.#survived = this.#allTaken
    if (this.#allTaken && this.#isQuiet()) {
      this.#whole = true
      if (!this.finishing) return this.#leave()
      if (this.#flushing) this.flush()
    }
    this.#schedule()
  }

  // A peer's stack takes its time to acknowledge what its program has read.
  #acksMayCome(): boolean {
    if (!this.#survived || this.#held.unacked() === 0 || this.#patience === 0) return false
    this.#patience -= 1
    this.#wait = delayedAckMs
    return true
  }

  get #allTaken(): boolean {
    return this.#exchanges.size === 0 && !this.#broken
  }

  // Answers whether the connection has become another protocol's.
  #isOver(exchange: Exchange): boolean {
    const state = exchange.state()
    if (state === 'open') return false
    this.#exchanges.delete(exchange)
    if (state === 'broken') this.#broken = true
    this.#wait = firstMs
    return state === 'left'
  }

  #isQuiet(): boolean {
    const taken = this.#held.taken()
    const same = this.#held.unacked() === 0 && taken === this.#taken && (taken === undefined || taken !== this.#begunAt)
    this.#taken = taken
    this.#quiet = same ? this.#quiet + 1 : 0
    return this.#quiet >= quietLooks
  }

  // Complete or another protocol's: either way a death is a FIN from now on.
  #leave(): void {
    this.#whole = true
    this.guard?.completeMessage()
    this.guard?.letGo()
  }

  #runtimeHasClosed(): void {
    // What was still held behind its answers was closed later, and has lost nothing that the peer has not.
    const later = this.#survived && this.#held.unacked() === 0
    this.#whole = this.#allTaken && (later || this.#host.closedWhole(this.#held))
    if (!this.#whole) return this.runtimeClosed()
    this.leaving = true
    this.closed = true
    this.emit(EVENT_CLOSE)
  }

  // Reset, or gone with both FINs, if the runtime sends ours.
  #peerHasGone(): void {
    const error = this.#held.pendingError()
    if (this.#allTaken && this.#host.sendsFin && error !== ERROR_RESET && error !== ERROR_BROKEN_PIPE) this.#leave()
    else this.emit(EVENT_PEER_RESET)
  }

  // ---- What the base class asks -------------------------------------------------------------------------------------

  protected override unflushed(): number | undefined {
    return this.#whole ? 0 : undefined
  }

  protected override flush(): void {
    this.#flushing = !this.#whole
    if (this.#whole) this.flushed()
    else this.#schedule()
  }

  protected override closeByRuntime(): void {
    for (const exchange of this.#exchanges) exchange.abandon()
    // What was disconnected wakes nobody; this does, and sends nothing: the runtime finds its connection over.
    if (this.#held.peerIsGone()) this.#held.shutdown(shutBoth)
  }

  protected override resetByRuntime(): boolean {
    return false
  }

  // The runtime reads and writes by itself, and cannot be told otherwise.
  protected override hook(): void {}
  protected override unhook(): void {}
  protected override finishByRuntime(): void {}
  protected override discard(): void {}
  protected override hold(): void {}

  override over(): void {
    clearTimeout(this.#timer)
    this.#whenOver()
    super.over()
  }
}
