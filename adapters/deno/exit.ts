// The ends of a Deno process that run our code: a normal exit, and an error that nobody caught.
//
// 1. An error that nobody caught runs neither 'exit' nor 'unload': its own event is the last code that runs.
// 2. Our listener is the last of the event's, so that it knows whether another has prevented the death.
import { endProcess, survive } from '../core/exit.js'
import { lookWithin } from '../core/looks.js'
import { events, type LethalEvent } from './runtime.js'

const lethal = ['error', 'unhandledrejection'] as const
const lastForMs = 10
let hooked = false
/** Our listeners are the last, or were a moment ago: to put them there for each of many connections costs too much. */
let areLast = false
const notLast = {
  look: () => {
    areLast = false
  },
}

/** The end of the process concerns its guards from now on. */
export function watchExit(): void {
  if (areLast) return
  areLast = true
  lookWithin(lastForMs, notLast, false)
  for (const name of lethal) {
    events.removeEventListener(name, onUncaught)
    events.addEventListener(name, onUncaught)
  }
  if (hooked) return
  hooked = true
  process.on('exit', () => endProcess(false))
  // Deno.exit() emits no 'exit', and process.exit() both.
  events.addEventListener('unload', () => endProcess(false))
}

// Somebody who catches what nobody caught keeps the process alive; then it is no crash.
function onUncaught(event: LethalEvent): void {
  if (event.defaultPrevented || process.hasUncaughtExceptionCaptureCallback()) return
  if (process.listenerCount('uncaughtException') > 0) return
  if (event.type === 'unhandledrejection' && process.listenerCount('unhandledRejection') > 0) return
  endProcess(true)
  // A listener that was added since may still prevent it: then there is a next turn.
  setTimeout(survive).unref()
}
