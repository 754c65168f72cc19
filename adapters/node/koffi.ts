// koffi, which calls C functions from Node: as much of it as is used here, and how it is loaded.
import { loadOptional } from '../net/optional.js'

/** A C function; `async` runs it in another thread and has its errno when it calls back. */
export interface KoffiFunction {
  (...values: unknown[]): number
  async(...values: [...unknown[], (error: Error | null, answer: number) => void]): void
}

/** A library as koffi loads it: a function is had by its prototype, or by its name and the types of it. */
export interface KoffiLibrary {
  func(prototype: string): KoffiFunction
  func(name: string, result: string, parameters: unknown[]): KoffiFunction
}

/** As much of koffi as is used here. */
export interface Koffi {
  load(path: string | null): KoffiLibrary
  proto(result: string, parameters: string[]): unknown
  pointer(type: unknown): unknown
  struct(name: string, fields: Record<string, string>): unknown
  errno(): number
}

/** koffi itself; throws if it is not installed or does not run here. */
export function loadKoffi(): Koffi {
  return loadOptional('koffi') as Koffi
}
