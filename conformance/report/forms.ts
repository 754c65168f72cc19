// The forms of a report, by the flags that ask for them: which file gets which, checked before and written after a run.
import type { Command } from 'commander'
import type { MergedReport, Report } from '../../adapters/spec/results.js'
import { UsageError } from '../result.js'
import { htmlOf } from './html.js'
import { junitOf } from './junit.js'
import { markdownOf } from './markdown.js'
import { checkWritable, standardOutput, writeReport } from './write.js'

const jsonText = (data: unknown): string => `${JSON.stringify(data, null, 2)}\n`

const merge = (runs: readonly Report[]): MergedReport & { $schema: string } => ({
  $schema: './schemas/merged-report.schema.json',
  merged: 1,
  runs: [...runs],
})

/** A run alone stays as it is. */
const jsonOf = (runs: readonly Report[]): string => jsonText(runs.length === 1 ? runs[0] : merge(runs))

const forms = {
  json: { text: jsonOf, told: 'for a machine; see spec/schemas/report.schema.json' },
  junit: { text: junitOf, told: 'JUnit XML, for continuous integration' },
  markdown: { text: markdownOf, told: 'a comment for a pull request' },
  html: { text: htmlOf, told: 'one page with a matrix and a drawing of each exchange' },
} as const

/** The file that each form goes to, if it was asked for. */
export type FormFlags = Partial<Record<keyof typeof forms, string>>

/** Gives a command the flags of all forms. */
export const addForms = (command: Command): Command => {
  for (const [name, { told }] of Object.entries(forms)) {
    command.option(`--${name} <file>`, `write a report, ${told}; ${standardOutput} is the standard output`)
  }
  return command
}

const asked = (flags: FormFlags): [name: keyof typeof forms, file: string][] =>
  (Object.keys(forms) as (keyof typeof forms)[]).flatMap((name) => {
    const file = flags[name]
    return file === undefined ? [] : [[name, file] as [keyof typeof forms, string]]
  })

/** Whether a form goes to the standard output, so that nothing else may. */
export const takesOutput = (flags: FormFlags): boolean => asked(flags).some(([, file]) => file === standardOutput)

/** Makes sure that every file can be written, before a run takes its time. */
export const checkForms = (flags: FormFlags): void => {
  const files = asked(flags).map(([, file]) => file)
  const twice = files.find((file, index) => files.indexOf(file) < index)
  if (twice !== undefined) throw new UsageError(`two reports cannot both go to ${twice}`)
  for (const file of files) checkWritable(file)
}

/** Writes every form that was asked for; answers how many. */
export const writeForms = (flags: FormFlags, runs: readonly Report[]): number => {
  for (const [name, file] of asked(flags)) writeReport(file, forms[name].text(runs))
  return asked(flags).length
}
