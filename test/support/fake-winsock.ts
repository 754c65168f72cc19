// A Winsock that answers as that of Windows is documented to, with sockets in memory; nothing here was measured.
//
// 1. A SOCKET that is closed resets with linger {1,0}; with a time it says WSAEWOULDBLOCK and stays open, since the
//    runtimes do not block; else it sends a FIN. Its number is given to the next.
// 2. getpeername and SO_ERROR do not tell that the peer has reset (row reset.socket-error).
// 3. The death of the process resets what is open.
import type { Winsock } from '../../adapters/core/winsock.js'

const solSocket = 0xffff
const soLinger = 0x80
const soError = 0x1007
const fionread = 0x4004667f
const errors = {
  EFAULT: 10_014,
  EINVAL: 10_022,
  WOULDBLOCK: 10_035,
  NOTSOCK: 10_038,
  NOPROTOOPT: 10_042,
  NOTCONN: 10_057,
} as const

/** A connection in memory. */
export interface FakeSocket {
  /** The bytes of struct linger. */
  linger: [number, number]
  shutWrite: boolean
  unread: number
  /** The peer's; undefined: there is none. */
  port: number | undefined
  sent: ('FIN' | 'RST')[]
}

/** The sockets of one process. */
export class FakeWinsock {
  readonly calls: string[] = []
  readonly #open = new Map<number, FakeSocket>()
  #error = 0

  /** A connection from port 50000 of 127.0.0.1 to 7007, or from another port. */
  connect(port = 50_000): { number: number; socket: FakeSocket } {
    return this.#add(port)
  }

  /** What listens at 7007, and has no peer. */
  listen(): { number: number; socket: FakeSocket } {
    return this.#add(undefined)
  }

  #add(port: number | undefined): { number: number; socket: FakeSocket } {
    let number = 4
    while (this.#open.has(number)) number += 4
    const socket: FakeSocket = { linger: [0, 0], shutWrite: false, unread: 0, port, sent: [] }
    this.#open.set(number, socket)
    return { number, socket }
  }

  get numbers(): number[] {
    return [...this.#open.keys()]
  }

  /** What the runtime calls; we never do. */
  closesocket(number: number): number {
    return this.#call('closesocket', number, (socket) => {
      const [on, seconds] = socket.linger
      if (on !== 0 && seconds > 0) return -errors.WOULDBLOCK
      this.#open.delete(number)
      if (on !== 0) socket.sent.push('RST')
      else if (!socket.shutWrite) socket.sent.push('FIN')
      return 0
    })
  }

  die(): void {
    for (const socket of this.#open.values()) socket.sent.push('RST')
    this.#open.clear()
  }

  functions(): Winsock {
    return {
      WSAGetLastError: () => this.#error,
      shutdown: (number, how) =>
        this.#call(`shutdown ${how}`, number, (socket) => {
          if (how > 2) return -errors.EINVAL
          if (how !== 0 && !socket.shutWrite) socket.sent.push('FIN')
          socket.shutWrite ||= how !== 0
          return 0
        }),
      setsockopt: (number, level, option, value, length) =>
        this.#call(`linger ${value.join(' ')}`, number, (socket) => {
          if (level !== solSocket || option !== soLinger) return -errors.NOPROTOOPT
          if (length < 4) return -errors.EFAULT
          const [on = 0, seconds = 0] = new Uint16Array(value.slice(0, 4).buffer)
          socket.linger = [on, seconds]
          return 0
        }),
      getsockopt: (number, level, option, value) =>
        this.#call('getsockopt', number, (socket) => {
          if (level !== solSocket || (option !== soLinger && option !== soError)) return -errors.NOPROTOOPT
          const of = option === soError ? new Uint8Array(4) : new Uint8Array(new Uint16Array(socket.linger).buffer)
          value.set(of)
          return 0
        }),
      ioctlsocket: (number, request, value) =>
        this.#call('ioctlsocket', number, ({ unread }) => {
          if (request !== fionread) return -errors.EINVAL
          value[0] = unread
          return 0
        }),
      getsockname: (number, address, length) => this.#name(number, address, length, () => 7007),
      getpeername: (number, address, length) => this.#name(number, address, length, ({ port }) => port),
    }
  }

  #name(
    number: number,
    address: Uint8Array,
    length: Int32Array,
    portOf: (socket: FakeSocket) => number | undefined,
  ): number {
    return this.#call('name', number, (socket) => {
      const port = portOf(socket)
      if (port === undefined) return -errors.NOTCONN
      address.set([2, 0, port >> 8, port & 255, 127, 0, 0, 1])
      length[0] = 16
      return 0
    })
  }

  #call(name: string, number: number, make: (socket: FakeSocket) => number): number {
    this.calls.push(`${name} on ${number}`)
    const socket = this.#open.get(number)
    const answer = socket === undefined ? -errors.NOTSOCK : make(socket)
    if (answer >= 0) return answer
    this.#error = -answer
    return -1
  }
}
