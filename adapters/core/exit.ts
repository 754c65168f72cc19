// The guards of a process that its end concerns, and what its end is for each of them.
import { EVENT_EXITING } from '../../assembly/abi.js'
import type { ConnectionGuard } from './guard.js'

const alive = new Set<ConnectionGuard>()
let exiting = false

/** Whether the process is in its exit hook: nothing asynchronous will happen any more. */
export function isExiting(): boolean {
  return exiting
}

/** Counts a guard among those that the end of the process concerns. */
export function remember(guard: ConnectionGuard): void {
  alive.add(guard)
}

export function forget(guard: ConnectionGuard): void {
  alive.delete(guard)
}

/** The process ends now: on purpose, or of an error that nobody caught. */
export function endProcess(crashed: boolean): void {
  exiting = true
  for (const guard of [...alive]) {
    if (crashed) guard.crash()
    else guard.emit(EVENT_EXITING)
  }
}

/** What looked like the end of the process was none. */
export function survive(): void {
  exiting = false
}
