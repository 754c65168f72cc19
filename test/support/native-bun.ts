// Bun's own sockets for the tests of native sockets.
import { type BunListener, listen, observe } from '../../adapters/bun/index.js'
import type { BunSocket } from '../../adapters/bun/runtime.js'
import type { Certificate } from './certificate.js'
import type { Endpoint, Kit, Listening, NativeSocket } from './native-kit.js'
import { certificate } from './secure-pair.js'

interface Handlers {
  open(socket: BunSocket): void
  handshake?(socket: BunSocket): void
  data(socket: BunSocket, chunk: Uint8Array): void
  drain(socket: BunSocket): void
  end(socket: BunSocket): void
  close(socket: BunSocket, error?: Error): void
}

interface ListenOptions {
  port: number
  hostname: string
  allowHalfOpen: boolean
  tls?: Certificate
  socket: Handlers
  [option: string]: unknown
}

interface BunNet {
  listen(options: ListenOptions): BunListener
  connect(options: { port: number; hostname: string; socket: Handlers }): Promise<BunSocket>
}

const bun = (globalThis as unknown as { Bun: BunNet }).Bun
const hostname = '127.0.0.1'

/** A socket of Bun under the names of the tests; it keeps what the handlers tell of it. */
export class BunEndpoint implements Endpoint {
  received = 0
  readonly readToEnd: Promise<'eof' | 'error'>
  ended: (how: 'eof' | 'error') => void = () => {}
  drained: () => void = () => {}

  constructor(readonly bun: BunSocket) {
    this.readToEnd = new Promise((resolve) => {
      this.ended = resolve
    })
  }

  get socket(): NativeSocket {
    return this.bun as unknown as NativeSocket
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const drained = new Promise<void>((resolve) => {
        this.drained = resolve
      })
      const count = this.bun.write(bytes.subarray(at))
      if (count < 0) throw new Error('the socket is closed')
      at += count
      if (at < bytes.length) await drained
    }
  }

  finish(): void {
    this.bun.end()
  }

  overfill(bytes: Uint8Array): void {
    this.bun.end(bytes)
  }

  drop(): void {
    this.bun.close()
  }

  read(): void {}
}

const ends = new WeakMap<BunSocket, BunEndpoint>()

const handlers = (opened: (end: BunEndpoint) => void, wrap = observe, tls = false): Handlers => {
  const begin = (socket: BunSocket): void => {
    const end = new BunEndpoint(socket)
    ends.set(socket, end)
    opened(end)
  }
  return wrap({
    ...(tls ? { open: () => undefined, handshake: begin } : { open: begin }),
    data(socket: BunSocket, chunk: Uint8Array) {
      const end = ends.get(socket)
      if (end) end.received += chunk.length
    },
    drain: (socket: BunSocket) => ends.get(socket)?.drained(),
    end: (socket: BunSocket) => ends.get(socket)?.ended('eof'),
    close: (socket: BunSocket, error?: Error) => ends.get(socket)?.ended(error ? 'error' : 'eof'),
  })
}

/** A kit whose handlers are observed, or not. */
export const bunKitWith = (wrap: typeof observe, tls?: Certificate, open: BunNet['listen'] = bun.listen): Kit => ({
  ...(tls ? { tls: { ...tls, version: 'TLSv1.3' } } : {}),
  listen: async ({ halfOpen = false } = {}) => {
    const waiting: ((end: BunEndpoint) => void)[] = []
    const socket = handlers((end) => waiting.shift()?.(end), wrap, tls !== undefined)
    const listener = open({ port: 0, hostname, allowHalfOpen: halfOpen, ...(tls ? { tls } : {}), socket })
    return {
      server: listener as unknown as Listening['server'],
      port: listener.port ?? 0,
      next: () => new Promise<Endpoint>((resolve) => waiting.push(resolve)),
      stop: () => listener.stop(),
    }
  },
  connect: async (port) => {
    let opened: BunEndpoint | undefined
    await bun.connect({
      port,
      hostname,
      socket: handlers((end) => {
        opened = end
      }, wrap),
    })
    if (opened === undefined) throw new Error('it did not open')
    return opened
  },
})

export const bunKit: Kit = bunKitWith(observe)
/** The same with TLS. */
export const bunTlsKit: Kit = bunKitWith(observe, certificate)

const asGiven = <T extends object>(handlers: T): T => handlers
/** Both with listen() in place of Bun.listen(). */
export const bunListenKit: Kit = bunKitWith(asGiven, undefined, listen)
export const bunListenTlsKit: Kit = bunKitWith(asGiven, certificate, listen)
