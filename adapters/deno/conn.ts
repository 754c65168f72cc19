// One Deno.TcpConn or Deno.TlsConn as the engine sees it: the owner's calls in, the engine's steps as calls on the
// runtime.
//
// 1. Deno tells nothing by itself: the peer's FIN and its reset are seen by whoever reads, the owner or our drain.
// 2. A write that is under way is in the runtime; one that failed was lost. Both count as unflushed.
// 3. With TLS a write that has ended may lie in its layer: only closeWrite() tells that everything is in the kernel,
//    and close_notify and the FIN with it. So our side is disarmed when that is done.
// 4. Deno closes with a shutdown before: its close is a FIN however the socket is armed. An abort disconnects first.
import { EVENT_CLOSE, EVENT_DROPPED, EVENT_FAILED, EVENT_FINISH_SENDING } from '../../assembly/abi.js'
import type { Descriptor } from '../core/descriptor.js'
import { type NativeHost, NativeWire } from '../core/native.js'
import { deno, type TcpConn } from './runtime.js'
import { readableOf, type StreamCalls, writableOf } from './streams.js'

const hooked = ['read', 'write', 'closeWrite', 'close'] as const
type Original = Pick<TcpConn, (typeof hooked)[number]>

// What lies on a connection before: as a rule the methods of its class.
const originalOf = ({ read, write, closeWrite, close }: TcpConn): Original => ({ read, write, closeWrite, close })

const key = Symbol('finrst wire')
type Carrier = TcpConn & { [key]: ConnWire }

// The same functions for all connections, so that nothing is made for each of them.
const method = (value: unknown): PropertyDescriptor => ({ value, configurable: true, writable: true })
const properties: PropertyDescriptorMap = {
  read: method(function (this: Carrier, into: Uint8Array) {
    return this[key].ownerReads(into)
  }),
  write: method(function (this: Carrier, bytes: Uint8Array) {
    return this[key].ownerWrites(bytes)
  }),
  closeWrite: method(function (this: Carrier) {
    return this[key].ownerFinishes()
  }),
  close: method(function (this: Carrier) {
    this[key].ownerCloses()
  }),
  [Symbol.dispose]: method(function (this: Carrier) {
    this[key].ownerCloses(true)
  }),
  readable: {
    configurable: true,
    get(this: Carrier) {
      return this[key].readable
    },
  },
  writable: {
    configurable: true,
    get(this: Carrier) {
      return this[key].writable
    },
  },
}

const drainBytes = 65_536
// A buffer for each connection that drains, of which some are kept for others: a new one costs more than the drain.
const mostSpare = 16
const spare: Uint8Array[] = []

/** The wire of one guarded connection of Deno. */
export class ConnWire extends NativeWire {
  readonly finAtDeath = true
  readonly #conn: TcpConn
  readonly #original: Original
  /** Whether the end of the reading stream leaves our side open, as the policy says. */
  readonly #keepsHalfOpen: boolean
  /** Bytes of writes that have neither ended nor failed, and of those that have failed. */
  #pending = 0
  /** Bytes of writes that have ended. */
  #written = 0
  readonly #takenBefore: number | undefined
  #flushing = false
  #ownerClosed = false
  #drains = false
  #readable: object | undefined
  #writable: object | undefined

  constructor(conn: TcpConn, host: NativeHost, descriptor: Descriptor | undefined, keepsHalfOpen: boolean) {
    super(conn, host, descriptor)
    this.#conn = conn
    this.#keepsHalfOpen = keepsHalfOpen
    this.#takenBefore = descriptor?.taken()
    this.#original = originalOf(conn)
  }

