// The ends of a Bun process that run our code: a normal exit, and an error that nobody caught.
import { endProcess } from '../core/exit.js'

let hooked = false
let crashed = false
let idle = false

/** The end of the process concerns its guards from now on. */
export function watchExit(): void {
  if (hooked) return
  hooked = true
  // Somebody who catches what nobody caught keeps the process alive; then it is no crash.
  process.on('uncaughtExceptionMonitor', () => {
    crashed = process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback()
  })
  process.on('beforeExit', () => {
    idle = true
    setTimeout(() => {
      idle = false
    }).unref()
  })
  // Bun tells nobody of a rejection that kills the process. It is then not idle and nobody has named a code to exit
  // with: so is it after process.exit() without one, and what may be a crash is taken for one.
  process.on('exit', () => endProcess(crashed || (!idle && process.exitCode === undefined)))
}
