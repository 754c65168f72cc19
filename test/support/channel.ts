// How the programs of the tests talk with the test that started them: one JSON object a line, over stdin and stdout.
// The channels of child_process.fork() would do between two processes of one runtime, but not between Deno and Node.
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Tells whoever started this program. */
export const say = (message: unknown): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Calls the listener with each message of a stream. */
export const hear = (stream: Readable, listener: (message: unknown) => void): void => {
  createInterface({ input: stream }).on('line', (line) => listener(JSON.parse(line)))
}

/**
 * Calls the listener with each message of whoever started this program, and dies when that one has gone. It dies by a
 * signal: a normal exit would end its connections as a policy says, which may be what a test must not see.
 */
export const obey = (listener: (message: unknown) => void): void => {
  hear(process.stdin, listener)
  process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'))
}
