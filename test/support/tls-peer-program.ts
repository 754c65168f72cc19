// The peer under TLS: a client or a server in a process of its own that reports what TLS told it and what TCP did.
//
// 1. TLS runs over a stream of ours and not over the socket: what the connection does below is seen for itself.
// 2. `notified` is an end of file by close_notify; `cut` is one because the connection ended without it. `eof` and
//    `reset` are the connection's, which is asked as the other peer asks it.
// 3. It believes only the certificate that it was given. After end of file it ends its side, unless told to keep it.
import { createHash } from 'node:crypto'
import net from 'node:net'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { obey, say } from './channel.js'
import { hiddenReset } from './descriptors.js'
import type { Order, Sight } from './peer.js'
import { shrinkReceiveBuffer } from './receive-buffer.js'

type TlsOrder = Order & Required<Pick<Order, 'tls'>>

class Link {
  #bytes = 0
  #cut = false
  readonly #hash = createHash('sha256')
  readonly #raw: net.Socket
  readonly #order: TlsOrder
  #secure: tls.TLSSocket | undefined

  constructor(order: TlsOrder, raw: net.Socket, isServer: boolean) {
    this.#order = order
    this.#raw = raw
    if (order.slow) shrinkReceiveBuffer(raw)
    const { key, cert, version } = order.tls
    const versions = { minVersion: version, maxVersion: version }
    const below = this.#over(raw)
    const secure = isServer
      ? new tls.TLSSocket(below, { isServer, key, cert, ...versions })
      : tls.connect({ socket: below, ca: cert, ...versions })
    this.#secure = secure
    const { push } = secure
    secure.push = (chunk: Uint8Array | null) => {
      if (chunk === null) this.#say(this.#cut ? 'cut' : 'notified', this.#hash.digest('hex'))
      return Reflect.apply(push, secure, [chunk]) as boolean
    }
    secure.once(isServer ? 'secure' : 'secureConnect', () => {
      if (order.paused) raw.pause()
      this.#say('connected')
    })
    // It is as half-open as the stream below it.
    secure.on('end', () => order.keep || secure.end())
    secure.on('data', (chunk: Buffer) => this.#take(chunk))
    secure.on('error', () => undefined)
  }

  // The stream that TLS runs over: what it writes goes to the connection, and what the connection tells goes to it.
  #over(raw: net.Socket): Duplex {
    const below = new Duplex({
      allowHalfOpen: true,
      read: () => {},
      write: (chunk, _, done) => void raw.write(chunk, () => done()),
      final: (done) => void raw.end(() => done()),
      destroy: (_, done) => {
        raw.end()
        done(null)
      },
    })
    below.once('end', () => {
      this.#cut = true
    })
    // What has arrived is not held back: there is room for it, and the order of things must be plain.
    raw.on('data', (chunk) => below.push(chunk))
    raw.on('end', () => {
      if (hiddenReset(raw)) return void raw.destroy(new Error('reset'))
      this.#say('eof')
      below.push(null)
    })
    raw.on('error', () => {
      this.#say('reset')
      below.destroy()
    })
    raw.on('close', () => {
      this.#say('closed')
      links.delete(this.#order.link)
    })
    return below
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#hash.update(chunk)
    this.#say('data')
    if (!this.#order.slow) return
    this.#raw.pause()
    setTimeout(() => this.#raw.resume(), 1)
  }

  #say(saw: Sight['saw'], hash?: string): void {
    say({ link: this.#order.link, saw, bytes: this.#bytes, ...(hash ? { hash } : {}) } satisfies Sight)
  }

  obey({ do: what, bytes, text }: Order): void {
    if (what === 'write') this.#secure?.write(text ?? Buffer.alloc(bytes ?? 0, 'p'), () => this.#say('sent'))
    else if (what === 'finish') this.#secure?.end(() => this.#say('finished'))
    // Its FIN goes without close_notify: the stream is cut.
    else if (what === 'close') this.#raw.end()
    else if (what === 'reset') this.#raw.resetAndDestroy()
    else if (what === 'pause') this.#raw.pause()
    else if (what === 'resume') this.#raw.resume()
    this.#say('obeyed')
  }
}

const links = new Map<number, Link>()

const open = (order: TlsOrder): void => {
  if (order.do === 'connect') {
    const raw = net.connect({ host: '127.0.0.1', port: order.port ?? 0, allowHalfOpen: true })
    raw.once('connect', () => links.set(order.link, new Link(order, raw, false)))
    raw.once('error', () => undefined)
    return
  }
  const server = net.createServer({ allowHalfOpen: true }, (raw) => {
    server.close()
    links.set(order.link, new Link(order, raw, true))
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as net.AddressInfo
    say({ link: order.link, saw: 'listening', bytes: 0, port } satisfies Sight)
  })
}

obey((message) => {
  const order = message as Order
  if (order.tls !== undefined) open(order as TlsOrder)
  else if (links.has(order.link)) links.get(order.link)?.obey(order)
  else say({ link: order.link, saw: 'obeyed', bytes: 0 } satisfies Sight)
})
