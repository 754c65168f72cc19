// The C functions of this process: through koffi, else node:ffi, else not at all.
import { type Backend, findBackend, foundOnce, type Foreign, type System, type Way } from '../core/libc.js'
import { platformIdOf } from '../core/platform.js'
import { loadOptional } from '../net/optional.js'

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
  return loadOptional('koffi') as Koffi
}

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

// A variadic call with one more int or pointer is called as if it were not variadic, which every ABI but Apple's on
// arm64 allows.
function bindNodeFfi({ errnoFunction }: System): Foreign {
  const ffi = process.getBuiltinModule?.('node:ffi') as unknown as NodeFfi | undefined
  if (ffi === undefined) throw new Error('this Node has no node:ffi')
  if (process.platform === 'darwin' && process.arch === 'arm64') throw new Error('node:ffi has no variadic calls')
  const i32 = 'i32'
  const pointer = 'pointer'
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
  type Call = (...values: unknown[]) => number
  const call = (name: string): Call => functions[name] as Call
  const at = functions[errnoFunction]?.() as bigint
  const ioctl = call('ioctl')
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
  }
}

const ways: readonly Way[] = [
  { name: 'koffi', bind: bindKoffi },
  { name: 'node:ffi', bind: bindNodeFfi },
]

/** The way to the system calls, found once for the process. */
export const backend: () => Backend = foundOnce(() =>
  findBackend(platformIdOf(process.platform), ways, process.env.FINRST_BACKEND, 'npm install koffi gives one'),
)
