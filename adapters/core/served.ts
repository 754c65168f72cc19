// One connection of an http server whose runtime hides its sockets, as long as an exchange is under way on it.
//
// 1. A duplicate is held only meanwhile. Between two exchanges the connection is the runtime's alone and disarmed, so
//    that its idle time ends as ever: nobody would tell us of that end.
// 2. The runtime tells that it has taken an answer to its end, not that the kernel has. It has when the peer's stack
//    has acknowledged everything and turns of the event loop have brought no more: what a runtime holds it writes
//    when there is room.
// 3. That the runtime has closed is seen by its descriptor, which is looked at now and then.
// 4. It gets its guard when something is to be decided. Mostly nothing is: armed when its exchange begins, it is
//    disarmed when all is whole, and let go. Where its runtime has closed ours is closed then, by which the kernel
//    sends the FIN.
import { ERROR_BROKEN_PIPE, ERROR_RESET, EVENT_CLOSE, EVENT_PEER_RESET } from '../../assembly/abi.js'
import type { Ends, Pair } from './address.js'
import type { Descriptor } from './descriptor.js'
import { areEndingsHeard } from './endings.js'
import type { ConnectionGuard } from './guard.js'
import { type Looked, lookWithin } from './looks.js'
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
  /** A request comes only when the runtime has all of the answer before. */
  readonly isSerial: boolean
  /** It sends our FIN before it closes behind a whole answer. */
  readonly sendsFin: boolean
  /** Whether it closes only what is whole, where it has taken every answer to its end and closed by itself. */
  closedWhole(descriptor: Descriptor): boolean
}

/** One end, as runtimes write it. */
export interface End {
  readonly address: string
  readonly port: number
}

/** A connection as its server knows it. */
export interface Place {
  readonly peer: End
  /** The runtime's own descriptor, while it has it. */
  readonly fd: number
  readonly pair: Pair
}

/** Who has found the connection. */
export interface Owner {
  /** Whether the runtime's own descriptor still is the connection. */
  holds(place: Place): boolean
  /** Makes its guard, and attaches it. */
  guard(wire: ServedWire): ConnectionGuard
  /** It is no more of ours. */
  over(wire: ServedWire): void
}

const shutBoth = 2
// A look after each of these, and then again and again after the last but one, or the last while an answer is open.
const paces = [2, 10, 50, 200] as const
const quietLooks = 3
const mostAckLooks = 4
const mostPeerLooks = 3
/** As long as it is in use, only every so many looks ask the kernel. */
const looksPerQuestion = 5

/** The wire of one such connection. */
export class ServedWire extends NativeWire implements Looked {
  readonly finAtDeath: boolean
  readonly place: Place
  #exchanges: Exchange[] = []
  readonly #host: ServedHost
  readonly #held: Descriptor
  readonly #owner: Owner
  /** What the kernel had taken when that was asked last, and what before the last exchange as far as that is known. */
  #taken: number | undefined
  #begunAt: number | undefined
  #looks = 0
  #ackLooks = mostAckLooks
  #peerLooks = mostPeerLooks
  #quiet = 0
  /** The runtime has taken every answer, and held the connection still. */
  #survived = false
  #broken = false
  /** An exchange has begun; and another one since the last look. */
  #begun = false
  #isBusy = false
  #flushing = false
  #whole = false
  /** Nothing is unacknowledged, and nothing more is sent by us. */
  #allAcked = false
  /** It was let go without a guard. */
  #left = false
  #pace = 0
  /** How long it waits for the next look, 0: there is none; and which one that is. */
  #waits = 0
  #ticket: object | undefined

  constructor(ends: Ends, place: Place, owner: Owner, host: ServedHost, descriptor: Descriptor) {
    super(ends, host, descriptor)
    this.place = place
    this.#host = host
    this.#held = descriptor
    this.#owner = owner
    this.finAtDeath = host.finAtDeath
    this.#taken = descriptor.taken()
  }

  /** Arms it without a guard; answers whether that is enough for now. */
  arm(): boolean {
    return !this.#held.peerWasGone && this.#held.setLinger(0) >= 0
  }

