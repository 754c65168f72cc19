// The guards that nobody has asked for: made for a program that knows nothing of them, or has not asked yet.
import type { ConnectionGuard } from './guard.js'
import type { ParsedPolicy } from './policy.js'
import { shared } from './shared.js'

const guards = shared('unasked', () => new WeakSet<ConnectionGuard>())

/** Counts a guard among them. */
export function addUnasked(guard: ConnectionGuard): void {
  guards.add(guard)
}

/** Somebody asks for it: from now on it is theirs, and their policy is right. */
export function ask(guard: ConnectionGuard, parse: (keepsHalfOpen: boolean) => ParsedPolicy): void {
  if (!guards.has(guard)) return
  guard.obey(parse)
  guards.delete(guard)
}

/** Lets go of a connection if nobody has asked for its guard: something takes it that is guarded itself. */
export function giveWay(guard: ConnectionGuard | undefined): boolean {
  if (guard === undefined || !guards.has(guard)) return false
  guard.letGo()
  return true
}
