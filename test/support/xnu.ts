// A C library that answers as XNU does, for a guard that believes to run on macOS: sockets in memory, errno and all.
//
// What it answers is read from XNU, as the fact rows of the table cite it; nothing here was measured on a macOS.
// 1. SO_LINGER counts in ticks and SO_LINGER_SEC in seconds; both keep seconds * 100 in sixteen bits, unchecked.
// 2. An option of a socket whose directions are both shut is EINVAL.
// 3. A second or late shutdown is ENOTCONN, and so is getpeername of a connection that is gone.
// 4. The last close sends a RST with linger {1,0} and both directions not shut, else a FIN.
import type { Foreign } from '../../adapters/core/libc.js'

const solSocket = 0xffff
const soLinger = 0x80
const soLingerSec = 0x1080
const soError = 0x1007
const soNwrite = 0x1024
const fionread = 0x4004667f
const fDupfdCloexec = 67
const errnos = { EBADF: 9, EINVAL: 22, ENOPROTOOPT: 42, ENOTCONN: 57, ECONNRESET: 54 } as const

/** A connection in the memory of that kernel. */
export interface XnuSocket {
  /** Numbers that lead to it. */
  descriptors: number
  /** The time of linger in ticks of 10 ms, as the kernel keeps it; undefined: off. */
  ticks: number | undefined
  shutWrite: boolean
  shutRead: boolean
  peerFin: boolean
  /** The peer has reset it, and nobody was told yet. */
  pending: number
  gone: boolean
  /** Bytes that the peer has not confirmed, and bytes that nobody read. */
  queued: number
  unread: number
  /** What went out, in order. */
  sent: ('FIN' | 'RST')[]
}

/** One process on that kernel. */
export class Xnu {
  readonly calls: string[] = []
  readonly #open = new Map<number, XnuSocket>()
  #errno = 0
  #next = 3

  /** A connection, as the runtime has just accepted it; `127.0.0.1:7007` from port 50000. */
  connect(): { fd: number; socket: XnuSocket } {
    const socket: XnuSocket = {
      ...{ descriptors: 1, ticks: undefined, shutWrite: false, shutRead: false, peerFin: false },
      ...{ pending: 0, gone: false, queued: 0, unread: 0, sent: [] },
    }
    const fd = this.#next
    this.#next += 1
    this.#open.set(fd, socket)
    return { fd, socket }
  }

  /** Descriptors that are open. */
  get open(): number {
    return this.#open.size
  }

  /** The peer resets. */
  reset(socket: XnuSocket): void {
    Object.assign(socket, { gone: true, pending: errnos.ECONNRESET, queued: 0 })
  }

  close(fd: number): number {
    return this.#call(`close`, fd, (socket) => {
      this.#open.delete(fd)
      socket.descriptors -= 1
      if (socket.descriptors > 0 || socket.gone) return 0
      const abort = socket.ticks === 0 && !(socket.shutWrite && (socket.shutRead || socket.peerFin))
      if (abort) socket.sent.push('RST')
      else if (!socket.shutWrite) socket.sent.push('FIN')
      socket.gone = true
      return 0
    })
  }

  foreign(): Foreign {
    return {
      errno: () => this.#errno,
      fcntl: (fd, command, least) =>
        this.#call(`fcntl ${command}`, fd, (socket) => {
          if (command !== fDupfdCloexec || least < 3) return -errnos.EINVAL
          socket.descriptors += 1
          this.#next += 1
          this.#open.set(this.#next, socket)
          return this.#next
        }),
      close: (fd) => this.close(fd),
      shutdown: (fd, how) =>
        this.#call(`shutdown ${how}`, fd, (socket) => {
          if (socket.gone || (how === 1 && socket.shutWrite)) return -errnos.ENOTCONN
          if (how !== 0) socket.sent.push('FIN')
          if (how !== 0) socket.shutWrite = true
          if (how !== 1) socket.shutRead = true
          return 0
        }),
      setsockopt: (fd, level, option, value, length) => this.#setsockopt(fd, level, option, value, length),
      getsockopt: (fd, level, option, value) => this.#getsockopt(fd, level, option, value),
      ioctl: (fd, request, value) =>
        this.#call('ioctl', fd, ({ unread }) => {
          if (request !== fionread) return -errnos.EINVAL
          value[0] = unread
          return 0
        }),
      getsockname: (fd, address, length) => this.#name(fd, address, length, 7007),
      getpeername: (fd, address, length) => this.#name(fd, address, length, 50_000),
      connect: () => this.#fail(errnos.EINVAL),
      recv: () => this.#fail(errnos.EINVAL),
      disconnectx: (fd) =>
        this.#call('disconnectx', fd, (socket) => {
          if (socket.gone) return -errnos.ENOTCONN
          if (socket.ticks === 0) socket.sent.push('RST')
          else if (!socket.shutWrite) socket.sent.push('FIN')
          socket.gone = true
          return 0
        }),
    }
  }

  #setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number {
    const [onoff = 0, amount = 0] = new Int32Array(value.slice().buffer)
    return this.#call(`linger ${onoff},${amount}`, fd, (socket) => {
      if (level !== solSocket || (option !== soLingerSec && option !== soLinger)) return -errnos.ENOPROTOOPT
      if (length < 8) return -errnos.EINVAL
      if (socket.gone || (socket.shutWrite && (socket.shutRead || socket.peerFin))) return -errnos.EINVAL
      const kept = option === soLingerSec ? amount * 100 : amount
      socket.ticks = onoff === 0 ? undefined : new Int16Array([kept])[0]
      return 0
    })
  }

  #getsockopt(fd: number, level: number, option: number, value: Uint8Array): number {
    return this.#call('getsockopt', fd, (socket) => {
      if (level !== solSocket) return -errnos.ENOPROTOOPT
      const into = new Int32Array(value.buffer, value.byteOffset)
      if (option === soError) {
        into[0] = socket.pending
        socket.pending = 0
      } else if (option === soNwrite) into[0] = socket.queued
      else if (option === soLingerSec) into.set([socket.ticks === undefined ? 0 : 1, (socket.ticks ?? 0) / 100])
      else return -errnos.ENOPROTOOPT
      return 0
    })
  }

  #name(fd: number, address: Uint8Array, length: Int32Array, port: number): number {
    return this.#call('name', fd, (socket) => {
      if (socket.gone && port !== 7007) return -errnos.ENOTCONN
      // sockaddr_in of the BSDs begins with its length.
      address.set([16, 2, port >> 8, port & 255, 127, 0, 0, 1])
      length[0] = 16
      return 0
    })
  }

  #call(name: string, fd: number, make: (socket: XnuSocket) => number): number {
    this.calls.push(name)
    const socket = this.#open.get(fd)
    const answer = socket === undefined ? -errnos.EBADF : make(socket)
    return answer < 0 ? this.#fail(-answer) : answer
  }

  #fail(errno: number): number {
    this.#errno = errno
    return -1
  }
}