  /** Its guard, which it has from now on. */
  takeUp(): ConnectionGuard {
    if (this.guard !== undefined) return this.guard
    const guard = this.#owner.guard(this)
    if (this.#begun) guard.beginMessage()
    return guard
  }

  /** The answer will not be whole. */
  fail(error: unknown): void {
    if (!this.#left) void this.takeUp().fail(error)
  }

  /** The process ends, and no guard of ours has been told. */
  exit(crashed: boolean): void {
    if (this.guard === undefined) this.takeUp().exit(crashed)
  }

  get #isDone(): boolean {
    return this.guard?.over ?? this.#left
  }

  /** Another exchange has begun. */
  add(exchange: Exchange): void {
    this.#isBusy = this.#begun
    this.#begun = true
    // What came before it is over: it need not be asked, nor its request be held until the next look.
    if (this.#host.isSerial) this.#exchanges[0] = exchange
    else this.#exchanges.push(exchange)
    this.#begunAt = this.#taken
    this.#quiet = 0
    this.#whole = false
    this.#survived = false
    this.guard?.beginMessage()
    if (this.#waits === 0) this.#schedule()
  }

  /**
   * Whether a request from that peer has come on this connection. As long as ours has a peer the kernel lets no other
   * connection have the same two ends.
   */
  continues(): boolean {
    if (!this.#isDone && !this.closed && !this.#held.peerIsGone()) return true
    this.lookNow()
    return false
  }

  /** An answer was given: looks soon, and then often. */
  hurry(): void {
    this.#pace = 0
    if (!this.#isBusy) this.#looks = looksPerQuestion - 1
    this.#schedule()
  }

  /** The same at once. */
  lookNow(): void {
    this.#pace = 0
    this.#looks = looksPerQuestion - 1
    this.#look()
  }

  look(ticket: object): void {
    // It waits for another look by now, or had this one: two in one turn would tell nothing new.
    if (ticket !== this.#ticket) return
    this.#waits = 0
    this.#ticket = undefined
    this.#look()
  }

  #schedule(): void {
    const ms = paces[this.#pace] ?? 0
    const answered = this.#exchanges.length === 0
    this.#pace = Math.min(this.#pace + 1, paces.length - (answered ? 2 : 1))
    if (ms === this.#waits) return
    this.#waits = ms
    // As long as the runtime is at it, it keeps the process alive if it wants to.
    this.#ticket = lookWithin(ms, this, answered)
  }

  #look(): void {
    if (this.#isDone) return
    if (this.closed) return this.#lookForPeer()
    if (this.#hasLeft()) return this.#leave()
    if (this.#isInUse()) return this.#schedule()
    if (!this.#owner.holds(this.place)) return this.#isHeldNoMore()
    this.#survived = this.#allTaken
    if (this.#allTaken && this.#isQuiet()) {
      this.#whole = true
      if (!this.finishing) return this.#leaveWhole()
      if (this.#flushing) this.flush()
    }
    this.#schedule()
  }

  // Whether the kernel need not be asked this time.
  #isInUse(): boolean {
    const isBusy = this.#isBusy
    this.#isBusy = false
    this.#looks += 1
    if (this.#broken || this.#looks % looksPerQuestion === 0) return false
    return isBusy || this.#exchanges.length > 0
  }

  #isHeldNoMore(): void {
    if (this.#endsByItself()) return
    this.takeUp()
    if (this.#held.peerIsGone()) this.#peerHasGone()
    else if (this.#acksMayCome()) this.#schedule()
    else this.#runtimeHasClosed()
  }

  // The runtime has closed behind whole answers, and all that is left to do is the FIN, which comes with our close.
  // What lies unread would make it a reset. (An upload that nobody wants is read by the runtimes, before they close.)
  #endsByItself(): boolean {
    const held = this.#held
    const ordinary = this.#isUnheard && this.#allTaken && this.#host.closedWhole(held) && held.unread() === 0
    if (ordinary) this.#leaveUnguarded()
    return ordinary
  }

  // Nobody wants to hear of its end.
  get #isUnheard(): boolean {
    return this.guard === undefined && !areEndingsHeard()
  }

  #leaveUnguarded(): void {
    this.#left = true
    this.#held.setLinger(-1)
    this.over()
  }

  // A peer's stack takes its time to acknowledge what its program has read.
  #acksMayCome(): boolean {
    if (!this.#survived || this.#held.unacked() === 0 || this.#ackLooks === 0) return false
    this.#ackLooks -= 1
    return true
  }

  get #allTaken(): boolean {
    return this.#exchanges.length === 0 && !this.#broken
  }

  // Forgets the exchanges that are over. Answers whether the connection has become another protocol's.
  #hasLeft(): boolean {
    if (this.#exchanges.length === 0) return false
    const states = this.#exchanges.map((exchange) => exchange.state())
    const isOpen = (_: Exchange, at: number): boolean => states[at] === 'open'
    this.#broken ||= states.includes('broken')
    if (states.every((state) => state === 'open')) return false
    this.#exchanges = this.#exchanges.filter(isOpen)
    this.#pace = 0
    return states.includes('left')
  }

  #isQuiet(): boolean {
    if (this.#held.unacked() !== 0) {
      this.#quiet = 0
      return false
    }
    const taken = this.#held.taken(0)
    const same = taken === this.#taken && (taken === undefined || taken !== this.#begunAt)
    this.#taken = taken
    this.#quiet = same ? this.#quiet + 1 : 0
    this.#pace = 0
    return this.#quiet >= quietLooks
  }

  #leaveWhole(): void {
    this.#allAcked = true
    this.#leave()
  }

  // Complete or another protocol's: either way a death is a FIN from now on.
  #leave(): void {
    if (this.#isUnheard) return this.#leaveUnguarded()
    this.#whole = true
    const guard = this.takeUp()
    guard.completeMessage()
    guard.letGo()
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
    if (this.#allTaken && this.#host.sendsFin && error !== ERROR_RESET && error !== ERROR_BROKEN_PIPE)
      this.#leaveWhole()
    else this.emit(EVENT_PEER_RESET)
  }

  // Mostly the peer's FIN is all that still comes, and for that no second socket need be made.
  protected override drainBare(): void {
    this.#pace = 0
    this.#schedule()
  }

  #lookForPeer(): void {
    this.#peerLooks -= 1
    if (this.#held.peerIsGone()) this.peerEnded()
    else if (this.#peerLooks > 0 && this.#held.unread() === 0) this.#schedule()
    else super.drainBare()
  }

  // ---- What the base class asks -------------------------------------------------------------------------------------

  override facts(event: number, context: number): number {
    return this.#allAcked ? 0 : super.facts(event, context)
  }

  override lastUnsent(): number | undefined {
    return this.#allAcked ? 0 : super.lastUnsent()
  }

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
    this.#ticket = undefined
    this.#owner.over(this)
    super.over()
  }
}
