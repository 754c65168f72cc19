// One connection of an audit: it sends no more than it may, keeps what comes, and sees how the other side ends it.
import net from 'node:net'
import { hiddenError } from '../hidden-reset.js'
import { Changes } from '../peer-view.js'
import { EnvironmentError } from '../result.js'

/** Where the server is: the one address that is ever connected to. */
export interface Target {
  /** As it was typed. */
  name: string
  host: string
  port: number
}

/** How the other side ended it; `open`: it had not within the time. */
export type Ending = 'fin' | 'reset' | 'open'

/** The most bytes that are taken from one connection: then it is over for us. */
export const mostReceivedBytes = 1024 * 1024
const connectMs = 10_000

/** One connection. */
export class Connection {
  /** What came, in order. */
  readonly chunks: Buffer[] = []
  received = 0
  sent = 0
  /** What the other side did; undefined: nothing yet. */
  ended: 'fin' | 'reset' | undefined
  /** Behind its FIN there was a reset too. */
  resetLater = false
  /** The first bytes, milliseconds after the connection was made. */
  firstMs: number | undefined
  endedMs: number | undefined
  #socket: net.Socket
  #changes = new Changes()
  #began = performance.now()
  #allowed: number

  private constructor(socket: net.Socket, allowed: number) {
    this.#socket = socket
    this.#allowed = allowed
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('end', () => this.#end(hiddenError(socket) === undefined ? 'fin' : 'reset'))
    // After our own abort nothing is told any more; EPIPE is a reset that a write has found.
    socket.on('error', () => this.#end('reset'))
  }

  /** Connects; `allowed`: the most bytes that will be sent. Rejects with {@link EnvironmentError}. */
  static open({ name, host, port }: Target, allowed: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true })
      const refuse = (why: string): void => {
        socket.destroy()
        reject(new EnvironmentError(`${name} cannot be connected to: ${why}`))
      }
      const timer = setTimeout(() => refuse(`no answer within ${connectMs / 1000} s`), connectMs)
      socket.once('error', ({ message }) => {
        clearTimeout(timer)
        refuse(message)
      })
      socket.once('connect', () => {
        clearTimeout(timer)
        socket.removeAllListeners('error')
        resolve(new Connection(socket, allowed))
      })
    })
  }

  /** All that came, as one. */
  bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  /** Sends bytes, unless the connection is over; more than was allowed is a mistake of ours. */
  send(bytes: string | Uint8Array): void {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    // One byte is kept back for the look behind a FIN.
    if (this.sent + buffer.length >= this.#allowed) throw new Error(`a probe sends more than ${this.#allowed} bytes`)
    if (this.#socket.destroyed || !this.#socket.writable) return
    this.sent += buffer.length
    this.#socket.write(buffer)
  }

  /** Our FIN. */
  finish(): void {
    this.#socket.end()
  }

  /** Our reset. */
  abort(): void {
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy()
  }

  /** Lets it go. What is still to be sent is thrown away: the audit has seen what it wanted to see. */
  release(): void {
    this.#socket.destroy()
  }

  /** Waits until it is so, the connection is over, or so many milliseconds have passed; answers whether it is so. */
  until(isSo: () => boolean, ms: number): Promise<boolean> {
    return this.#wait(isSo, () => this.ended !== undefined, ms)
  }

  /**
   * Looks for a reset behind a FIN that has come. Whoever has read end of file is not told of it: only a write that
   * fails at once tells, so one byte is sent, which the bounds of the connection have room for.
   */
  async lookBehindFin(ms: number): Promise<void> {
    const isReset = (): boolean => this.resetLater
    if (await this.#wait(isReset, () => false, ms)) return
    if (this.#socket.destroyed || !this.#socket.writable) return
    const told = new Promise<void>((resolve) => this.#socket.write('.', () => resolve()))
    this.sent += 1
    await Promise.race([told, this.#wait(isReset, () => false, ms)])
  }

  /** Waits for its end; answers how it ended. */
  async ending(ms: number): Promise<Ending> {
    await this.until(() => this.ended !== undefined, ms)
    return this.ended ?? 'open'
  }

  async #wait(isSo: () => boolean, isOver: () => boolean, ms: number): Promise<boolean> {
    const end = performance.now() + ms
    while (!isSo()) {
      const left = end - performance.now()
      if (left <= 0 || isOver()) return false
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, left)
      })
      await Promise.race([this.#changes.next(), late])
      clearTimeout(timer)
    }
    return true
  }

  #ms(): number {
    return Math.round(performance.now() - this.#began)
  }

  #take(bytes: Buffer): void {
    this.firstMs ??= this.#ms()
    const room = mostReceivedBytes - this.received
    this.received += Math.min(room, bytes.length)
    this.chunks.push(bytes.subarray(0, room))
    if (this.received >= mostReceivedBytes) this.release()
    this.#changes.happen()
  }

  #end(how: 'fin' | 'reset'): void {
    if (this.ended === 'fin' && how === 'reset') this.resetLater = true
    this.endedMs ??= this.#ms()
    this.ended ??= how
    this.#changes.happen()
  }
}
