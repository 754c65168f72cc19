// Servers and clients of Deno's and Bun's own sockets that know nothing of finrst, or guard for themselves besides.
import diagnostics from 'node:diagnostics_channel'
import * as ownCopy from '#adapter/index'
import type { Certificate } from './certificate.js'
import { say } from './channel.js'

/** As much of both runtimes as is called here. */
interface Conn {
  read(into: Uint8Array): Promise<number | null>
  write(bytes: Uint8Array): Promise<number>
  close(): void
}
interface Deno {
  listen(options: object): AsyncIterable<Conn> & { addr: { port: number } }
  listenTls(options: object): AsyncIterable<Conn> & { addr: { port: number } }
  connect(options: object): Promise<Conn>
  connectTls(options: object): Promise<Conn>
  serve(options: object, handler: () => Response): unknown
}
interface Bun {
  listen(options: object): Listener
  connect(options: object): Promise<unknown>
  serve(options: object): { port: number }
}
interface Listener {
  port: number
  reload(options: object): void
}
interface BunSocket {
  reload(options: object): void
  write(text: string): number
  close(): void
  end(text: string): number
}

const { Deno: deno, Bun: bun } = globalThis as unknown as { Deno?: Deno; Bun?: Bun }
const [name = '', detail = ''] = process.argv.slice(2)
const hostname = '127.0.0.1'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const tlsOptions = (): Partial<Certificate> => (detail === '' ? {} : (JSON.parse(detail) as Certificate))

/** Half an answer, and no more of it. */
const half = (): Response => new Response(new ReadableStream({ start: (to) => to.enqueue(bytes('half')) }))

/** Says where it listens, and does something with each connection when its first bytes have come. */
const listen = (first: (socket: Conn | BunSocket, listener: object) => unknown): void => {
  if (bun !== undefined) {
    const { key, cert } = tlsOptions()
    const tls = key === undefined ? {} : { tls: { key, cert } }
    const data = (it: BunSocket): void => void first(it, listener)
    const listener = bun.listen({ hostname, port: 0, ...tls, socket: { data } })
    say({ port: listener.port })
  } else if (deno !== undefined) {
    const server = deno[detail === '' ? 'listen' : 'listenTls']({ hostname, port: 0, ...tlsOptions() })
    say({ port: server.addr.port })
    void (async () => {
      for await (const conn of server) void conn.read(new Uint8Array(1000)).then(() => first(conn, server))
    })()
  }
}

/** Serves by the runtime, or by who guards. */
const serve = (respond: () => Response, by?: Pick<Bun & Deno, 'serve'>): void => {
  if (bun !== undefined) say({ port: (by ?? bun).serve({ hostname, port: 0, fetch: respond }).port })
  else (by ?? deno)?.serve({ hostname, port: 0, onListen: ({ port }: { port: number }) => say({ port }) }, respond)
}

/** Answers, and lets go without a word. */
const letGo = async (socket: Conn | BunSocket): Promise<void> => {
  await (socket as Conn).write(bytes('whole'))
  socket.close()
}

const programs: Record<string, () => unknown> = {
  waits: () =>
    listen(async (socket) => {
      await (socket as Conn).write(bytes('half'))
      say({ written: true })
    }),
  answers: () =>
    listen((socket) => {
      if (bun !== undefined) (socket as BunSocket).end('whole')
      else void (socket as Conn).write(bytes('whole')).then(() => socket.close())
    }),
  // Compatible, this would be a FIN.
  guards: () =>
    listen((socket) => {
      void ownCopy.guard(socket as never, 'strict').verdict.then(({ ended, cause }) => say({ ended, cause }))
      void letGo(socket)
    }),
  // Compatible before, and strict from then on.
  guardsServer: () => {
    let guards: ownCopy.ServerGuard | undefined
    listen((socket, listener) => {
      if (guards === undefined) {
        guards = ownCopy.guardServer(listener as never, 'strict')
        guards.on('verdict', ({ ended, cause }) => say({ ended, cause }))
      }
      void letGo(socket)
    })
  },
  // What every connection came to is told to whoever listens.
  letsGo: () => {
    diagnostics.subscribe('finrst:verdict', (it) => say({ cause: (it as { verdict: ownCopy.Verdict }).verdict.cause }))
    listen(letGo)
  },
  serve: () => serve(() => new Response('whole')),
  serveHalf: () => serve(half),
  serveGuarded: () => serve(half, ownCopy as unknown as { serve: never }),
  reloadsListener: () => {
    const listener = bun?.listen({ hostname, port: 0, socket: { data: () => undefined } })
    listener?.reload({ socket: { data: (socket: BunSocket) => void socket.write('whole') } })
    say({ port: listener?.port })
  },
  reloadsSocket: () => {
    const data = (socket: BunSocket): void => void socket.write('whole')
    const open = (socket: BunSocket): void => socket.reload({ socket: { data } })
    say({ port: bun?.listen({ hostname, port: 0, socket: { open, data } }).port })
  },
  connect: async () => {
    const port = Number(detail)
    if (bun !== undefined) {
      const open = (it: BunSocket): void => void it.write('a part')
      await bun.connect({ hostname, port, socket: { open, data: () => undefined } })
    } else if (deno !== undefined) await (await deno.connect({ hostname, port })).write(bytes('a part'))
    setInterval(() => undefined, 60_000)
  },
}

await programs[name]?.()
