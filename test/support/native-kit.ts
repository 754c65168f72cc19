// What the tests of a runtime's own sockets ask of that runtime, so that one body serves Deno and Bun.
import { createHash } from 'node:crypto'
import net from 'node:net'
import { type Guard, guard, type guardServer, type Policy } from '#adapter/index'
import { listening, portOf } from './pair.js'
import { type Link, type LinkOptions, Peer } from './peer.js'

/** What guard() takes here, and what net.Socket is none of. */
export type NativeSocket = Parameters<typeof guard>[0]

/** One connection of the runtime, with its calls under one name. */
export interface Endpoint {
  readonly socket: NativeSocket
  /** Sends all of it in the ordinary way; resolves when the kernel has it. */
  send(bytes: Uint8Array): Promise<void>
  /** The ordinary end of sending: closeWrite(), end(). */
  finish(): unknown
  /** Ends with these last bytes, which the kernel cannot take at once; they are in the runtime's hands then. */
  overfill(bytes: Uint8Array): void
  /** The ordinary close(). */
  drop(): unknown
  /** Reads from now on. */
  read(): void
  /** How many bytes the owner has read. */
  readonly received: number
  /** Resolves when the owner has read to an end, which was an end of file or an error. */
  readonly readToEnd: Promise<'eof' | 'error'>
}

export interface AcceptOptions {
  /** The runtime leaves our side open when the peer half-closes. */
  halfOpen?: boolean
}

/** A listener of the runtime; each connection that it accepts is handed to the next who waits. */
export interface Listening {
  /** What guardServer() takes. */
  server: Parameters<typeof guardServer>[0]
  port: number
  next(): Promise<Endpoint>
  stop(): void
}

/** A runtime. */
export interface Kit {
  /** The runtime speaks TLS; the peer does too then. */
  readonly tls?: LinkOptions['tls']
  listen(options?: AcceptOptions): Promise<Listening>
  connect(port: number): Promise<Endpoint>
}

/** A peer that speaks as the kit does. */
export const peerFor = ({ tls }: Kit): Promise<Peer> => Peer.start(tls ? 'tls-peer-program' : 'peer-program')

/** A connection that the runtime has accepted from the peer process. */
export const accepted = async (
  kit: Kit,
  peer: Peer,
  options: AcceptOptions & LinkOptions = {},
): Promise<{ end: Endpoint; link: Link }> => {
  const listener = await kit.listen(options)
  try {
    const coming = listener.next()
    const link = await peer.connect(listener.port, { ...options, ...(kit.tls ? { tls: kit.tls } : {}) })
    return { end: await coming, link }
  } finally {
    listener.stop()
  }
}

/** The same, guarded. */
export const guardedEnd = async (
  kit: Kit,
  peer: Peer,
  options: AcceptOptions & LinkOptions & { policy?: Policy } = {},
): Promise<{ end: Endpoint; link: Link; held: Guard }> => {
  const { end, link } = await accepted(kit, peer, options)
  return { end, link, held: guard(end.socket, options.policy) }
}

/** A connection that the runtime has opened to a server of node:net in this process. */
export const connected = async (kit: Kit): Promise<{ end: Endpoint; other: net.Socket }> => {
  const server = net.createServer({ allowHalfOpen: true })
  const coming = new Promise<net.Socket>((resolve) => server.once('connection', resolve))
  await listening(server)
  const end = await kit.connect(portOf(server))
  const other = await coming
  server.close()
  return { end, other: other.on('error', () => undefined) }
}

/** How a stream ends for its reader in this process. */
export const endingOf = (socket: net.Socket): Promise<'eof' | 'reset'> =>
  new Promise((resolve) => {
    socket.once('error', () => resolve('reset'))
    socket.once('end', () => resolve('eof'))
    socket.resume()
  })

/** Bytes of which each depends on its position, so that a gap, a repetition or a swap changes their hash. */
export const patterned = (size: number): { bytes: Uint8Array<ArrayBuffer>; hash: string } => {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at + 4 <= size; at += 4) view.setUint32(at, Math.imul(at, 2654435761) >>> 0)
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') }
}
