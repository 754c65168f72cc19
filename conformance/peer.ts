// The peer: a plain socket in a process of its own that does what it is told and reports what it sees.
//
// 1. It connects to loopback addresses only.
// 2. It reads eagerly, unless it was told to pause.
// 3. `saw` lines are in the order in which the socket reported: data, eof, reset, sent.
// 4. An end of file is believed only after asking the kernel (hidden-reset.ts).
// 5. It serves one script after the other. `renew` ends all of the one before: its connection is gone and says nothing
//    any more, and no state of it is kept.
import net from 'node:net'
import { createInterface } from 'node:readline'
import { hiddenError } from './hidden-reset.js'
import { matchesPattern, patternBytes } from './pattern.js'

const say = (message: Record<string, unknown>): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

class Peer {
  #say = say
  #socket: net.Socket | undefined
  #paused = false
  #received = 0
  #written = 0
  #pending = 0

  connect(host: unknown, port: unknown): void {
    if (host !== '127.0.0.1' && host !== '::1') throw new Error(`the peer never connects to ${host}`)
    if (typeof port !== 'number') throw new Error('the peer needs a port')
    const socket = net.connect({ host, port, allowHalfOpen: true })
    this.#socket = socket
    socket.on('data', (bytes) => {
      const ok = matchesPattern(bytes, this.#received)
      this.#received += bytes.length
      this.#say({ saw: 'data', bytes: bytes.length, ok })
    })
    if (this.#paused) socket.pause()
    let connected = false
    socket.once('connect', () => {
      connected = true
      this.#say({ ok: true })
    })
    socket.on('end', () => {
      const code = hiddenError(socket)
      this.#say(code === undefined ? { saw: 'eof' } : { saw: 'reset', code })
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Of a peer that wrote nothing EPIPE is what the kernel keeps of a reset behind a FIN; recv() tells it the FIN.
      if (connected && error.code === 'EPIPE' && this.#written === 0) this.#say({ saw: 'eof' })
      else if (connected) this.#say({ saw: 'reset', code: error.code ?? error.message })
      else this.#say({ ok: false, error: error.message })
    })
    socket.on('close', () => this.#say({ saw: 'closed' }))
  }

  obey(request: { do?: unknown; bytes?: unknown; host?: unknown; port?: unknown }): void {
    if (request.do === 'connect') {
      this.connect(request.host ?? '127.0.0.1', request.port)
    } else if (request.do === 'pause') {
      this.#paused = true
      this.#socket?.pause()
      this.#say({ ok: true })
    } else if (this.#socket) {
      this.#act(this.#socket, request.do, Number(request.bytes))
    } else {
      throw new Error('the peer is not connected')
    }
  }

  /** Lets go of the connection, of which nothing is heard from now on. */
  async retire(): Promise<void> {
    this.#say = () => undefined
    const socket = this.#socket
    if (!socket || socket.closed) return
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.destroy()
    await closed
  }

  #act(socket: net.Socket, what: unknown, bytes: number): void {
    switch (what) {
      case 'write':
        this.#write(socket, bytes)
        break
      case 'finish':
        this.#whenDone(socket, 'finish', () => socket.end())
        break
      case 'close':
        this.#whenDone(socket, 'close', () => socket.destroySoon())
        break
      case 'reset':
        socket.resetAndDestroy()
        this.#say({ ok: true })
        break
      case 'resume':
        this.#paused = false
        socket.resume()
        this.#say({ ok: true })
        break
      default:
        this.#say({ ok: false, unsupported: true })
    }
  }

  /** Answers when it is done, or at once if bytes wait that the other side may never take. */
  #whenDone(socket: net.Socket, event: 'finish' | 'close', act: () => void): void {
    const already = event === 'finish' ? socket.writableFinished || socket.destroyed : socket.closed
    if (already || this.#pending > 0) {
      act()
      this.#say({ ok: true })
      return
    }
    socket.once(event, () => this.#say({ ok: true }))
    act()
  }

  #write(socket: net.Socket, bytes: number): void {
    this.#pending += 1
    socket.write(patternBytes(this.#written, bytes), (error) => {
      this.#pending -= 1
      if (!error && this.#pending === 0) this.#say({ saw: 'sent' })
    })
    this.#written += bytes
    this.#say({ ok: true })
  }
}

/** Serves until its input ends. */
export const servePeer = (): void => {
  let peer = new Peer()
  const renew = async (): Promise<void> => {
    const before = peer
    peer = new Peer()
    await before.retire()
    say({ ok: true })
  }
  const input = createInterface({ input: process.stdin })
  input.on('line', (line) => {
    try {
      const request = JSON.parse(line) as { do?: unknown }
      if (request.do === 'renew') void renew()
      else peer.obey(request)
    } catch (error) {
      say({ ok: false, error: error instanceof Error ? error.message : String(error) })
    }
  })
  input.on('close', () => process.exit(0))
}
