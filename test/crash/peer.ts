// The peer of the crash matrix: plain sockets in a Node of its own that read what comes and say how it ended.
//
// 1. TLS is laid over a plain socket whose bytes pass through here: how TCP ended is seen below TLS, and its records
//    are followed. TLS 1.2, because 1.3 hides which record is an alert.
// 2. An end of file is believed only after asking the kernel: libuv may report data and a reset as data and an end.
import net from 'node:net'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { obey, say } from '../support/channel.js'
import { hiddenReset } from '../support/descriptors.js'

/** What a line is told to do. */
export type PeerOrder =
  | { line: number; do: 'connect'; port: number; tls: boolean; request: boolean; until: number; pause: boolean }
  | { line: number; do: 'resume' | 'write' | 'leave' }

/** What it saw. `reached`: it has read as many bytes as it was to. */
export interface PeerSight {
  line: number
  saw: 'reached' | 'sent' | 'eof' | 'reset' | 'refused'
  /** Bytes of the application. */
  bytes: number
  /** The last record before the end was an alert of TLS: it is no truncation to who looks for it. */
  closeNotify: boolean
}

const alertRecord = 21
const recordHead = 5
const tlsEndMs = 500

/** Follows the records of TLS by their heads. */
class Records {
  last = 0
  #head: number[] = []
  #left = 0

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, bytes.length - at)
        this.#left -= step
        at += step
        continue
      }
      this.#head.push(bytes[at] ?? 0)
      at += 1
      if (this.#head.length < recordHead) continue
      const [type = 0, , , high = 0, low = 0] = this.#head
      this.last = type
      this.#left = high * 256 + low
      this.#head = []
    }
  }
}

class Line {
  readonly #raw: net.Socket
  readonly #records = new Records()
  readonly #order: PeerOrder & { do: 'connect' }
  #over: Duplex | undefined
  #secured: tls.TLSSocket | undefined
  #bytes = 0
  #ended = false
  #reached = false

  constructor(order: PeerOrder & { do: 'connect' }) {
    this.#order = order
    let connected = false
    const raw = net.connect({ host: '127.0.0.1', port: order.port, allowHalfOpen: true })
    this.#raw = raw
    raw.once('connect', () => {
      connected = true
      if (order.tls) this.#secure()
      else if (order.request) raw.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    })
    raw.on('data', (chunk) => {
      if (!order.tls) return this.#take(chunk)
      this.#records.take(chunk)
      this.#over?.push(chunk)
    })
    raw.on('end', () => this.#end(hiddenReset(raw) ? 'reset' : 'eof'))
    raw.on('error', () => this.#end(connected ? 'reset' : 'refused'))
  }

  #secure(): void {
    const raw = this.#raw
    const over = new Duplex({
      read: () => undefined,
      write: (chunk, _, done) => raw.write(chunk, () => done()),
    })
    this.#over = over
    const secure = tls.connect({ socket: over, rejectUnauthorized: false, maxVersion: 'TLSv1.2' }, () => {
      if (this.#order.request) secure.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    })
    secure.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#secured = secure
    secure.on('error', () => undefined)
    secure.on('close', () => over.destroy())
    over.on('error', () => undefined)
  }

  #take(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (this.#reached || this.#bytes < this.#order.until) return
    this.#reached = true
    if (this.#order.pause) this.#raw.pause()
    this.#say('reached')
  }

  // What TLS still holds comes out first: its end is told after the last of it.
  #end(saw: PeerSight['saw']): void {
    if (this.#ended) return
    this.#ended = true
    let over = false
    const told = (): void => {
      if (over) return
      over = true
      clearTimeout(late)
      this.#say(saw)
      this.leave()
    }
    const late = setTimeout(told, this.#secured === undefined ? 0 : tlsEndMs)
    this.#secured?.once('end', told).once('close', told)
    this.#over?.push(null)
  }

  #say(saw: PeerSight['saw']): void {
    const closeNotify = this.#records.last === alertRecord
    say({ line: this.#order.line, saw, bytes: this.#bytes, closeNotify } satisfies PeerSight)
  }

  resume(): void {
    this.#raw.resume()
  }

  write(): void {
    this.#raw.write('unread', () => this.#say('sent'))
  }

  leave(): void {
    this.#raw.destroy()
    this.#over?.destroy()
    lines.delete(this.#order.line)
  }
}

const lines = new Map<number, Line>()

obey((message) => {
  const order = message as PeerOrder
  if (order.do === 'connect') lines.set(order.line, new Line(order))
  else lines.get(order.line)?.[order.do]()
})
