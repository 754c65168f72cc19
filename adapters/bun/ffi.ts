// bun:ffi, which calls C functions from Bun: as much of it as is used here, and how it is loaded.
import { loadOptional } from '../net/optional.js'

/** The part of bun:ffi that the adapter uses. */
export interface BunFfi {
  dlopen(
    path: string,
    functions: Record<string, { args: readonly string[]; returns: string }>,
  ): { symbols: Record<string, (...values: unknown[]) => unknown> }
  readonly read: { i32(pointer: number, offset: number): number }
}

/** bun:ffi itself; throws if there is none. */
export const loadFfi = (): BunFfi => loadOptional('bun:ffi') as BunFfi
