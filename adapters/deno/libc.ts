// The C functions of this process: through Deno.dlopen, else not at all.
//
// 1. The path of the library is absolute, so that `--allow-ffi=<that path>` is enough.
// 2. Permissions are queried and never asked for.
// 3. Every call runs on this thread: errno is its own, and nothing here blocks.
import { checkVariadic, openFirst, prototypesIn } from '../core/foreign.js'
import { type Backend, findBackend, foundOnce, type Foreign, libcOver, type System, type Way } from '../core/libc.js'
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

const types = { int: 'i32', long: 'usize', pointer: 'buffer', length: 'u32' }

function bindDeno(on: System): Foreign {
  const id = platformIdOf(process.platform)
  if (id === 'windows') throw new Error('the runtime does not tell which SOCKET a connection is')
  checkVariadic('Deno.dlopen', id, process.arch)
  const paths = libraries[id] ?? []
  const allowed = paths.filter(granted)
  if (allowed.length === 0) throw new Error(`no permission; --allow-ffi=${paths[0]} gives it`)
  const make = (parameters: string[], result = types.int) => ({ parameters, result })
  const functions = prototypesIn(types, on, make, make([], 'pointer'))
  const { symbols } = openFirst(allowed, (path) => deno.dlopen(path, functions))
  const errno = new deno.UnsafePointerView(symbols[on.errnoFunction]?.() as object)
  return { ...(symbols as unknown as Foreign), errno: () => errno.getInt32() }
}

const ways: readonly Way[] = [{ name: 'Deno.dlopen', open: (on) => libcOver(bindDeno(on), on) }]

/** The way to the system calls, found once for the process. */
export const backend: () => Backend = foundOnce(() =>
  findBackend(platformIdOf(process.platform), ways, variable('FINRST_BACKEND'), 'run with --allow-ffi'),
)
