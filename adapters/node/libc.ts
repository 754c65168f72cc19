// The system calls of this process: through koffi, else node:ffi, else not at all.
//
// 1. Every call answers 0 or more, or a negative errno, read right after the call.
// 2. Nothing here blocks: close() is only called with linger off or {1,0} (table row linger.nonblocking).
import { createRequire } from 'node:module'
import { endianness } from 'node:os'

/** The calls that a guard makes on a descriptor. */
export interface Libc {
  /** A close-on-exec duplicate: no number is reused under us, and no child inherits the connection. */
  duplicate(fd: number): number
  close(fd: number): number
  shutdown(fd: number, how: number): number
  setsockopt(fd: number, level: number, option: number, value: Uint8Array): number
  /** Fills `value`; answers 0. */
  getsockopt(fd: number, level: number, option: number, value: Uint8Array): number
  /** The int that an ioctl stores. */
  ioctl(fd: number, request: number): number
  /** The address of our side or the peer's, in `value`; answers its length. */
  name(fd: number, side: 'getsockname' | 'getpeername', value: Uint8Array): number
  /** Aborts the connection and keeps the descriptor (row abort.keep-descriptor); -ENOSYS: there is no such call. */
  disconnect(fd: number): number
}

/** How the system calls are reached, or why they are not. */
export interface Backend {
  name: 'koffi' | 'node:ffi' | 'none'
  why: string
  libc?: Libc
}

/** What differs between systems in the calls themselves; what differs in their meaning is in the platform table. */
interface System {
  duplicateCommand: number
  disconnect: 'connect' | 'disconnectx' | 'none'
  errnoFunction: string
  addressFamilyAt: 0 | 1
}

const systems: Partial<Record<NodeJS.Platform, System>> = {
  linux: { duplicateCommand: 1030, disconnect: 'connect', errnoFunction: '__errno_location', addressFamilyAt: 0 },
  darwin: { duplicateCommand: 67, disconnect: 'disconnectx', errnoFunction: '__error', addressFamilyAt: 1 },
  freebsd: { duplicateCommand: 17, disconnect: 'none', errnoFunction: '__error', addressFamilyAt: 1 },
  openbsd: { duplicateCommand: 10, disconnect: 'none', errnoFunction: '__errno', addressFamilyAt: 1 },
  netbsd: { duplicateCommand: 12, disconnect: 'none', errnoFunction: '__errno', addressFamilyAt: 1 },
  sunos: { duplicateCommand: 37, disconnect: 'none', errnoFunction: '___errno', addressFamilyAt: 0 },
}

const system = systems[process.platform]

type Call = (...values: (number | bigint | Uint8Array | Int32Array | null)[]) => number

/** The C functions by name, as a backend binds them. */
interface Functions {
  errno(): number
  fcntl: Call
  close: Call
  shutdown: Call
  setsockopt: Call
  getsockopt: Call
  ioctl: Call
  getsockname: Call
  getpeername: Call
  connect: Call
  disconnectx: Call | undefined
}

// ---- koffi ---------------------------------------------------------------------------------------------------------

/** A C function; `async` runs it in another thread and has its errno when it calls back. */
export interface KoffiFunction {
  (...values: unknown[]): number
  async(...values: [...unknown[], (error: Error | null, answer: number) => void]): void
}

/** As much of koffi as is used here. */
export interface Koffi {
  load(path: string | null): { func(prototype: string): KoffiFunction }
  struct(name: string, fields: Record<string, string>): unknown
  errno(): number
}

/** koffi itself; throws if it is not installed or does not run here. */
export function loadKoffi(): Koffi {
  return createRequire(import.meta.url)('koffi') as Koffi
}

