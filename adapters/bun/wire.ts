// One native socket of Bun as the engine sees it: the owner's calls and the listener's events in, the engine's steps
// as calls on the runtime.
//
// 1. Bun buffers no writes: what write() did not take is still the owner's. The last bytes, those of end(), are ours:
//    Bun would send what the kernel takes at once, and then a FIN.
// 2. Bun tells every event through the handlers of the listener; observe() hands them on to here.
// 3. With TLS a write that was taken may lie in its layer: Bun's shutdown() sends what is there, then close_notify
//    and the FIN, and tells nobody when. So our side is disarmed when the kernel has the FIN.
// 4. The close is told at once and made later: the last close is the duplicate's.
import { ERROR_NONE, EVENT_ABORT, EVENT_DROPPED, EVENT_FINISH_SENDING } from '../../assembly/abi.js'
import type { Descriptor } from '../core/descriptor.js'
import { type NativeHost, NativeWire } from '../core/native.js'
import type { BunSocket, Bytes } from './runtime.js'

const longestLookMs = 50

const hooked = ['write', 'end', 'shutdown', 'close', 'terminate', 'pause', 'resume'] as const
type Original = Pick<BunSocket, (typeof hooked)[number]>

/** The wire of one guarded native socket of Bun. */
export class BunWire extends NativeWire {
  readonly #socket: BunSocket
  readonly #original: Original
  /** Whether the policy leaves it to the runtime what the peer's FIN ends. */
  readonly #asRuntime: boolean
  /** The last bytes, as far as the kernel has not taken them. */
  #last = new Uint8Array(0)
  #flushing = false
  #peerEnded = false
  #wrote = false
  #goodbye: 'unsaid' | 'asked' | 'said' = 'unsaid'

  constructor(socket: BunSocket, host: NativeHost, descriptor: Descriptor | undefined, asRuntime: boolean) {
    super(socket, host, descriptor)
    this.#socket = socket
    this.#asRuntime = asRuntime
    const methods = hooked.map((name) => [name, (socket[name] as () => unknown).bind(socket)])
    this.#original = Object.fromEntries(methods) as unknown as Original
  }

  protected override hook(): void {
    const methods: Original = {
      write: (...values) => (this.finishing ? -1 : this.#write(...values)),
      end: (...values) => this.#end(...values),
      shutdown: (halfClose) => this.#shutdown(halfClose === true),
      close: () => this.#close(),
      terminate: () => this.#terminate(),
      pause: () => {
        if (this.reading === 'owner') this.#original.pause()
      },
      resume: () => {
        if (this.reading === 'owner') this.#original.resume()
      },
    }
    for (const [name, value] of [...Object.entries(methods), [Symbol.dispose, methods.close] as const]) {
      Object.defineProperty(this.#socket, name, { value, configurable: true, writable: true })
    }
  }

  protected override unhook(): void {
    for (const name of [...hooked, Symbol.dispose]) Reflect.deleteProperty(this.#socket, name)
  }

  // ---- The handlers of the listener ---------------------------------------------------------------------------------

  /** Bytes have arrived; answers whether they are the owner's. */
  data(chunk: Uint8Array): boolean {
    if (this.reading !== 'discard') return true
    // A copy: a slice of a Buffer would not be one, and the runtime may use its memory again.
    this.guard?.thrownAway(new Uint8Array(chunk))
    return false
  }

  /** The kernel takes more; answers whether the owner is to know. */
  drain(): boolean {
    if (!this.finishing) return true
    this.#pump()
    return false
  }

  /** The runtime has told the end of file to the owner. If it is not half-open it closes right after. */
  end(): void {
    if (this.secure) this.guard?.truncated()
    this.#peerEnded = true
    // The owner may still write an answer, and a reset is told as an end first.
    setImmediate(() => this.#endNow())
  }

  #endNow(): void {
    if (!this.#peerEnded) return
    this.#peerEnded = false
    this.peerEnded()
  }

  /** The runtime has closed the socket. */
  closedByRuntime(error: (Error & { code?: string }) | undefined): void {
    if (error !== undefined) {
      this.#peerEnded = false
      this.failed(error)
    } else if (this.#peerEnded && this.#asRuntime) {
      this.guard?.peerFinCloses(true)
    }
    this.leaving = true
    if (this.#goodbye === 'asked') this.#lookForFin()
    this.#endNow()
    this.runtimeClosed()
  }

  // ---- The owner's calls --------------------------------------------------------------------------------------------

  #write(...values: Parameters<BunSocket['write']>): number {
    const count = this.#original.write(...values)
    if (count > 0) this.#wrote = true
    return count
  }

  #end(data?: Bytes, byteOffset?: number, byteLength?: number): number {
    if (this.finishing || this.leaving) return -1
    const last = data === undefined ? this.#last : bytesOf(data, byteOffset, byteLength)
    this.#last = last
    this.emit(EVENT_FINISH_SENDING)
    // What the kernel has not taken is kept beyond this call, in which the owner may change it.
    this.#last = this.#last.slice()
    return last.length
  }

  #shutdown(halfClose: boolean): void {
    if (halfClose) this.#original.shutdown(true)
    else this.emit(EVENT_FINISH_SENDING)
  }

  #close(): void {
    if (this.closed) return
    // With TLS nothing is thrown away as long as all was taken: it is ended and then closed.
    this.leaving = !this.secure || this.#last.length > 0
    this.emit(EVENT_DROPPED)
    if (this.leaving) this.release()
  }

  #terminate(): void {
    this.emit(EVENT_ABORT)
    this.release()
  }

