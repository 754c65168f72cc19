// What all copies of this version have in common in one process: a program may have one in its bundle, and be started
// with another by finrst/auto. No connection is guarded twice.

/** As in package.json. Another version may know its guards by other means, and stays by itself. */
export const version = '0.1.0'

/** What goes by this name in the process, made by whoever asks first. */
export function shared<T extends object>(name: string, make: () => T): T {
  const everywhere = globalThis as unknown as Record<symbol, T | undefined>
  const symbol = Symbol.for(`finrst ${version} ${name}`)
  const made = everywhere[symbol] ?? make()
  if (everywhere[symbol] === undefined) Object.defineProperty(everywhere, symbol, { value: made })
  return made
}
