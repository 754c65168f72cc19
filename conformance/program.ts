// Runs the command line, stops what it started, and turns what went wrong into an exit code.
import { CommanderError } from 'commander'
import { makeProgram } from './command-line.js'
import { stopAll } from './line-process.js'
import { visible } from './report/escape.js'
import { EnvironmentError, exitCodes, UsageError } from './result.js'

/** Stops the children and gives the exit code; only a mistake of ours shows a stack. */
const failWith = (error: unknown): void => {
  stopAll()
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.badUsage
  } else if (error instanceof UsageError || error instanceof EnvironmentError) {
    // What a testee or a file said may be part of it.
    process.stderr.write(`finrst: ${visible(error.message)}\n`)
    process.exitCode = error instanceof UsageError ? exitCodes.badUsage : exitCodes.environment
  } else {
    process.stderr.write(`finrst: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = exitCodes.environment
  }
}

/** Runs the command line. */
export const main = async (args: string[]): Promise<void> => {
  process.on('exit', stopAll)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => process.exit(signal === 'SIGINT' ? exitCodes.interrupted : 143))
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read has read enough: that is no mistake.
    if (error.code === 'EPIPE') process.exit()
    process.stderr.write(`finrst: the standard output cannot be written to: ${error.message}\n`)
    process.exit(exitCodes.environment)
  })
  try {
    await makeProgram().parseAsync(args, { from: 'user' })
  } catch (error) {
    failWith(error)
  }
}
