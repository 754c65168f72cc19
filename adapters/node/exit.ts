// The ends of a Node process that run our code: a normal exit, and an error that nobody caught.
import { remember } from '../core/exit.js'
import type { ConnectionGuard } from '../core/guard.js'
import { hookProcess } from '../net/process-end.js'

/** The end of the process concerns this guard from now on. */
export function rememberGuard(guard: ConnectionGuard): void {
  remember(guard)
  hookProcess()
}
