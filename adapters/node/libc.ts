// The system calls of this process: through koffi, else node:ffi, else not at all; on Windows through koffi alone.
import { checkVariadic, prototypesIn } from '../core/foreign.js'
import { type Backend, findBackend, foundOnce, type Foreign, libcOver, type System, type Way } from '../core/libc.js'
import { platformIdOf } from '../core/platform.js'
import { winsockOver } from '../core/winsock.js'
import { loadKoffi } from './koffi.js'
import { bindWinsock } from './winsock.js'

// ---- koffi ---------------------------------------------------------------------------------------------------------

function bindKoffi(on: System): Foreign {
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
    recv: c.func('long recv(int, void *, size_t, int)'),
    disconnectx: on.disconnect === 'disconnectx' ? c.func('int disconnectx(int, uint32_t, uint32_t)') : undefined,
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

const types = { int: 'i32', long: 'u64', pointer: 'pointer', length: 'u32' }

function bindNodeFfi(on: System): Foreign {
  const ffi = process.getBuiltinModule?.('node:ffi') as unknown as NodeFfi | undefined
  if (ffi === undefined) throw new Error('this Node has no node:ffi')
  checkVariadic('node:ffi', platformIdOf(process.platform), process.arch)
  const make = (parameters: string[], result = types.int) => ({ arguments: parameters, return: result })
  const { functions } = ffi.dlopen(null, prototypesIn(types, on, make, make([], types.pointer)))
  type Call = (...values: unknown[]) => number
  const call = (name: string): Call => functions[name] as Call
  const at = functions[on.errnoFunction]?.() as bigint
  const ioctl = call('ioctl')
  const recv = call('recv')
  return {
    errno: () => ffi.getInt32(at),
    fcntl: call('fcntl'),
    ioctl: (fd, request, value) => ioctl(fd, BigInt(request), value),
    close: call('close'),
    shutdown: call('shutdown'),
    setsockopt: call('setsockopt'),
    getsockopt: call('getsockopt'),
    getsockname: call('getsockname'),
    getpeername: call('getpeername'),
    connect: call('connect'),
    recv: (fd, value, length, flags) => recv(fd, value, BigInt(length), flags),
  }
}

const posix: readonly Way[] = [
  { name: 'koffi', open: (on) => libcOver(bindKoffi(on), on) },
  { name: 'node:ffi', open: (on) => libcOver(bindNodeFfi(on), on) },
]
const windows: readonly Way[] = [{ name: 'koffi', open: () => winsockOver(bindWinsock(loadKoffi())) }]

/** The way to the system calls, found once for the process. */
export const backend: () => Backend = foundOnce(() => {
  const id = platformIdOf(process.platform)
  return findBackend(id, id === 'windows' ? windows : posix, process.env.FINRST_BACKEND, 'npm install koffi gives one')
})
