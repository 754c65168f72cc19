// Deno's own connections for the tests of native sockets.
import type { TcpConn } from '../../adapters/deno/runtime.js'
import type { Endpoint, Kit, Listening, NativeSocket } from './native-kit.js'
import { certificate } from './secure-pair.js'

interface Listener {
  readonly addr: { readonly port: number }
  accept(): Promise<TcpConn>
  close(): void
}

interface DenoNet {
  listen(options: { port: number; hostname: string }): Listener
  listenTls(options: { port: number; hostname: string; cert: string; key: string }): Listener
  connect(options: { port: number; hostname: string }): Promise<TcpConn>
}

const deno = (globalThis as unknown as { Deno: DenoNet }).Deno
const hostname = '127.0.0.1'

const sendAll = async (conn: TcpConn, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += await conn.write(bytes.subarray(at))
}

/** A connection of Deno under the names of the tests. */
const endpointOf = (conn: TcpConn): Endpoint & { conn: TcpConn } => {
  let ended: (how: 'eof' | 'error') => void = () => {}
  const end = {
    conn,
    socket: conn as unknown as NativeSocket,
    received: 0,
    readToEnd: new Promise<'eof' | 'error'>((resolve) => {
      ended = resolve
    }),
    send: (bytes: Uint8Array) => sendAll(conn, bytes),
    finish: () => conn.closeWrite().catch(() => undefined),
    // One stream holds it all, however much the kernel takes at once.
    overfill: (bytes: Uint8Array) => {
      const writer = (conn.writable as WritableStream<Uint8Array>).getWriter()
      writer.write(bytes).catch(() => undefined)
      writer.closed.catch(() => undefined)
    },
    drop: () => conn.close(),
    read: () => {
      const loop = async (): Promise<'eof' | 'error'> => {
        const into = new Uint8Array(65_536)
        try {
          for (let count = await conn.read(into); count !== null; count = await conn.read(into)) end.received += count
          return 'eof'
        } catch {
          return 'error'
        }
      }
      void loop().then(ended)
    },
  }
  return end
}

const listening = (listener: Listener): Omit<Listening, 'next'> => ({
  server: listener as unknown as Listening['server'],
  port: listener.addr.port,
  stop: () => listener.close(),
})

/** The same with TLS. */
export const denoTlsKit: Kit = {
  tls: { ...certificate, version: 'TLSv1.3' },
  listen: async () => {
    const listener = deno.listenTls({ port: 0, hostname, ...certificate })
    const next = async (): Promise<Endpoint> => {
      const conn = await listener.accept()
      await (conn as TcpConn & { handshake(): Promise<unknown> }).handshake()
      return endpointOf(conn)
    }
    return { ...listening(listener), next }
  },
  connect: () => Promise.reject(new Error('there is no server for it')),
}

export const denoKit: Kit = {
  listen: async () => {
    const listener = deno.listen({ port: 0, hostname })
    return { ...listening(listener), next: async () => endpointOf(await listener.accept()) }
  },
  connect: async (port) => endpointOf(await deno.connect({ port, hostname })),
}
