// What one check came to, and what a whole run of checks means for the exit code.

import type { Outcome, Result, Summary } from '../adapters/spec/results.js'

export type { Outcome, Result, Summary, TraceLine } from '../adapters/spec/results.js'

/** The letter of each outcome in the progress line. */
export const letters: Readonly<Record<Outcome, string>> = {
  pass: '.',
  fail: 'F',
  differs: 'D',
  new: 'N',
  skip: 'S',
  xpass: 'X',
}

/** Exit codes of `finrst test`. */
export const exitCodes = {
  allAsStated: 0,
  failure: 1,
  badUsage: 2,
  environment: 3,
  interrupted: 130,
} as const

/** Counts the outcomes. */
export const summarise = (results: readonly Result[]): Summary => {
  const summary: Summary = { pass: 0, fail: 0, differs: 0, new: 0, skip: 0, xpass: 0 }
  for (const result of results) summary[result.outcome] += 1
  return summary
}

/** 1 if something failed or passed unexpectedly, otherwise 0: what differs or is new is lawful. */
export const exitCodeOf = (summary: Summary): number =>
  summary.fail + summary.xpass > 0 ? exitCodes.failure : exitCodes.allAsStated

/** The closing line: `N passed, N failed`, then what else there was. */
export const closingLine = (summary: Summary): string => {
  const parts = [`${summary.pass} passed`, `${summary.fail} failed`]
  if (summary.xpass > 0) parts.push(`${summary.xpass} passed unexpectedly`)
  if (summary.differs > 0) parts.push(`${summary.differs} differ`)
  if (summary.new > 0) parts.push(`${summary.new} new`)
  if (summary.skip > 0) parts.push(`${summary.skip} skipped`)
  return parts.join(', ')
}

/** Bad usage: the message goes to the user, the exit code is 2. */
export class UsageError extends Error {}

/** The surroundings stopped us (no loopback, no such program): the exit code is 3. */
export class EnvironmentError extends Error {}
