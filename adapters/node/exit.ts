// The ends of a Node process that run our code: a normal exit, and an error that nobody caught.
import { endProcess, remember } from '../core/exit.js'
import type { ConnectionGuard } from '../core/guard.js'

let hooked = false
let crashed = false

/** The end of the process concerns this guard from now on. */
export function rememberGuard(guard: ConnectionGuard): void {
  remember(guard)
  if (hooked) return
  hooked = true
  // Somebody who catches what nobody caught keeps the process alive; then it is no crash.
  process.on('uncaughtExceptionMonitor', () => {
    crashed = process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback()
  })
  process.on('exit', () => endProcess(crashed))
}
