// Makes connections over loopback: to the peer process, or between two sockets of this process.
import net from 'node:net'
import { type Guard, guard, type Policy } from '#adapter/index'
import type { Link, LinkOptions, Peer } from './peer.js'

export interface PairOptions {
  halfOpen?: boolean
  /** Our socket does not read until somebody asks it to. */
  unread?: boolean
}

/** A connection between two sockets of this process; `socket` is the accepted one. */
export interface Pair {
  socket: net.Socket
  other: net.Socket
}

export const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port

export const listening = (server: net.Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })

/** Errors of a connection are what a test looks at in its verdict; nobody is to die of them. */
const quiet = (socket: net.Socket): net.Socket => socket.on('error', () => undefined)

/** Accepts the one connection that `connect` opens. */
export const accept = async <T>(
  options: PairOptions,
  connect: (port: number) => T | Promise<T>,
): Promise<{ socket: net.Socket; with: T }> => {
  const server = net.createServer({ allowHalfOpen: options.halfOpen === true, pauseOnConnect: options.unread === true })
  const accepted = new Promise<net.Socket>((resolve) => server.once('connection', resolve))
  await listening(server)
  const other = await connect(portOf(server))
  const socket = quiet(await accepted)
  server.close()
  return { socket, with: other }
}

/** Both ends in this process. The other end is half-open, and paused until somebody reads it. */
export const pair = async (options: PairOptions = {}): Promise<Pair> => {
  const { socket, with: other } = await accept(options, async (port) => {
    const client = quiet(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }))
    await new Promise((resolve) => client.once('connect', resolve))
    return client
  })
  return { socket, other }
}

/** A guarded connection to the peer process. */
export interface Guarded {
  socket: net.Socket
  link: Link
  held: Guard
}

/** A connection to the peer process that nobody guards. */
export const plain = async (peer: Peer, options: PairOptions & LinkOptions = {}): Promise<Omit<Guarded, 'held'>> => {
  const { socket, with: link } = await accept(options, (port) => peer.connect(port, options))
  return { socket, link }
}

export const guarded = async (
  peer: Peer,
  options: PairOptions & LinkOptions & { policy?: Policy } = {},
): Promise<Guarded> => {
  const { socket, link } = await plain(peer, options)
  return { socket, link, held: guard(socket, options.policy) }
}

/** Resolves when the stream has emitted the event. */
export const emitted = (socket: NodeJS.EventEmitter, event: string): Promise<void> =>
  new Promise((resolve) => socket.once(event, () => resolve()))

/** Resolves when everything written so far is in the kernel. */
export const flushed = (socket: net.Socket): Promise<void> =>
  new Promise((resolve) => socket.write('', () => resolve()))
