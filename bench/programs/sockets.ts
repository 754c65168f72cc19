// A server that sends 1 KiB and ends, gracefully or by a reset: over node:net or natively, guarded or bare.
import net from 'node:net'
import * as adapter from '#adapter/index'
import { obey, say } from '../../test/support/channel.js'
import type { Ending, Kind, Way } from '../ways.js'

const { writes, way } = JSON.parse(process.argv[2] ?? '{}') as { writes: number; way: Way }
const part = Buffer.alloc(1024, 'x')
const hostname = '127.0.0.1'

interface DenoConn {
  write(bytes: Uint8Array): Promise<number>
  read(into: Uint8Array): Promise<number | null>
  closeWrite(): Promise<void>
  close(): void
}
interface DenoListener extends AsyncIterable<DenoConn> {
  addr: { port: number }
}
interface BunSocket {
  write(bytes: Uint8Array): number
  end(): void
  terminate(): void
}
interface BunListener {
  port: number
}
const { Deno: deno, Bun: bun } = globalThis as unknown as {
  Deno?: { listen(options: object): DenoListener }
  Bun?: { listen(options: object): BunListener }
}
const guard = adapter.guard as unknown as (socket: unknown) => adapter.Guard

async function listenNet(ending: Ending, guarded: boolean): Promise<number> {
  const end = (socket: net.Socket): void => {
    if (ending === 'close') socket.end()
    else socket.resetAndDestroy()
  }
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).resume()
    if (guarded) guard(socket)
    let left = writes
    const more = (): void => {
      if (left-- > 0) socket.write(part, more)
      else end(socket)
    }
    more()
  })
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve))
  return (server.address() as net.AddressInfo).port
}

async function serveDeno(conn: DenoConn, ending: Ending, guarded: boolean): Promise<void> {
  const held = guarded ? guard(conn) : undefined
  for (let left = writes; left > 0; left -= 1) await conn.write(part)
  if (held === undefined) {
    if (ending === 'close') await conn.closeWrite()
    conn.close()
  } else await (ending === 'close' ? held.close() : held.abort())
}

function listenDeno(ending: Ending, guarded: boolean): number {
  const listener = deno?.listen({ port: 0, hostname }) as DenoListener
  const accept = async (): Promise<void> => {
    for await (const conn of listener) serveDeno(conn, ending, guarded).catch(() => undefined)
  }
  void accept()
  return listener.addr.port
}

function listenBun(ending: Ending, guarded: boolean): number {
  const open = (socket: BunSocket): void => {
    const held = guarded ? guard(socket) : undefined
    for (let left = writes; left > 0; left -= 1) socket.write(part)
    if (held !== undefined) void (ending === 'close' ? held.close() : held.abort())
    else if (ending === 'close') socket.end()
    else socket.terminate()
  }
  const by = guarded ? (Reflect.get(adapter, 'listen') as (options: object) => BunListener) : bun?.listen.bind(bun)
  const nothing = (): void => {}
  return by?.({ port: 0, hostname, socket: { open, data: nothing, error: nothing } }).port ?? 0
}

async function listen({ kind, ending, guarded }: { kind: Kind; ending: Ending; guarded: boolean }): Promise<number> {
  if (kind === 'net') return listenNet(ending, guarded)
  return bun === undefined ? listenDeno(ending, guarded) : listenBun(ending, guarded)
}

const port = await listen(way)
obey((message) => (message === 'processor' ? say(process.cpuUsage()) : process.exit(0)))
say({ port })
