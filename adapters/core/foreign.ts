// How the C functions of a guard are bound by name and types: the same for every way to them that wants both.
//
// 1. A variadic call with one more int or pointer is called as if it were not variadic, which every ABI but Apple's on
//    arm64 allows.
import type { System } from './libc.js'

/** What such a way calls the types of C: int, unsigned long, a pointer, and socklen_t. */
export interface TypeNames {
  int: string
  long: string
  pointer: string
  length: string
}

const prototypes: Readonly<Record<string, readonly (keyof TypeNames)[]>> = {
  fcntl: ['int', 'int', 'int'],
  ioctl: ['int', 'long', 'pointer'],
  close: ['int'],
  shutdown: ['int', 'int'],
  setsockopt: ['int', 'int', 'int', 'pointer', 'length'],
  getsockopt: ['int', 'int', 'int', 'pointer', 'pointer'],
  getsockname: ['int', 'pointer', 'pointer'],
  getpeername: ['int', 'pointer', 'pointer'],
  connect: ['int', 'pointer', 'length'],
  recv: ['int', 'pointer', 'long', 'int'],
}

/**
 * What a way is to bind, in its own words.
 * @param make one function of those parameters, whose result is an int
 * @param errno the one that answers where errno is
 */
export function prototypesIn<T>(
  names: TypeNames,
  { errnoFunction }: System,
  make: (parameters: string[]) => T,
  errno: T,
): Record<string, T> {
  const bound = Object.entries(prototypes).map(
    ([name, types]) => [name, make(types.map((type) => names[type]))] as const,
  )
  return { ...Object.fromEntries(bound), [errnoFunction]: errno }
}

/** Throws where `way` cannot call what is variadic in C. */
export function checkVariadic(way: string, platform: string | undefined, machine: string): void {
  if (platform === 'macos' && machine === 'arm64') throw new Error(`${way} has no variadic calls`)
}

/** The first of these libraries that opens; else it throws why the first one did not. */
export function openFirst<T>(paths: readonly string[], open: (path: string) => T): T {
  let failure: unknown
  for (const path of paths) {
    try {
      return open(path)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure ?? new Error('no C library is known here')
}
