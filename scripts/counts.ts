// Counts tests: what the summary of a process says, and what it counts for when it says nothing or ends badly.
import type { Finished } from './processes.ts'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** The counts of many processes in one. */
export const add = (all: readonly Counts[]): Counts => ({
  passed: sum(all.map(({ passed }) => passed)),
  failed: sum(all.map(({ failed }) => failed)),
  skipped: sum(all.map(({ skipped }) => skipped)),
})

/** The counts of uvu's summary, one for each time it ran. */
export function countUvu(output: string): Counts | undefined {
  const numbersOf = (label: string): number[] =>
    [...output.matchAll(new RegExp(`^ {2}${label}:\\s+(\\d+)`, 'gm'))].map(([, digits]) => Number(digits))
  const totals = numbersOf('Total')
  if (totals.length === 0) return undefined
  const passed = sum(numbersOf('Passed'))
  return { passed, failed: sum(totals) - passed, skipped: sum(numbersOf('Skipped')) }
}

/**
 * The counts of the suite's closing line. What differs from the table is a failure where the table is measured, and
 * neither passed nor failed elsewhere; so is what is new to it.
 */
export function countSuite(output: string, measured = process.platform === 'linux'): Counts | undefined {
  const line = output.match(/^\d+ passed, \d+ failed.*$/gm)?.at(-1)
  if (line === undefined) return undefined
  const numberOf = (what: string): number => Number(line.match(new RegExp(`(\\d+) ${what}(?:,|$)`))?.[1] ?? 0)
  return {
    passed: numberOf('passed'),
    failed: numberOf('failed') + numberOf('passed unexpectedly') + (measured ? numberOf('differ') : 0),
    skipped: numberOf('skipped'),
  }
}

/** Counts where nothing may be skipped: what was is a failure. */
export const required = (counts: Counts | undefined): Counts | undefined =>
  counts && { ...counts, failed: counts.failed + counts.skipped, skipped: 0 }

/** What a finished process counts for, and why it failed if its own counts do not say so. */
export function judge(finished: Finished, counts: Counts | undefined): Counts & { why?: string } {
  const judged = counts ?? { passed: 0, failed: 0, skipped: 0 }
  const failure = (why: string): Counts & { why: string } => ({ ...judged, failed: Math.max(judged.failed, 1), why })
  if (finished.late) return failure('passed its deadline')
  if (counts === undefined) return failure('ended without a summary')
  if (finished.signal !== null) return failure(`ended by ${finished.signal}`)
  if (finished.code !== 0 && counts.failed === 0) return failure(`exit code ${finished.code}`)
  if (counts.passed + counts.failed + counts.skipped === 0) return failure('ran nothing')
  return judged
}

/** The one line that a run closes with. */
export const closingLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