function bindKoffi(): Functions {
  const koffi = loadKoffi()
  const c = koffi.load(null)
  const fcntl = c.func('int fcntl(int, int, ...)')
  const ioctl = c.func('int ioctl(int, unsigned long, ...)')
  return {
    errno: () => koffi.errno(),
    fcntl: (fd, command, value) => fcntl(fd, command, 'int', value),
    ioctl: (fd, request, value) => ioctl(fd, request, 'void *', value),
    close: c.func('int close(int)'),
    shutdown: c.func('int shutdown(int, int)'),
    setsockopt: c.func('int setsockopt(int, int, int, const void *, uint32_t)'),
    getsockopt: c.func('int getsockopt(int, int, int, void *, void *)'),
    getsockname: c.func('int getsockname(int, void *, void *)'),
    getpeername: c.func('int getpeername(int, void *, void *)'),
    connect: c.func('int connect(int, const void *, uint32_t)'),
    disconnectx: system?.disconnect === 'disconnectx' ? c.func('int disconnectx(int, uint32_t, uint32_t)') : undefined,
  }
}

// ---- node:ffi ------------------------------------------------------------------------------------------------------

interface NodeFfi {
  dlopen(
    path: null,
    functions: Record<string, { arguments: string[]; return: string }>,
  ): { functions: Record<string, (...values: unknown[]) => number | bigint> }
  getInt32(address: bigint): number
}

// A variadic call with one more int or pointer is called as if it were not variadic, which every ABI but Apple's on
// arm64 allows.
function bindNodeFfi(): Functions {
  const ffi = process.getBuiltinModule?.('node:ffi') as unknown as NodeFfi | undefined
  if (ffi === undefined) throw new Error('this Node has no node:ffi')
  if (process.platform === 'darwin' && process.arch === 'arm64') throw new Error('node:ffi has no variadic calls')
  const i32 = 'i32'
  const pointer = 'pointer'
  const errnoFunction = system?.errnoFunction ?? 'errno'
  const { functions } = ffi.dlopen(null, {
    fcntl: { arguments: [i32, i32, i32], return: i32 },
    ioctl: { arguments: [i32, 'u64', pointer], return: i32 },
    close: { arguments: [i32], return: i32 },
    shutdown: { arguments: [i32, i32], return: i32 },
    setsockopt: { arguments: [i32, i32, i32, pointer, 'u32'], return: i32 },
    getsockopt: { arguments: [i32, i32, i32, pointer, pointer], return: i32 },
    getsockname: { arguments: [i32, pointer, pointer], return: i32 },
    getpeername: { arguments: [i32, pointer, pointer], return: i32 },
    connect: { arguments: [i32, pointer, 'u32'], return: i32 },
    [errnoFunction]: { arguments: [], return: pointer },
  })
  const call = (name: string): Call => functions[name] as Call
  const at = functions[errnoFunction]?.() as bigint
  const ioctl = call('ioctl')
  return {
    errno: () => ffi.getInt32(at),
    fcntl: call('fcntl'),
    ioctl: (fd, request, value) => ioctl(fd as number, BigInt(request as number), value as Int32Array),
    close: call('close'),
    shutdown: call('shutdown'),
    setsockopt: call('setsockopt'),
    getsockopt: call('getsockopt'),
    getsockname: call('getsockname'),
    getpeername: call('getpeername'),
    connect: call('connect'),
    disconnectx: undefined,
  }
}

// ---- The calls over either -----------------------------------------------------------------------------------------

const unspecified = new Uint8Array(16)
const lowestDuplicate = 3
const notImplemented = -38

function overFunctions(c: Functions, on: System): Libc {
  const length = new Int32Array(1)
  const value = new Int32Array(1)
  const result = (answer: number): number => (answer < 0 ? -c.errno() : answer)
  return {
    duplicate: (fd) => result(c.fcntl(fd, on.duplicateCommand, lowestDuplicate)),
    close: (fd) => result(c.close(fd)),
    shutdown: (fd, how) => result(c.shutdown(fd, how)),
    setsockopt: (fd, level, option, bytes) => result(c.setsockopt(fd, level, option, bytes, bytes.length)),
    getsockopt: (fd, level, option, bytes) => {
      length[0] = bytes.length
      return result(c.getsockopt(fd, level, option, bytes, length))
    },
    ioctl: (fd, request) => {
      const answer = result(c.ioctl(fd, request, value))
      return answer < 0 ? answer : (value[0] ?? 0)
    },
    name: (fd, side, bytes) => {
      length[0] = bytes.length
      const answer = result(c[side](fd, bytes, length))
      return answer < 0 ? answer : (length[0] ?? 0)
    },
    disconnect: (fd) => {
      // sa_family AF_UNSPEC is 0 everywhere: sixteen zero bytes are that address.
      if (on.disconnect === 'connect') return result(c.connect(fd, unspecified, unspecified.length))
      if (c.disconnectx === undefined) return notImplemented
      return result(c.disconnectx(fd, 0, 0))
    },
  }
}

