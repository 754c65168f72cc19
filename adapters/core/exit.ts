// The guards of a process that its end concerns, and what its end is for each of them.
import { registered } from './wasm.js'

let exiting = false

/** What its process's end concerns, and no token of the engine tells of. */
export interface Mortal {
  /** As the exit of a registered connection. */
  exit(crashed: boolean): void
}

/** All of them. */
export const concernedByEnd: Set<Mortal> = new Set()

/** Whether the process is in its exit hook: nothing asynchronous will happen any more. */
export function isExiting(): boolean {
  return exiting
}

/** The process ends now: on purpose, or of an error that nobody caught. */
export function endProcess(crashed: boolean): void {
  exiting = true
  for (const connection of [...registered(), ...concernedByEnd]) connection.exit(crashed)
}

/** What looked like the end of the process was none. */
export function survive(): void {
  exiting = false
}