  // ---- What the base class asks -------------------------------------------------------------------------------------

  protected override unflushed(): number | undefined {
    if (this.#last.length > 0) return this.#last.length
    return this.secure && this.#wrote && this.#goodbye !== 'said' ? undefined : 0
  }

  protected override flush(): void {
    this.#flushing = true
    this.#pump()
  }

  #pump(): void {
    if (!this.#flushing) return
    if (this.#last.length > 0 && !this.closed) {
      const count = this.#write(this.#last)
      if (count > 0) this.#last = this.#last.subarray(count)
    }
    if (this.#last.length > 0) return
    this.#flushing = false
    if (!this.secure) return this.flushed()
    if (this.#goodbye !== 'unsaid') return
    this.#goodbye = 'asked'
    this.#original.shutdown()
    this.#lookForFin()
  }

  // Gone without an error, both FINs have passed.
  #lookForFin(ms = 1): void {
    if (this.#goodbye !== 'asked' || this.guard?.over !== false) return
    const { descriptor } = this
    const gone = descriptor?.peerIsGone() === true && descriptor.pendingError() === ERROR_NONE
    if (gone || descriptor?.finIsOut() !== false) {
      this.#goodbye = 'said'
      this.saidGoodbye = true
      this.flushed()
    } else if (!this.closed) setTimeout(() => this.#lookForFin(Math.min(2 * ms, longestLookMs)), ms)
  }

  protected override finishByRuntime(): void {
    this.#original.shutdown()
    this.finSent()
  }

  protected override closeByRuntime(): void {
    this.#original.close()
  }

  protected override resetByRuntime(): boolean {
    this.leaving = true
    this.#original.terminate()
    this.runtimeClosed()
    return true
  }

  protected override discard(): void {
    this.#original.resume()
  }

  protected override hold(): void {
    this.#original.pause()
  }
}

function bytesOf(data: Bytes, byteOffset = 0, byteLength?: number): Uint8Array<ArrayBuffer> {
  if (typeof data === 'string') return new TextEncoder().encode(data)
  const [buffer, start, length] = ArrayBuffer.isView(data)
    ? [data.buffer, data.byteOffset, data.byteLength]
    : [data, 0, data.byteLength]
  const size = Math.max(0, Math.min(byteLength ?? length, length - byteOffset))
  return new Uint8Array(buffer as ArrayBuffer, start + byteOffset, size)
}
