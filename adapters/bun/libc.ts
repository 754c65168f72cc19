// The C functions of this process: through bun:ffi, else not at all.
import { checkVariadic, openFirst, prototypesIn } from '../core/foreign.js'
import { type Backend, findBackend, foundOnce, type Foreign, libcOver, type System, type Way } from '../core/libc.js'
import { platformIdOf } from '../core/platform.js'
import { winsockOver } from '../core/winsock.js'
import { loadFfi } from './ffi.js'
import { bindWinsock } from './winsock.js'

// Already part of the process, so that the name is enough.
const libraries: Partial<Record<string, readonly string[]>> = {
  linux: ['libc.so.6', 'libc.so'],
  macos: ['libSystem.B.dylib'],
  freebsd: ['libc.so.7'],
}

const types = { int: 'i32', long: 'usize', pointer: 'ptr', length: 'u32' }

function bindBun(on: System): Foreign {
  const id = platformIdOf(process.platform)
  checkVariadic('bun:ffi', id, process.arch)
  const { dlopen, read } = loadFfi()
  const make = (args: string[], returns = types.int) => ({ args, returns })
  const functions = prototypesIn(types, on, make, make([], types.pointer))
  const { symbols } = openFirst(libraries[id] ?? [], (path) => dlopen(path, functions))
  const at = symbols[on.errnoFunction]?.() as number
  return { ...(symbols as unknown as Foreign), errno: () => read.i32(at, 0) }
}

const posix: readonly Way[] = [{ name: 'bun:ffi', open: (on) => libcOver(bindBun(on), on) }]
const windows: readonly Way[] = [{ name: 'bun:ffi', open: () => winsockOver(bindWinsock(loadFfi())) }]

/** The way to the system calls, found once for the process. */
export const backend: () => Backend = foundOnce(() => {
  const id = platformIdOf(process.platform)
  return findBackend(id, id === 'windows' ? windows : posix, process.env.FINRST_BACKEND, 'this Bun has no bun:ffi')
})
