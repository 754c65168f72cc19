// The deaths of a process that dies as it is told.

/** How it is to die. */
export type Death = 'throw' | 'reject' | 'exit 0' | 'exit 1' | 'Deno.exit' | 'abort' | 'SIGKILL' | 'SIGTERM'

const exitOfDeno = (): void => (globalThis as unknown as { Deno: { exit(code: number): void } }).Deno.exit(0)

/** Dies; an error is thrown where nobody catches it. */
export const die = (how: Death): void => {
  if (how === 'throw') {
    setTimeout(() => {
      throw new Error('the program throws')
    })
  } else if (how === 'reject') void Promise.reject(new Error('the program rejects'))
  else if (how === 'exit 0') process.exit(0)
  else if (how === 'exit 1') process.exit(1)
  else if (how === 'Deno.exit') exitOfDeno()
  else if (how === 'abort') process.abort()
  else process.kill(process.pid, how)
}
