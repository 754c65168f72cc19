// Finds the program of a testee: a command line, or the name of one that comes with this package.
import { splitCommand } from './line-process.js'
import { UsageError } from './result.js'

/** The command of what was typed after `--testee`. */
export const testeeCommand = async (typed: string): Promise<readonly string[]> => {
  const command = splitCommand(typed)
  if (command.length === 0) throw new UsageError('--testee needs a command')
  return command
}
