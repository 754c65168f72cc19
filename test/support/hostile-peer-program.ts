// Hostile peers, many at a time: each asks for a complete or a cut answer, and does its worst; what they read is told.
//
// A request is one letter: `c` asks for a complete answer, `i` for one that is never finished.
import net from 'node:net'
import { obey, say } from './channel.js'
import { hiddenReset } from './descriptors.js'

/** What a peer does. */
export type Malice =
  /** Reads the answer, and sends on and on as fast as it can. */
  | 'flood'
  /** Reads the answer, and sends a byte again and again. */
  | 'drip'
  /** Never reads. */
  | 'mute'
  /** Reads the answer, and keeps its side open. */
  | 'hold'
  /** Asks for what is never finished, and ends its own side at once. */
  | 'half'
  /** Asks for what is never finished, and reads. */
  | 'wait'
  /** Asks and resets. */
  | 'cut'
  /** Connects and says nothing. */
  | 'quiet'

/** So many of each kind connect; `end`: all let go, and what they saw is told. */
export type HostileOrder = { port: number; kinds: Malice[]; each: number } | 'end'

/** What the peers of each kind read: their bytes, summed up, and their endings. */
export type Seen = Partial<Record<Malice, { bytes: number; most: number; eof: number; reset: number; open: number }>>
export type HostileReport = { connected: number } | { seen: Seen }

interface Hostile {
  kind: Malice
  socket: net.Socket
  bytes: number
  saw: 'eof' | 'reset' | undefined
}

const block = Buffer.alloc(65_536)
const all: Hostile[] = []
const drips = new Set<net.Socket>()

/** Fills the socket whenever it takes more; the turn between lets others have one. */
const flood = (socket: net.Socket): void => {
  if (!socket.writable) return
  if (socket.write(block)) setImmediate(() => flood(socket))
  else socket.once('drain', () => flood(socket))
}

setInterval(() => {
  for (const socket of drips) if (socket.writable) socket.write('.')
}, 5).unref()

const misbehave = ({ kind, socket }: Hostile): void => {
  if (kind === 'quiet') return
  socket.write(kind === 'half' || kind === 'wait' || kind === 'cut' ? 'i' : 'c')
  if (kind === 'flood') flood(socket)
  else if (kind === 'drip') drips.add(socket)
  else if (kind === 'half') socket.end()
  else if (kind === 'cut') setImmediate(() => socket.resetAndDestroy())
}

const connect = (port: number, kind: Malice): Promise<void> =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const it: Hostile = { kind, socket, bytes: 0, saw: undefined }
    all.push(it)
    socket.once('connect', () => {
      misbehave(it)
      resolve()
    })
    socket.on('data', (chunk) => {
      it.bytes += chunk.length
    })
    if (kind === 'mute') socket.pause()
    socket.on('end', () => {
      // Some versions of libuv take a reset that comes with data for an end of file.
      it.saw ??= hiddenReset(socket) ? 'reset' : 'eof'
    })
    socket.on('error', () => {
      it.saw ??= 'reset'
      resolve()
    })
  })

const tell = (): Seen => {
  const seen: Seen = {}
  for (const { kind, bytes, saw } of all) {
    const of = seen[kind] ?? { bytes: 0, most: 0, eof: 0, reset: 0, open: 0 }
    of.bytes += bytes
    of.most = Math.max(of.most, bytes)
    of[saw ?? 'open'] += 1
    seen[kind] = of
  }
  return seen
}

/** Whoever has not read so far does now, so that nobody's ending is missing; then all go. */
const finish = async (): Promise<void> => {
  drips.clear()
  for (const { socket } of all) socket.resume()
  const until = Date.now() + 20_000
  while (all.some(({ saw, socket }) => saw === undefined && !socket.destroyed) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  say({ seen: tell() } satisfies HostileReport)
  for (const { socket } of all.splice(0)) socket.destroy()
}

obey((message) => {
  const order = message as HostileOrder
  if (order === 'end') return void finish()
  const { port, kinds, each } = order
  const waiting = kinds.flatMap((kind) => Array.from({ length: each }, () => connect(port, kind)))
  void Promise.all(waiting).then(() => say({ connected: waiting.length } satisfies HostileReport))
})
