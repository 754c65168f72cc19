// The sockets of Bun's node:http servers: Bun reads and writes past them, and shows no descriptor of them.
import type { ServerResponse } from 'node:http'
import { pairOf } from '../core/address.js'
import { countingScan, type Scan } from '../core/scan.js'
import type { Held, Past } from '../net/host.js'
import type { Internals } from '../net/stream.js'
import { platform } from './platform.js'

// The response under way on a socket; it has finished when all of it is in the kernel.
const responseOf = (socket: Internals): ServerResponse | undefined =>
  (socket as Internals & { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined

/** What Bun has for such a socket. It tells everything but its descriptor. */
interface Native {
  /** Set from the moment at which the descriptor is closed, by whoever's order. */
  readonly closed: boolean
  readonly peerEnded?: boolean
  readonly closeError?: Error | undefined
}

// Bun keys what is its own by symbols, which are the same for all objects of a class.
const keyNamed = (wanted: string): ((of: object) => symbol | undefined) => {
  let known: symbol | undefined
  return (of) => {
    known ??= Object.getOwnPropertySymbols(of).find(({ description }) => description === wanted)
    return known
  }
}

const handleOf = keyNamed('handle')

const fieldOf = (it: object, name: symbol | undefined): unknown =>
  name === undefined ? undefined : (it as Record<symbol, unknown>)[name]

/** The descriptor of a connection, looked for when it is needed first. As long as it is not closed it is the same. */
class HttpHandle implements Held {
  #fd: number | undefined

  constructor(
    readonly socket: Internals,
    readonly native: Native,
    readonly scan: Scan,
    readonly localPort: number | undefined,
  ) {}

  get closed(): boolean {
    return this.native.closed
  }

  get closedBy(): 'fin' | 'reset' | undefined {
    if (this.native.closeError) return 'reset'
    return this.native.peerEnded === true ? 'fin' : undefined
  }

  get fd(): number {
    if (this.native.closed) return -1
    if (this.#fd !== undefined) return this.#fd
    // Our own address would be another call: no two of our sockets at one port have the same peer, unless that has
    // chosen its port for it.
    const { socket, localPort } = this
    const ends = { remoteAddress: socket.remoteAddress, remotePort: socket.remotePort, localPort }
    this.#fd = this.scan.numberOf(pairOf(ends)) ?? -1
    return this.#fd
  }

  leave(): void {
    if (this.#fd !== undefined) this.scan.forget(this.#fd)
  }
}

/** How such a socket is known, and what it holds. */
export const httpSockets: Past = {
  is: (socket) => !socket._handle && '_httpMessage' in socket && typeof socket.remotePort === 'number',
  holds: (socket) => {
    const response = responseOf(socket)
    return response !== undefined && response.headersSent && !response.writableFinished
  },
  whenWritten: (socket, then) => void responseOf(socket)?.once('finish', then),
  live: (socket, localPort) => {
    // close_notify is a part of the stream of TLS, and is a guard's business.
    if ((socket as { encrypted?: unknown }).encrypted) return undefined
    const native = fieldOf(socket, handleOf(socket)) as Native | undefined
    const scan = countingScan(platform())
    if (scan === undefined || typeof native?.closed !== 'boolean') return undefined
    return new HttpHandle(socket, native, scan, localPort)
  },
  carries: (socket, answer) => responseOf(socket) === answer,
}
