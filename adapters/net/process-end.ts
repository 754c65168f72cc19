// The ends of the process that run our code, as the events of `process` tell them.
import { endProcess } from '../core/exit.js'

let hooked = false
let crashed = false

/** Hears of a normal exit, and of an error that nobody caught. */
export function hookProcess(): void {
  if (hooked) return
  hooked = true
  // Somebody who catches what nobody caught keeps the process alive; then it is no crash.
  process.on('uncaughtExceptionMonitor', () => {
    crashed = process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback()
  })
  process.on('exit', () => endProcess(crashed))
}