function load(): Backend {
  if (system === undefined) {
    return { name: 'none', why: `Node gives no descriptor of a socket on ${process.platform}` }
  }
  const wanted = process.env.FINRST_BACKEND
  const binders = { koffi: bindKoffi, 'node:ffi': bindNodeFfi } as const
  const reasons: string[] = []
  for (const name of ['koffi', 'node:ffi'] as const) {
    if (wanted !== undefined && wanted !== name) {
      reasons.push(`FINRST_BACKEND=${wanted} leaves out ${name}`)
      continue
    }
    try {
      return { name, why: `system calls through ${name}`, libc: overFunctions(binders[name](), system) }
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    }
  }
  return { name: 'none', why: `no way to a system call (${reasons.join('; ')}); npm install koffi gives one` }
}

let loaded: Backend | undefined

/** The way to the system calls, found once for the process. */
export function backend(): Backend {
  loaded ??= load()
  return loaded
}

// ---- Addresses -----------------------------------------------------------------------------------------------------

/** One end of a connection. */
export interface Address {
  family: 4 | 6
  address: string
  port: number
}

const inet6: Partial<Record<NodeJS.Platform, number>> = {
  linux: 10,
  darwin: 30,
  freebsd: 28,
  openbsd: 24,
  netbsd: 24,
  sunos: 26,
}

/** The end of a connection, or undefined if it is none, or a negative errno. */
export function addressOf(libc: Libc, fd: number, side: 'getsockname' | 'getpeername'): Address | undefined | number {
  const bytes = new Uint8Array(128)
  const length = libc.name(fd, side, bytes)
  if (length < 0) return length
  const view = new DataView(bytes.buffer)
  const family = system?.addressFamilyAt === 1 ? bytes[1] : view.getUint16(0, endianness() === 'LE')
  // The length is checked too: an AF_UNIX socket leaves stale bytes behind.
  if (family === 2 && length >= 16) {
    return { family: 4, address: bytes.subarray(4, 8).join('.'), port: view.getUint16(2) }
  }
  if (family !== inet6[process.platform] || length < 28) return undefined
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(8 + 2 * index))
  return { family: 6, address: groups.map((group) => group.toString(16)).join(':'), port: view.getUint16(2) }
}

/** A struct sockaddr_in of 127.0.0.1; port 0: one that the system chooses. */
export function loopbackAddress(port: number): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  if (system?.addressFamilyAt === 1) bytes.set([bytes.length, 2])
  else view.setUint16(0, 2, endianness() === 'LE')
  view.setUint16(2, port)
  bytes.set([127, 0, 0, 1], 4)
  return bytes
}

/** Whether an address as Node writes it is that of the socket; `::ffff:1.2.3.4` and `1.2.3.4` are the same. */
export function sameAddress(found: Address, address: string | undefined, port: number | undefined): boolean {
  if (address === undefined || found.port !== port) return false
  return canonical(found.address) === canonical(address)
}

function canonical(address: string): string {
  const plain = address.split('%')[0] ?? address
  if (!plain.includes(':')) return plain
  const mapped = /^(?:0:0:0:0:0:ffff:|::ffff:)(.+)$/i.exec(expand(plain))
  if (mapped?.[1] === undefined) return expand(plain)
  if (mapped[1].includes('.')) return mapped[1]
  const [high = 0, low = 0] = mapped[1].split(':').map((group) => Number.parseInt(group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function expand(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  if (tail === undefined) return address.toLowerCase().split(':').map(trimmed).join(':')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const width = 8 - left.length - right.length - (tail.includes('.') ? 1 : 0)
  return [...left, ...Array.from({ length: width }, () => '0'), ...right].map(trimmed).join(':')
}

function trimmed(group: string): string {
  return group.includes('.') ? group : group.replace(/^0+(?=.)/, '')
}
