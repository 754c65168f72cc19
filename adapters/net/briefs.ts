// The connections of one server of HTTP that have no guard yet: which connection is one, what they share, and how each
// that ends without a guard is counted.
import type { Socket } from 'node:net'
import { CONFIRM_MASK, CONFIRM_PEER, CONFIRM_SHIFT } from '../../assembly/abi.js'
import { capabilitiesOf, contextOf } from '../core/capabilities.js'
import { Descriptor, type Live } from '../core/descriptor.js'
import { areEndingsHeard } from '../core/endings.js'
import { concernedByEnd, type Mortal } from '../core/exit.js'
import { List } from '../core/list.js'
import { type Ending, isOrdinary, playedVerdict } from '../core/played.js'
import type { ParsedPolicy } from '../core/policy.js'
import type { GuardedServer, Waiting } from '../core/server.js'
import type { Capabilities, Verdict } from '../core/types.js'
import { type Accept, Brief, type Shared } from './brief.js'
import type { NetHost } from './host.js'
import type { Internals } from './stream.js'

/** All of them. */
export class Briefs implements Mortal, Waiting {
  readonly #all = new List<Brief>()
  readonly #host: NetHost
  readonly #policy: ParsedPolicy
  readonly #guards: GuardedServer
  readonly #verdicts = new Map<Ending, Verdict>()
  /** The port of their server, which each of them would have to ask for. */
  #port: number | undefined
  /** The class of their handles, once it is known. */
  #kind: unknown
  readonly #shared: Shared | undefined

  constructor(host: NetHost, policy: ParsedPolicy, guards: GuardedServer, accept: Accept) {
    this.#host = host
    this.#policy = policy
    this.#guards = guards
    this.#shared = this.#share(accept)
  }

  // Undefined: none of them is one.
  #share(accept: Accept): Shared | undefined {
    const { bits } = this.#policy
    const platform = this.#host.platform()
    const duplicates = platform.system?.duplicateCommand !== undefined
    const awaitsPeer = ((bits >> CONFIRM_SHIFT) & CONFIRM_MASK) === CONFIRM_PEER
    const { past, tellsDescriptor, lend } = this.#host
    if (!(tellsDescriptor || past || lend) || platform.libc === undefined || !duplicates || awaitsPeer) return undefined
    if (!isOrdinary(this.#policy, ...this.#means)) return undefined
    // One for all: it is whoever's turn it is.
    const live: { fd: number } = { fd: -1 }
    const descriptor = Descriptor.of({}, { fd: -1, ours: false, live, reads: true }, platform, this.#host)
    if (descriptor === undefined) return undefined
    return {
      accept,
      of: ({ handle }) => {
        if (handle.descriptor !== undefined) return handle.descriptor
        live.fd = handle.fd ?? -1
        return descriptor
      },
      left: (brief, ending) => this.#left(brief, ending),
      past,
    }
  }

  /** The server listens anew, perhaps elsewhere. */
  listens(): void {
    this.#port = undefined
  }

  get size(): number {
    return this.#all.size
  }

  /** Takes a connection that nobody guards or wants to hear of; answers whether it is such a one. */
  take(socket: Socket): boolean {
    if (this.#shared === undefined || this.#guards.watched || areEndingsHeard() || socket.destroyed) return false
    const handle = this.#handleOf(socket as Internals)
    if (handle === undefined) return false
    if (this.#all.size === 0) concernedByEnd.add(this)
    this.#host.watchExit()
    const brief = new Brief(socket, handle, this.#shared)
    this.#all.add(brief)
    if (this.#host.lend !== undefined)
      brief.unwatch = this.#host.whenSent?.(socket as Internals, () => socket.destroyed || brief.handedOn())
    return true
  }

  /** Gives all of them their guards. */
  takeUp(): void {
    for (const brief of this.#all) brief.takeUp()
  }

  exit(): void {
    for (const brief of this.#all) brief.exit()
  }

  #handleOf(socket: Internals): Live | undefined {
    const { past } = this.#host
    if (past !== undefined) {
      if (!past.is(socket)) return undefined
      this.#port ??= socket.localPort
      return past.live(socket, this.#port)
    }
    const { _handle: handle } = socket
    if (!handle || !this.#isTcp(socket, handle)) return undefined
    return this.#host.lend?.(socket) ?? handle
  }

  #isTcp(socket: Internals, handle: object): boolean {
    if (handle.constructor === this.#kind) return true
    if (this.#host.stranger(socket) !== undefined) return false
    this.#kind = handle.constructor
    return true
  }

  #left(brief: Brief, ending: Ending | undefined): void {
    this.#all.remove(brief)
    if (this.#all.size === 0) concernedByEnd.delete(this)
    if (ending !== undefined) this.#guards.count(this.#verdictOf(ending))
  }

  // What can be done with each of them, for the engine and in words.
  get #means(): [contextBits: number, capabilities: Capabilities] {
    const { kind } = this.#host
    const platform = this.#host.platform()
    return [contextOf(platform, kind, true), capabilitiesOf(platform, kind, true)]
  }

  #verdictOf(ending: Ending): Verdict {
    const verdict = this.#verdicts.get(ending) ?? playedVerdict(ending, this.#policy, ...this.#means)
    this.#verdicts.set(ending, verdict)
    return verdict
  }
}
