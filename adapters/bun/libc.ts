// The C functions of this process: through bun:ffi, else not at all.
import { type Backend, findBackend, foundOnce, type Foreign, type System, type Way } from '../core/libc.js'
import { platformIdOf } from '../core/platform.js'
import { loadOptional } from '../net/optional.js'

/** The part of bun:ffi that the adapter uses. */
interface BunFfi {
  dlopen(
    path: string,
    functions: Record<string, { args: readonly string[]; returns: string }>,
  ): { symbols: Record<string, (...values: unknown[]) => unknown> }
  readonly read: { i32(pointer: number, offset: number): number }
}

// Already part of the process, so that the name is enough.
const libraries: Partial<Record<string, readonly string[]>> = {
  linux: ['libc.so.6', 'libc.so'],
  macos: ['libSystem.B.dylib'],
  freebsd: ['libc.so.7'],
}

// A variadic call with one more int or pointer is called as if it were not variadic, which every ABI but Apple's on
// arm64 allows.
function bindBun({ errnoFunction }: System): Foreign {
  const id = platformIdOf(process.platform)
  if (id === 'macos' && process.arch === 'arm64') throw new Error('bun:ffi has no variadic calls')
  const { dlopen, read } = loadOptional('bun:ffi') as BunFfi
  const i32 = 'i32'
  const pointer = 'ptr'
  const functions = {
    fcntl: { args: [i32, i32, i32], returns: i32 },
    ioctl: { args: [i32, 'usize', pointer], returns: i32 },
    close: { args: [i32], returns: i32 },
    shutdown: { args: [i32, i32], returns: i32 },
    setsockopt: { args: [i32, i32, i32, pointer, 'u32'], returns: i32 },
    getsockopt: { args: [i32, i32, i32, pointer, pointer], returns: i32 },
    getsockname: { args: [i32, pointer, pointer], returns: i32 },
    getpeername: { args: [i32, pointer, pointer], returns: i32 },
    connect: { args: [i32, pointer, 'u32'], returns: i32 },
    [errnoFunction]: { args: [], returns: pointer },
  }
  const { symbols } = openFirst(libraries[id] ?? [], (path) => dlopen(path, functions))
  const at = symbols[errnoFunction]?.() as number
  return { ...(symbols as unknown as Foreign), errno: () => read.i32(at, 0) }
}

function openFirst<T>(paths: readonly string[], open: (path: string) => T): T {
  let failure: unknown = new Error('no C library is known here')
  for (const path of paths) {
    try {
      return open(path)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

const ways: readonly Way[] = [{ name: 'bun:ffi', bind: bindBun }]

/** The way to the system calls, found once for the process. */
export const backend: () => Backend = foundOnce(() =>
  findBackend(platformIdOf(process.platform), ways, process.env.FINRST_BACKEND, 'this Bun has no bun:ffi'),
)
