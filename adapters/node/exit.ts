// The ends of a Node process that run our code: a normal exit, and an error that nobody caught.
import { endProcess } from '../core/exit.js'

let hooked = false
let crashed = false

/** The end of the process concerns its guards from now on. */
export function watchExit(): void {
  if (hooked) return
  hooked = true
  // Somebody who catches what nobody caught keeps the process alive; then it is no crash.
  process.on('uncaughtExceptionMonitor', () => {
    crashed = process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback()
  })
  process.on('exit', () => endProcess(crashed))
}
