// The C functions of this process: through Deno.dlopen, else not at all.
//
// 1. The path of the library is absolute, so that `--allow-ffi=<that path>` is enough.
// 2. Permissions are queried and never asked for.
// 3. Every call runs on this thread: errno is its own, and nothing here blocks.
import { type Backend, findBackend, foundOnce, type Foreign, type System, type Way } from '../core/libc.js'
import { platformIdOf } from '../core/platform.js'
import { deno, variable } from './runtime.js'

// Where the C library lies: glibc as Debian, Fedora and Arch have it, musl, macOS, FreeBSD.
const machines: Partial<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }
const machine = machines[process.arch] ?? process.arch
const libraries: Partial<Record<string, readonly string[]>> = {
  linux: [
    `/lib/${machine}-linux-gnu/libc.so.6`,
    `/usr/lib/${machine}-linux-gnu/libc.so.6`,
    '/lib64/libc.so.6',
    '/usr/lib64/libc.so.6',
    '/usr/lib/libc.so.6',
    '/lib/libc.so.6',
    `/lib/libc.musl-${machine}.so.1`,
    `/lib/ld-musl-${machine}.so.1`,
  ],
  macos: ['/usr/lib/libSystem.B.dylib'],
  freebsd: ['/lib/libc.so.7'],
}

const granted = (path: string): boolean => deno.permissions.querySync({ name: 'ffi', path }).state === 'granted'

// A variadic call with one more int or pointer is called as if it were not variadic, which every ABI but Apple's on
// arm64 allows.
function bindDeno({ errnoFunction }: System): Foreign {
  const id = platformIdOf(process.platform)
  if (id === 'macos' && process.arch === 'arm64') throw new Error('Deno.dlopen has no variadic calls')
  const paths = libraries[id] ?? []
  const allowed = paths.filter(granted)
  if (allowed.length === 0) throw new Error(`no permission; --allow-ffi=${paths[0]} gives it`)
  const i32 = 'i32'
  const buffer = 'buffer'
  const functions = {
    fcntl: { parameters: [i32, i32, i32], result: i32 },
    ioctl: { parameters: [i32, 'usize', buffer], result: i32 },
    close: { parameters: [i32], result: i32 },
    shutdown: { parameters: [i32, i32], result: i32 },
    setsockopt: { parameters: [i32, i32, i32, buffer, 'u32'], result: i32 },
    getsockopt: { parameters: [i32, i32, i32, buffer, buffer], result: i32 },
    getsockname: { parameters: [i32, buffer, buffer], result: i32 },
    getpeername: { parameters: [i32, buffer, buffer], result: i32 },
    connect: { parameters: [i32, buffer, 'u32'], result: i32 },
    [errnoFunction]: { parameters: [], result: 'pointer' },
  }
  const { symbols } = openFirst(allowed, (path) => deno.dlopen(path, functions))
  const errno = new deno.UnsafePointerView(symbols[errnoFunction]?.() as object)
  return { ...(symbols as unknown as Foreign), errno: () => errno.getInt32() }
}

function openFirst<T>(paths: readonly string[], open: (path: string) => T): T {
  let failure: unknown
  for (const path of paths) {
    try {
      return open(path)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}

const ways: readonly Way[] = [{ name: 'Deno.dlopen', bind: bindDeno }]

/** The way to the system calls, found once for the process. */
export const backend: () => Backend = foundOnce(() =>
  findBackend(platformIdOf(process.platform), ways, variable('FINRST_BACKEND'), 'run with --allow-ffi'),
)
