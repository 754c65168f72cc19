// A whole connection: accept, write 1 KiB, end gracefully or by a reset, guarded against bare.
import net from 'node:net'
import { guard } from '../adapters/node/index.js'
import { comparePairs, type Pair } from './pairs.js'

const body = Buffer.alloc(1024, 'x')
const parallel = 8

type Finish = (socket: net.Socket) => void

/** The ways of ending one connection, bare and guarded. */
const ways: Record<string, { bare: Finish; guarded: Finish }> = {
  'end()': {
    bare: (socket) => void socket.end(body),
    guarded: (socket) => {
      guard(socket)
      socket.end(body)
    },
  },
  'close()': {
    bare: (socket) => void socket.end(body),
    guarded: (socket) => {
      const held = guard(socket)
      socket.write(body)
      void held.close()
    },
  },
  'abort()': {
    bare: (socket) => {
      socket.write(body)
      socket.resetAndDestroy()
    },
    guarded: (socket) => {
      const held = guard(socket)
      socket.write(body)
      void held.abort()
    },
  },
}

// One client connection from connect to close.
function visit(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.resume()
    socket.on('error', () => {})
    socket.once('close', () => resolve())
  })
}

/** Microseconds of a connection, over `count` of them, eight at a time. */
async function microseconds(finish: Finish, count: number): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.resume()
    finish(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  let left = count
  const started = process.hrtime.bigint()
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) await visit(port)
    }),
  )
  const spent = Number(process.hrtime.bigint() - started) / 1000
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return spent / count
}

/** Guarded over bare for every way of ending. */
export async function benchConnections(rounds: number, count: number): Promise<Map<string, Pair>> {
  const pairs = new Map<string, Pair>()
  for (const [name, { bare, guarded }] of Object.entries(ways)) {
    await microseconds(guarded, 100)
    await microseconds(bare, 100)
    pairs.set(
      name,
      await comparePairs(
        rounds,
        () => microseconds(guarded, count),
        () => microseconds(bare, count),
      ),
    )
  }
  return pairs
}
