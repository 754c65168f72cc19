// Puts a function of ours in the place of one of a runtime, and finds the runtime's own behind it.
import { shared } from './shared.js'

// biome-ignore lint/suspicious/noExplicitAny: whatever it takes is handed on
type Callable = (...values: any[]) => unknown

const originals = shared('originals', () => new WeakMap<Callable, Callable>())

/** The runtime's own function, whether or not it was replaced. */
export function original<T extends Callable>(method: T): T {
  return (originals.get(method) as T | undefined) ?? method
}

/** Replaces a function of a runtime by what `make` makes of it; one that is not there stays so. */
export function replace<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  make: (its: Owner[Name] & Callable) => Callable,
): void {
  const its = owner[name]
  if (typeof its !== 'function') return
  const ours = make(its as Owner[Name] & Callable)
  originals.set(ours, its as Owner[Name] & Callable)
  // Some of them cannot be assigned, and others not be defined anew.
  const { configurable, enumerable } = Object.getOwnPropertyDescriptor(owner, name) ?? {}
  if (configurable === true) {
    Object.defineProperty(owner, name, { value: ours, writable: true, configurable, enumerable: enumerable === true })
  } else owner[name] = ours as Owner[Name]
}
