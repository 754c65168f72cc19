// Servers of node:net that hold connections, one guarded and one bare, and tell what they cost this process.
// A client that sends something gets one KiB and a graceful end.
import { readdirSync } from 'node:fs'
import net from 'node:net'
import { guardServer, type ServerGuard } from '#adapter/index'
import { obey, say } from '../../test/support/channel.js'

const { Bun: bun, gc } = globalThis as unknown as { Bun?: { gc(force: boolean): void }; gc?: () => void }
const body = Buffer.alloc(1024, 'x')
let open = 0

async function listen(guarded: boolean): Promise<{ port: number; guards: ServerGuard | undefined }> {
  const server = net.createServer((socket) => {
    open += 1
    socket.on('error', () => {})
    socket.on('data', () => socket.end(body))
    socket.on('close', () => {
      open -= 1
    })
  })
  const guards = guarded ? guardServer(server) : undefined
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve))
  return { port: (server.address() as net.AddressInfo).port, guards }
}

function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return Number.NaN
  }
}

async function costs(): Promise<object> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    gc?.()
    bun?.gc(true)
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { open, heapUsed, rss, descriptors: descriptors() }
}

const guarded = await listen(true)
const bare = await listen(false)
obey((message) => {
  if (message === 'costs') void costs().then(say)
  else {
    const started = performance.now()
    void guarded.guards?.close({ within: 60_000 }).then((summary) => {
      say({ milliseconds: performance.now() - started, ...summary })
    })
  }
})
say({ guarded: guarded.port, bare: bare.port })
