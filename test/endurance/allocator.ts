// What the C library's allocator holds of this process, and how it is told to give back what nobody uses.
//
// 1. Resident memory is not what a program keeps: freed pieces stay with the allocator until the pages around them are
//    free too; and of files the kernel takes pages back and reads them again. What the allocator has given out and not
//    got back is what a leak outside of the heap of JavaScript adds to.
// 2. Only glibc tells. Bun has an allocator of its own, and Node calls C functions through koffi, if that is installed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { runtime } from '../support/runtime.js'

/** The allocator of this process. */
export interface Allocator {
  /** Bytes that are given out, in all arenas and in maps of their own. */
  allocated(): number
  /** Gives back to the system whatever pages are free. */
  trim(): void
  /** Takes memory that nobody will ever give back. */
  take(bytes: number): void
}

const library = 'libc.so.6'

// struct mallinfo2 of glibc 2.33 and later: each is a size_t.
const fields = [
  'arena',
  'ordblks',
  'smblks',
  'hblks',
  'hblkhd',
  'usmblks',
  'fsmblks',
  'uordblks',
  'fordblks',
  'keepcost',
]

const sum = (of: (field: string) => number | bigint): number => Number(of('hblkhd')) + Number(of('uordblks'))

type DenoFunctions = {
  mallinfo2(): Uint8Array
  malloc_trim(keep: bigint): number
  calloc(count: bigint, bytes: bigint): unknown
}

interface DenoGlobal {
  dlopen(path: string, functions: Record<keyof DenoFunctions, object>): { symbols: DenoFunctions }
}

const ofDeno = (): Allocator => {
  const { symbols } = (globalThis as unknown as { Deno: DenoGlobal }).Deno.dlopen(library, {
    mallinfo2: { parameters: [], result: { struct: fields.map(() => 'usize') } },
    malloc_trim: { parameters: ['usize'], result: 'i32' },
    calloc: { parameters: ['usize', 'usize'], result: 'pointer' },
  })
  return {
    allocated: () => {
      const { buffer, byteOffset } = symbols.mallinfo2()
      const values = new BigUint64Array(buffer, byteOffset, fields.length)
      return sum((field) => values[fields.indexOf(field)] ?? 0n)
    },
    trim: () => void symbols.malloc_trim(0n),
    take: (bytes) => void symbols.calloc(1n, BigInt(bytes)),
  }
}

const ofNode = (): Allocator => {
  const koffi = createRequire(import.meta.url)('koffi')
  koffi.struct('mallinfo2', Object.fromEntries(fields.map((field) => [field, 'size_t'])))
  const libc = koffi.load(library)
  const tell = libc.func('mallinfo2 mallinfo2()')
  const trim = libc.func('int malloc_trim(size_t)')
  const calloc = libc.func('void *calloc(size_t, size_t)')
  return {
    allocated: () => {
      const told = tell()
      return sum((field) => told[field])
    },
    trim: () => trim(0),
    take: (bytes) => calloc(1, bytes),
  }
}

/** The allocator of this process; undefined: it cannot be asked. */
export const allocator: Allocator | undefined = (() => {
  if (process.platform !== 'linux' || runtime === 'bun') return undefined
  try {
    return runtime === 'deno' ? ofDeno() : ofNode()
  } catch {
    return undefined
  }
})()

/** Resident memory that is no file's; undefined where the system does not tell it. */
export const anonymousBytes = (): number | undefined => {
  try {
    const found = /^RssAnon:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return found === null ? undefined : Number(found[1]) * 1024
  } catch {
    return undefined
  }
}
