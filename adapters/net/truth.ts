// What is true of one guarded net.Socket: what can be done with it, and what runtime and kernel hold of its bytes.
import type { Socket } from 'node:net'
import { capabilitiesOf, contextOf } from '../core/capabilities.js'
import type { Descriptor } from '../core/descriptor.js'
import { Facts } from '../core/facts.js'
import type { ConnectionGuard } from '../core/guard.js'
import type { Capabilities } from '../core/types.js'
import { Backlog, isHeld, whenTaken, type Written } from './backlog.js'
import { Farewell } from './farewell.js'
import { callHooked } from './hooks.js'
import type { NetHost, Past } from './host.js'
import type { Internals } from './stream.js'

/** The part of a wire that only looks. */
export abstract class SocketTruth implements Written {
  abstract readonly guard: ConnectionGuard
  readonly socket: Internals
  readonly host: NetHost
  readonly past: Past | undefined
  /** The runtime lets go of its socket. */
  protected leaving = false
  protected readonly descriptor: Descriptor | undefined
  #backlog: Backlog | undefined
  #farewell: Farewell | undefined
  readonly #facts: Facts

  constructor(socket: Socket, host: NetHost, descriptor: Descriptor | undefined) {
    this.socket = socket as Internals
    this.host = host
    this.past = host.past?.is(this.socket) ? host.past : undefined
    this.descriptor = descriptor
    this.#facts = new Facts(descriptor, host.platform())
    // Where the runtime does not count what it holds, the count begins now.
    if (host.queued(this.socket) === undefined) this.#backlog = new Backlog(this.socket, host, descriptor)
  }

  get capabilities(): Capabilities {
    return capabilitiesOf(this.host.platform(), this.host.kind, this.descriptor !== undefined)
  }

  get contextBits(): number {
    return contextOf(this.host.platform(), this.host.kind, this.descriptor !== undefined)
  }

  get trace(): ((line: string) => void) | undefined {
    return this.host.platform().trace
  }

  facts(event: number, context: number): number {
    const known = { leaving: this.leaving, unflushed: this.#unflushed, unread: this.socket.readableLength > 0 }
    return this.#facts.of(event, this.guard.state, context, known)
  }

  get #unflushed(): boolean {
    if (isHeld(this)) return true
    return (this.host.tls !== undefined || this.#farewell !== undefined) && this.bye.unflushed
  }

  lastUnsent(): number | undefined {
    return this.#facts.unsent(this.#unflushedBytes, this.guard.state)
  }

  get #unflushedBytes(): number | undefined {
    // Mostly there are none, and nothing need be counted.
    if (this.socket.writableLength === 0) return 0
    this.#backlog ??= new Backlog(this.socket, this.host, this.descriptor)
    return this.#backlog.count()
  }

  unsent(): number | undefined {
    this.#facts.ask()
    return this.lastUnsent()
  }

  acked(): boolean {
    return this.#facts.acked
  }

  unheard(): number | undefined {
    return this.#facts.unheard
  }

  whenFlushed(then: () => void): void {
    if (this.#unflushed) whenTaken(this, () => this.#unflushed, then)
    else then()
  }

  protected get bye(): Farewell {
    const { socket, host, descriptor } = this
    this.#farewell ??= new Farewell(
      socket,
      host.tls,
      () => descriptor?.peerIsGone() ?? host.tls?.peerIsGone(socket) ?? false,
      (done) => callHooked(socket, '_final', done),
    )
    return this.#farewell
  }
}
