// Reads what an example is started with: its arguments by place, or --help.
import { parseArgs } from 'node:util'

const misuse = (usage: string, why: string): never => {
  console.error(`${why}\n\n${usage}`)
  process.exit(2)
}

/** The arguments, where one is missing its default. Ends with the usage if that is what was asked, or at a mistake. */
export function readArguments<const Defaults extends readonly string[]>(
  usage: string,
  defaults: Defaults,
): { [At in keyof Defaults]: string } {
  const given = ((): string[] => {
    try {
      const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { help: { type: 'boolean', short: 'h' } },
      })
      if (!values.help) return positionals
      console.log(usage)
      return process.exit(0)
    } catch (error) {
      return misuse(usage, (error as Error).message)
    }
  })()
  if (given.length > defaults.length)
    misuse(usage, `there are ${given.length} arguments; at most ${defaults.length} are known`)
  return defaults.map((value, at) => given[at] ?? value) as { [At in keyof Defaults]: string }
}

/** A whole number among the arguments, such as a port; 0 is any port that is free. */
export function wholeArgument(name: string, text: string, most = 65_535): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= most) return value
  console.error(`${name} is "${text}"; expected a whole number, 0 … ${most}`)
  process.exit(2)
}
