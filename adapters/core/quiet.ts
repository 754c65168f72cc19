// Looks after a moment at connections that are between two messages: what has been quiet since then is disarmed.
//
// 1. A busy connection stays armed from one message to the next: two system calls for each would buy nothing.
// 2. Until it is disarmed the death of the process by a signal resets although nothing is missing. An end that runs our
//    code, an exit or an error, is told that the last message is complete, and is a FIN.

import { type Looked, lookWithin } from './looks.js'

const momentMs = 10

/** Looks at it after a moment, once. */
export function whenQuiet(it: Looked): void {
  lookWithin(momentMs, it, false)
}
