// The shapes of what the suite comes to: each result, and the report of `finrst test --json`, and many of them in one.
import type { Level } from './types.js'

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
  /** What was said. */
  text: string
}

/** The result of one vector or one wire script. */
export interface Result {
  /** The id, unique over vectors and scripts. */
  id: string
  /** What was checked. */
  kind: 'vector' | 'wire'
  /** The fact that it is about. */
  title: string
  /** How it ended. */
  outcome: Outcome
  /** Why it was skipped, what differed, what was new. */
  reason?: string
  /** What the clause, the rule or the title demands. Present with `fail` and `differs`. */
  must?: string
  /** What the check waited for. Present with `fail` and `differs`. */
  expected?: string
  /** What happened instead. Present with `fail` and `differs`. */
  actual?: string
  /** The text of the script. Wire scripts only. */
  script?: string
  /** The whole exchange, time-stamped. Wire scripts only. */
  trace?: TraceLine[]
  /** The command that repeats exactly this check. */
  repeat?: string
  /** The row of the table that a row script is about. */
  row?: string
  /** What a wire script needs of the machine. */
  level?: Level
  /** The answer of the row that a row script came to. */
  answer?: string
  /** What its lines kept, by name, and the times that its conditions ask for. */
  values?: Record<string, string>
  /** The clause of an RFC that it rests on. */
  clause?: string
  /** How long it took, in milliseconds. */
  ms: number
}

/** Who answered the wire scripts. */
export interface Hello {
  /** Its name. */
  testee: string
  /** Its version. */
  version: string
  /** An id of spec/platforms. */
  platform: string
  /** What it runs on, with the version. */
  runtime: string
  /** What it can do, and why or why not. */
  capabilities: Record<string, { can: boolean; why: string } | undefined>
}

/** The machine on which row scripts were played. */
export interface Machine {
  /** After what its run report is called. */
  system: string
  /** An id of spec/platforms. */
  platform: string
  /** The release of its kernel. */
  release: string
  /** The machine, as Node names it. */
  arch: string
  /** Whether row scripts can be played here, and why not. */
  can: boolean
  /** Why they can, or cannot. */
  why: string
  /** What else row scripts may need. */
  abilities?: Record<string, { can: boolean; why: string }>
}

/** How many checks ended in each way. */
export type Summary = Record<Outcome, number>

/** What `finrst test --json` prints: everything that one run of the suite on one machine came to. */
export interface Report {
  /** The version of the format. */
  report: 1
  /** The version of the runner. */
  finrst: string
  /** When it began, ISO 8601, UTC. */
  started: string
  /** Missing if no script needed one. */
  testee?: Hello
  /** Missing if no row script was selected. */
  system?: Machine
  /** How many ended in each way. */
  summary: Summary
  /** Every check, in the order in which they ran. */
  results: Result[]
}

/** What `finrst report --json` writes: the runs of many machines. */
export interface MergedReport {
  /** The version of the format. */
  merged: 1
  /** In the order in which they were given. */
  runs: Report[]
}
