// The system calls that a row script makes and a guard does not, through koffi.
//
// 1. Every call answers 0 or more, or a negative errno, as those of adapters/core/libc.ts do.
// 2. Descriptors are close-on-exec, so that nothing that is started inherits one unasked.
import { randomBytes } from 'node:crypto'
import { endianness } from 'node:os'
import { loopbackAddress } from '../../adapters/core/address.js'
import type { Libc } from '../../adapters/core/libc.js'
import { type KoffiFunction, loadKoffi } from '../../adapters/node/koffi.js'
import { type Kind, loadNumbers, type Numbers } from './numbers.js'

/** Where a socket listens, so that the other side can connect to it. */
export interface Place {
  kind: Kind
  port?: number
  path?: string
}

/** A filter that lets nothing through: BPF_RET with 0 bytes, the same in either byte order but for its first two. */
const dropAll = new Uint8Array(8)
new DataView(dropAll.buffer).setUint16(0, 6, endianness() === 'LE')
const instructionBytes = 8

/** The system calls of this process. */
export class Calls {
  readonly numbers: Numbers = loadNumbers()
  readonly libc: Libc
  #koffi = loadKoffi()
  #c = this.#koffi.load(null)
  #socket = this.#c.func('int socket(int, int, int)')
  #pair = this.#c.func('int socketpair(int, int, int, void *)')
  #bind = this.#c.func('int bind(int, const void *, uint32_t)')
  #listen = this.#c.func('int listen(int, int)')
  #accept = this.#c.func('int accept4(int, void *, void *, int)')
  #connect = this.#c.func('int connect(int, const void *, uint32_t)')
  #send = this.#c.func('int send(int, const void *, size_t, int)')
  #recv = this.#c.func('int recv(int, void *, size_t, int)')
  #poll = this.#c.func('int poll(void *, unsigned long, int)')
  #fcntl = this.#c.func('int fcntl(int, int, ...)')
  #exit = this.#c.func('void _exit(int)')
  #filter: KoffiFunction

  constructor() {
    const { libc } = this.numbers.platform
    if (!libc) throw new Error(this.numbers.platform.backend.why)
    this.libc = libc
    this.#koffi.struct('sock_fprog', { length: 'uint16', filter: 'void *' })
    this.#filter = this.#c.func('int setsockopt(int, int, int, const sock_fprog *, uint32_t)')
  }