  protected override hook(): void {
    Object.defineProperty(this.#conn, key, { value: this })
    Object.defineProperties(this.#conn, properties)
  }

  ownerFinishes(): Promise<void> | undefined {
    return this.guard?.finishSending()
  }

  get readable(): object {
    this.#readable ??= readableOf(this.#streamCalls)
    return this.#readable
  }

  get writable(): object {
    this.#writable ??= writableOf(this.#streamCalls)
    return this.#writable
  }

  // The streams stay: Deno would make new ones over a connection that is over. The close stays until its owner has
  // called it: what the guard has closed is no mistake of the owner's.
  protected override unhook(): void {
    for (const name of hooked) if (name !== 'close') Reflect.deleteProperty(this.#conn, name)
  }

  // ---- Reading ------------------------------------------------------------------------------------------------------

  async ownerReads(into: Uint8Array): Promise<number | null> {
    if (this.reading !== 'owner') return this.#readNoMore()
    const count = await this.#readOnce(into)
    if (count === null || this.#readsForOwner()) return count
    this.guard?.thrownAway(into.slice(0, count))
    return this.#readNoMore()
  }

  // Another call may have changed it while a read was under way.
  #readsForOwner(): boolean {
    return this.reading !== 'discard'
  }

  // What a reader gets who reads what is thrown away or held: the end, when it has come.
  async #readNoMore(): Promise<null> {
    const verdict = await this.guard?.verdict
    if (verdict?.received === 'reset') throw new deno.errors.Interrupted('the connection was reset')
    return null
  }

  async #readOnce(into: Uint8Array): Promise<number | null> {
    let count: number | null
    try {
      count = await Reflect.apply(this.#original.read, this.#conn, [into])
    } catch (error) {
      // The connection has ended, and the stream has not.
      if (this.secure && (error as Error).name === 'UnexpectedEof') {
        this.guard?.truncated()
        this.#sawEnd()
      } else this.failed(error as Error)
      throw error
    }
    if (count === null) this.#sawEnd()
    return count
  }

  // The owner learns of the end first, and may still write an answer.
  #sawEnd(): void {
    if (this.open) setTimeout(() => void this.peerEnded())
    else this.peerEnded()
  }

  protected override discard(): void {
    if (this.#drains) return
    this.#drains = true
    void this.#readAll()
  }

  async #readAll(): Promise<void> {
    const into = spare.pop() ?? new Uint8Array(drainBytes)
    while (this.guard?.over === false && !this.closed) {
      // An error ends it: the guard has been told.
      const count = await this.#readOnce(into).catch(() => null)
      if (count === null) break
      this.guard?.thrownAway(into.slice(0, count))
    }
    if (spare.length < mostSpare) spare.push(into)
  }

  protected override hold(): void {}

  // ---- Writing ------------------------------------------------------------------------------------------------------

  async ownerWrites(bytes: Uint8Array): Promise<number> {
    if (this.finishing) throw new deno.errors.BrokenPipe('finrst: written after the end of sending was declared')
    this.#pending += bytes.byteLength
    const count = await this.#writeOnce(bytes)
    this.#ended(bytes.byteLength, count)
    return count
  }

  async #writeOnce(bytes: Uint8Array): Promise<number> {
    try {
      return await Reflect.apply(this.#original.write, this.#conn, [bytes])
    } catch (error) {
      this.failed(error as Error)
      throw error
    }
  }

  #ended(bytes: number, count: number): void {
    this.#pending -= bytes
    this.#written += count
    if (this.#pending > 0) return
    this.written()
    if (this.#flushing) this.#flushNow()
  }

  // A chunk of the stream is pending from the moment it is queued.
  async #writeAll(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.byteLength > 0; ) {
      const count = await this.#writeOnce(rest)
      this.#ended(count, count)
      rest = rest.subarray(count)
    }
  }

  // A write that the kernel has taken is told of later: what it has taken is no loss.
  protected override unflushed(): number | undefined {
    if (this.#pending === 0) return this.secure && this.#written > 0 && !this.saidGoodbye ? undefined : 0
    if (this.secure) return this.#pending
    const taken = this.descriptor?.taken()
    if (taken === undefined || this.#takenBefore === undefined) return this.#pending
    return Math.min(this.#pending, Math.max(0, this.#written + this.#pending - (taken - this.#takenBefore)))
  }

  protected override flush(): void {
    this.#flushing = true
    if (this.#pending === 0) this.#flushNow()
  }

  #flushNow(): void {
    this.#flushing = false
    if (!this.secure) return this.flushed()
    Reflect.apply(this.#original.closeWrite, this.#conn, []).then(
      () => {
        this.saidGoodbye = true
        this.flushed()
      },
      (error) => this.failed(error),
    )
  }

  protected override finishByRuntime(): void {
    Reflect.apply(this.#original.closeWrite, this.#conn, []).then(
      () => this.finSent(),
      (error) => this.failed(error),
    )
  }

  // ---- Closing ------------------------------------------------------------------------------------------------------

  ownerCloses(quiet = false): void {
    if (this.closed) {
      if (!this.#ownerClosed || quiet) this.#ownerClosed = true
      else throw new deno.errors.BadResource('Bad resource ID')
      return
    }
    this.#ownerClosed = true
    // With TLS nothing is thrown away as long as no write is under way: it is ended and then closed.
    this.leaving = !this.secure || this.#pending > 0
    this.emit(EVENT_DROPPED)
    if (this.leaving) this.release()
  }

  protected override closeByRuntime(): void {
    try {
      Reflect.apply(this.#original.close, this.#conn, [])
    } catch {
      // It has gone already, with a listener or a process that took it.
    }
  }

  protected override resetByRuntime(): boolean {
    return false
  }

  // ---- The streams --------------------------------------------------------------------------------------------------

  get #streamCalls(): StreamCalls {
    return {
      read: (into) => this.ownerReads(into),
      // Deno closes the connection with its reading stream: our side ends too, after what was written.
      readEnded: () => {
        if (!this.#keepsHalfOpen) setTimeout(() => this.emit(EVENT_FINISH_SENDING))
      },
      readCancelled: () => this.ownerCloses(true),
      waiting: (bytes) => {
        this.#pending += bytes
      },
      writeAll: (chunk) => this.#writeAll(chunk),
      writeEnded: () => {
        this.emit(this.#readable === undefined ? EVENT_CLOSE : EVENT_FINISH_SENDING)
        return this.guard?.finishSending() ?? Promise.resolve()
      },
      writeAborted: (reason) => {
        this.guard?.seen(reason)
        this.emit(EVENT_FAILED)
      },
    }
  }
}
