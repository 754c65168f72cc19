// A function that has a guarded connection for as long as it runs.
import type { Guard } from './types.js'

/** Closes when `fn` returns and fails when it throws; gives what `fn` gave once the verdict is known. */
export async function runGuarded<T>(held: Guard, fn: (guard: Guard) => T | Promise<T>): Promise<T> {
  let result: T
  try {
    result = await fn(held)
  } catch (error) {
    await held.fail(error)
    throw error
  }
  await held.close()
  return result
}
