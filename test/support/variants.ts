// The tests of a file again, with each other way to the system calls.
import { backend } from '#adapter/libc'
import { factIf, isVariant, throughBackend } from './deadline.js'

/** Declares them, where there is a way at all; a child that runs them declares none. */
export const factsThroughBackends = (file: string): void => {
  for (const other of isVariant || backend().name === 'none' ? [] : ['none', 'node:ffi']) {
    const missing = other === 'node:ffi' && !process.getBuiltinModule?.('node:ffi') && 'this runtime has no node:ffi'
    factIf(missing, `all of this holds with FINRST_BACKEND=${other}`, () => throughBackend(file, other), 120_000)
  }
}
