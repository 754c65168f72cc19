// Asks the system about a process.
import { existsSync, readFileSync } from 'node:fs'

/** Whether a process runs; one that is dead and that nobody has asked for does not. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self') || !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