  #result(answer: number): number {
    return answer < 0 ? -this.#koffi.errno() : answer
  }

  /** A function of the C library that answers 0 or more, or a negative errno. */
  bind(prototype: string): (...values: unknown[]) => number {
    const call = this.#c.func(prototype)
    return (...values) => this.#result(call(...values))
  }

  /** The same in another thread, so that it may block there. */
  bindThread(prototype: string): (...values: unknown[]) => Promise<number> {
    const call = this.#c.func(prototype)
    return (...values) =>
      new Promise((resolve, reject) => {
        call.async(...values, (error, answer) => (error ? reject(error) : resolve(this.#result(answer))))
      })
  }

  /** A socket of any family, close-on-exec. */
  openSocket(family: number, type: number, protocol: number): number {
    return this.#result(this.#socket(family, type | this.numbers.closeOnExec, protocol))
  }

  socket(kind: Kind): number {
    const [family, type, protocol] = this.numbers.kinds[kind]
    return this.openSocket(this.numbers.family[family], type, protocol)
  }

  /** Two connected descriptors, or a negative errno. */
  socketpair(kind: Kind): [number, number] | number {
    const [family, type, protocol] = this.numbers.kinds[kind]
    const both = new Int32Array(2)
    const flags = type | this.numbers.closeOnExec
    const answer = this.#result(this.#pair(this.numbers.family[family], flags, protocol, both))
    return answer < 0 ? answer : [both[0] ?? -1, both[1] ?? -1]
  }

  /** Binds to a port or a name that the system or chance chooses. */
  bindAnywhere(fd: number, kind: Kind): Place | number {
    const unix = this.numbers.kinds[kind][0] === 'unix'
    const place: Place = unix ? { kind, path: `finrst-${randomBytes(8).toString('hex')}` } : { kind, port: 0 }
    const answer = this.bindTo(fd, place)
    return answer < 0 ? answer : place
  }

  bindTo(fd: number, place: Place): number {
    return this.bindAddress(fd, this.#address(place))
  }

  bindAddress(fd: number, address: Uint8Array): number {
    return this.#result(this.#bind(fd, address, address.length))
  }

  listen(fd: number, backlog: number): number {
    return this.#result(this.#listen(fd, backlog))
  }

  accept(fd: number): number {
    return this.#result(this.#accept(fd, null, null, this.numbers.closeOnExec))
  }

  connect(fd: number, place: Place): number {
    const address = this.#address(place)
    return this.#result(this.#connect(fd, address, address.length))
  }

  send(fd: number, bytes: Uint8Array, flags = 0): number {
    const { dontWait, noSignal } = this.numbers.message
    return this.#result(this.#send(fd, bytes, bytes.length, dontWait | noSignal | flags))
  }

  recv(fd: number, bytes: Uint8Array, peek: boolean): number {
    const { dontWait, peek: flag } = this.numbers.message
    return this.#result(this.#recv(fd, bytes, bytes.length, dontWait | (peek ? flag : 0)))
  }

  /** What poll() reports, as a number, after at most so many milliseconds. */
  poll(fd: number, events: number, ms: number): number {
    const entry = new Uint8Array(8)
    const view = new DataView(entry.buffer)
    const little = endianness() === 'LE'
    view.setInt32(0, fd, little)
    view.setInt16(4, events, little)
    const answer = this.#result(this.#poll(entry, 1, ms))
    return answer < 0 ? answer : view.getUint16(6, little)
  }

  setNonblocking(fd: number, on: boolean): number {
    const { get, set, flag } = this.numbers.nonblocking
    const flags = this.#result(this.#fcntl(fd, get, 'int', 0))
    return flags < 0 ? flags : this.#result(this.#fcntl(fd, set, 'int', on ? flags | flag : flags & ~flag))
  }

  /** Makes the kernel drop every segment that comes in for this socket, before TCP sees it. */
  silence(fd: number): number {
    return this.attachFilter(fd, dropAll)
  }

  /** Attaches a BPF program, of eight bytes an instruction. */
  attachFilter(fd: number, instructions: Uint8Array): number {
    const program = { length: instructions.length / instructionBytes, filter: instructions }
    return this.#result(this.#filter(fd, this.numbers.socketLevel, this.numbers.option.attachFilter, program, 16))
  }

  /** Sets an option that is an int. */
  setInt(fd: number, level: number, option: number, value: number): number {
    return this.libc.setsockopt(fd, level, option, new Uint8Array(Int32Array.of(value).buffer))
  }

  /** The descriptor flags, or a negative errno: whether the number is one of an open descriptor. */
  descriptorFlags(fd: number): number {
    const getDescriptorFlags = 1
    return this.#result(this.#fcntl(fd, getDescriptorFlags, 'int', 0))
  }

  speak(fd: number): number {
    return this.libc.setsockopt(fd, this.numbers.socketLevel, this.numbers.option.detachFilter, new Uint8Array(4))
  }

  /** Ends the process at once, without running anything of the runtime. */
  exit(code: number): void {
    this.#exit(code)
  }

  #address({ port, path }: Place): Uint8Array {
    if (path === undefined) return loopbackAddress(this.numbers.system, port ?? 0)
    // The family has two bytes, and a name that begins with a zero byte leaves no file behind.
    const bytes = Buffer.from(`\0\0\0${path}`)
    new DataView(bytes.buffer, bytes.byteOffset).setUint16(0, this.numbers.family.unix, endianness() === 'LE')
    return bytes
  }
}
