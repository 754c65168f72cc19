// What one check came to, and what a whole run of checks means for the exit code.

/**
 * How a check ended. `differs`: lawful, but not what the table says. `new`: the table did not know, and now
 * something was seen. `xpass`: a known failure that passed, so that its mark is out of date.
 */
export type Outcome = 'pass' | 'fail' | 'differs' | 'new' | 'skip' | 'xpass'

/** One line of the exchange between script, testee and peer. */
export interface TraceLine {
  /** Milliseconds since the script began. */
  ms: number
  /** Who said it; `testee-stderr` is what the testee wrote besides the protocol. */
  from: 'script' | 'to-testee' | 'testee' | 'testee-stderr' | 'to-peer' | 'peer'
  text: string
}

/** The result of one vector or one wire script. */
export interface Result {
  /** The id, unique over vectors and scripts. */
  id: string
  kind: 'vector' | 'wire'
  title: string
  outcome: Outcome
  /** Why it was skipped, what differed, what was new. */
  reason?: string
  /** What the clause, the rule or the title demands. Present with `fail` and `differs`. */
  must?: string
  /** What the check waited for. Present with `fail` and `differs`. */
  expected?: string
  /** What happened instead. Present with `fail` and `differs`. */
  actual?: string
  /** The whole exchange, time-stamped. Wire scripts only. */
  trace?: TraceLine[]
  /** The command that repeats exactly this check. */
  repeat?: string
  row?: string
  /** What a wire script needs of the machine. */
  level?: 'peer' | 'packet' | 'raw'
  /** The answer of the row that a row script came to. */
  answer?: string
  /** What its lines kept, by name, and the times that its conditions ask for. */
  values?: Record<string, string>
  clause?: string
  /** How long it took, in milliseconds. */
  ms: number
}

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

/** How many checks ended in each way. */
export type Summary = Record<Outcome, number>

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
