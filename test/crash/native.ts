// Serves with what Deno and Bun have of their own: Deno.listen, Deno.listenTls, Deno.serve, Bun.listen and Bun.serve.
import { floodBytes, partBytes, wholeBytes } from './cells.js'
import { type Messages, type Served, whenDisarmed } from './serving.js'

interface DenoConnection {
  write(bytes: Uint8Array): Promise<number>
  closeWrite(): Promise<void>
  handshake?(): Promise<unknown>
}
interface DenoListener extends AsyncIterable<DenoConnection> {
  addr: { port: number }
}
interface DenoServing {
  listen(options: object): DenoListener
  listenTls(options: object): DenoListener
  serve(options: object, handler: () => Response): { addr: { port: number } }
}
interface BunConnection {
  write(bytes: Uint8Array): number
  shutdown(): void
}
interface BunServing {
  listen(options: object): { port: number }
  serve(options: object): { port: number }
}

const { Deno: deno, Bun: bun } = globalThis as unknown as { Deno?: DenoServing; Bun?: BunServing }
const hostname = '127.0.0.1'
const content = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(120)

const toSend = ({ situation }: Served): Uint8Array =>
  content(situation === 'finished' ? wholeBytes : situation === 'flowing' ? floodBytes : partBytes)

async function answerInDeno(connection: DenoConnection, served: Served): Promise<void> {
  await connection.handshake?.()
  served.hold(connection)
  const send = async (): Promise<void> => {
    const bytes = toSend(served)
    for (let sent = 0; sent < bytes.length; ) sent += await connection.write(bytes.subarray(sent))
  }
  if (served.situation === 'flowing') void send().catch(() => undefined)
  else await send()
  if (served.situation === 'finished') await connection.closeWrite()
  served.ready()
}

function listenInDeno(on: DenoServing, served: Served): number {
  const { cert, key, transport } = served
  const where = { hostname, port: 0 }
  const listener = transport === 'native' ? on.listen(where) : on.listenTls({ ...where, cert, key })
  void (async () => {
    for await (const connection of listener) void answerInDeno(connection, served)
  })()
  return listener.addr.port
}

function listenInBun(on: BunServing, served: Served): number {
  const { cert, key, transport, situation } = served
  const left = new Map<BunConnection, Uint8Array>()
  const guards = new Map<BunConnection, Messages>()
  const pump = (socket: BunConnection): void => {
    const bytes = left.get(socket)
    if (bytes === undefined || bytes.length === 0) return
    const rest = bytes.subarray(Math.max(0, socket.write(bytes)))
    left.set(socket, rest)
    if (situation === 'flowing' || rest.length > 0) return
    if (situation === 'finished') socket.shutdown()
    // What is only wanted for sending is not kept: row runtime.garbage is about a socket that nobody refers to.
    left.delete(socket)
    if (situation === 'finished') whenDisarmed(guards.get(socket), served.ready)
    else served.ready()
  }
  const begin = (socket: BunConnection): void => {
    const held = served.hold(socket)
    if (held !== undefined) guards.set(socket, held)
    left.set(socket, toSend(served))
    pump(socket)
    if (situation === 'flowing') served.ready()
  }
  const plain = transport === 'native'
  const { port } = on.listen({
    hostname,
    port: 0,
    allowHalfOpen: true,
    ...(plain ? {} : { tls: { cert, key } }),
    socket: served.observe({
      data: () => undefined,
      error: () => undefined,
      drain: pump,
      ...(plain ? { open: begin } : { open: () => undefined, handshake: begin }),
    }),
  })
  return port
}

const chunkBytes = 1_000_000

/** A response that is never complete: its stream stays open behind what it has. */
function partOf({ situation }: Served): Response {
  const chunks = situation === 'flowing' ? floodBytes / chunkBytes : 1
  const body = new ReadableStream({
    start: (controller) => {
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        controller.enqueue(content(situation === 'flowing' ? chunkBytes : partBytes))
      }
    },
  })
  return new Response(body)
}

function answer(served: Served): Response {
  const { situation, serve, ready } = served
  const complete = situation === 'finished' || situation === 'keep-alive'
  // Under a guard a whole answer is told of when it has left.
  if (!complete || serve === undefined) ready()
  if (!complete) return partOf(served)
  const headers: HeadersInit = situation === 'finished' ? { connection: 'close' } : {}
  return new Response(content(wholeBytes) as Uint8Array<ArrayBuffer>, { headers })
}

// The runtime's own server, or the guarded one, which takes the same options and more.
function serveHttp(served: Served): number {
  const { serve, ready } = served
  const ours = serve === undefined ? {} : { policy: serve.policy, onVerdict: ready }
  const by = serve?.by as DenoServing['serve'] & BunServing['serve']
  if (deno !== undefined) {
    const options = { hostname, port: 0, onListen: () => undefined, ...ours }
    return (by ?? deno.serve)(options, () => answer(served)).addr.port
  }
  const options = { hostname, port: 0, idleTimeout: 60, fetch: () => answer(served), ...ours }
  return (by ?? (bun as BunServing).serve)(options).port
}

/** Listens on a port of its own; resolves to it. */
export async function serveNative(served: Served): Promise<number> {
  if (deno === undefined && bun === undefined) throw new Error(`this runtime has no ${served.transport}`)
  if (served.transport === 'serve') return serveHttp(served)
  return deno === undefined ? listenInBun(bun as BunServing, served) : listenInDeno(deno, served)
}
