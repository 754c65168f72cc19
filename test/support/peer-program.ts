// The peer: plain sockets in a process of its own that do what they are told and report what they see.
//
// 1. It is on loopback only, reads eagerly unless told otherwise, and ends its side after end of file.
// 2. An end of file is believed only after asking the kernel: some versions of libuv report data and a reset that
//    arrive together as data and an end of file.
// 3. A slow link takes 64 KiB at a time through a small receive buffer.
import { createHash, type Hash } from 'node:crypto'
import net from 'node:net'
import { obey, say } from './channel.js'
import { hiddenReset } from './descriptors.js'
import type { Order, Sight } from './peer.js'
import { shrinkReceiveBuffer } from './receive-buffer.js'

class Link {
  #bytes = 0
  #ended = false
  readonly #hash: Hash = createHash('sha256')
  readonly #socket: net.Socket
  readonly #id: number

  constructor(order: Order, socket: net.Socket) {
    this.#id = order.link
    this.#socket = socket
    if (order.paused) socket.pause()
    let connected = !socket.connecting
    const begin = (): void => {
      connected = true
      if (order.slow) shrinkReceiveBuffer(socket)
      this.#say('connected')
    }
    if (connected) begin()
    else socket.once('connect', begin)
    socket.on('data', (chunk) => this.#take(chunk, order.slow === true))
    socket.on('end', () => {
      if (hiddenReset(socket)) {
        this.#end('reset')
        return socket.destroy()
      }
      this.#end('eof')
      if (!order.keep) socket.end()
    })
    socket.on('error', () => this.#end(connected ? 'reset' : 'refused'))
    socket.on('close', () => {
      this.#say('closed')
      links.delete(this.#id)
    })
  }

  #take(chunk: Buffer, slow: boolean): void {
    this.#bytes += chunk.length
    this.#hash.update(chunk)
    this.#say('data')
    if (!slow) return
    this.#socket.pause()
    setTimeout(() => this.#socket.resume(), 1)
  }

  #end(saw: Sight['saw']): void {
    const hash = this.#ended ? '' : this.#hash.digest('hex')
    this.#ended = true
    say({ link: this.#id, saw, bytes: this.#bytes, hash } satisfies Sight)
  }

  #say(saw: Sight['saw']): void {
    say({ link: this.#id, saw, bytes: this.#bytes } satisfies Sight)
  }

  obey({ do: what, bytes, text }: Order): void {
    const socket = this.#socket
    if (what === 'write') socket.write(text ?? Buffer.alloc(bytes ?? 0, 'p'), (error) => error || this.#say('sent'))
    else if (what === 'finish') socket.end(() => this.#say('finished'))
    else if (what === 'close') socket.destroy()
    else if (what === 'reset') socket.resetAndDestroy()
    else if (what === 'pause') socket.pause()
    else if (what === 'resume') socket.resume()
    this.#say('obeyed')
  }
}

const links = new Map<number, Link>()
const here = { host: '127.0.0.1', allowHalfOpen: true } as const

const listen = (order: Order): void => {
  const server = net.createServer({ ...here, pauseOnConnect: order.paused === true }, (socket) => {
    server.close()
    links.set(order.link, new Link(order, socket))
  })
  server.listen(0, here.host, () => {
    const { port } = server.address() as net.AddressInfo
    say({ link: order.link, saw: 'listening', bytes: 0, port } satisfies Sight)
  })
}

obey((message) => {
  const order = message as Order
  if (order.do === 'connect') {
    links.set(order.link, new Link(order, net.connect({ ...here, port: order.port ?? 0 })))
  } else if (order.do === 'listen') listen(order)
  else if (links.has(order.link)) links.get(order.link)?.obey(order)
  else say({ link: order.link, saw: 'obeyed', bytes: 0 } satisfies Sight)
})
