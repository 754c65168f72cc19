// The ends of the process that run our code: a normal exit, and an error that nobody caught.
import { EVENT_EXITING } from '../../assembly/abi.js'
import type { ConnectionGuard } from '../core/guard.js'

const alive = new Set<ConnectionGuard>()
let hooked = false
let crashed = false
let exiting = false

/** Whether the process is in its exit hook: nothing asynchronous will happen any more. */
export function isExiting(): boolean {
  return exiting
}

/** Counts a guard among those that the end of the process concerns. */
export function remember(guard: ConnectionGuard): void {
  alive.add(guard)
  if (hooked) return
  hooked = true
  // Somebody who catches what nobody caught keeps the process alive; then it is no crash.
  process.on('uncaughtExceptionMonitor', () => {
    crashed = process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback()
  })
  process.on('exit', onExit)
}

export function forget(guard: ConnectionGuard): void {
  alive.delete(guard)
}

function onExit(): void {
  exiting = true
  for (const guard of [...alive]) {
    if (crashed) guard.crash()
    else guard.emit(EVENT_EXITING)
  }
}
