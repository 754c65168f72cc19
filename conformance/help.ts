// What help and the manual say beyond arguments and options: examples, exit codes, the environment.
import { letters } from './result.js'

/** What one command has to tell. */
export interface CommandHelp {
  examples: readonly (readonly [command: string, told: string])[]
  /** The exit codes that are its own; {@link commonExits} are everybody's. */
  exits: Readonly<Record<number, string>>
}

/** The day on which the command line changed last; the manual page bears it. */
export const changed = 'November 26, 2026'

/** Exit codes that mean the same for every command. */
export const commonExits: Readonly<Record<number, string>> = {
  2: 'bad usage, or nothing is named like that',
  3: 'the environment stopped it, or finrst has a mistake',
  130: 'it was interrupted; 143: it was terminated',
}

/** By the name of the command. */
export const commandHelp: Readonly<Record<string, CommandHelp>> = {
  test: {
    examples: [
      ['finrst test', 'everything, on this machine'],
      ["finrst test 'close-*' --verbose", 'some scripts, with a line for each'],
      ['finrst test crash-sigkill', 'one script'],
      ['finrst test --only rows', 'what this system does, against the table'],
      ['finrst test --testee "python3 testee.py"', 'another implementation (spec/testee.md)'],
      ['finrst test --needs packet --capture tshark', 'segments as tshark sees them'],
      ["finrst test --testee bundled:c 'plain-*'", 'bare system calls, as the system has them'],
      ['finrst test --json run.json --html run.html', 'for a machine, and for people'],
      ['finrst test --emit-cells', 'the cells of this platform, as they were measured'],
    ],
    exits: { 0: 'all as stated; what differs from the table or is new to it is lawful', 1: 'something contradicts' },
  },
  report: {
    examples: [
      ['finrst report *.json --html all.html', 'the runs of many machines in one matrix'],
      ['finrst report run.json --verbose', 'a run again, with a line for each check'],
    ],
    exits: { 0: 'no run has a failure', 1: 'one has' },
  },
  list: {
    examples: [
      ['finrst list', 'every script'],
      ["finrst list 'close.*' --as packetdrill --into scripts", 'for packetdrill, a file for each'],
    ],
    exits: { 0: 'all are listed' },
  },
  audit: {
    examples: [
      ['finrst audit localhost:8080 --http', 'how a running server ends its connections'],
      ['finrst audit localhost:8080 --http --dry-run', 'what that would send, and how much at most'],
      ['finrst audit [::1]:7007 --wait 2 --json -', 'a server of another protocol, for a machine'],
    ],
    exits: { 0: 'nothing bad was found', 1: 'something bad was found' },
  },
  demo: {
    examples: [['finrst demo', 'what a crash looks like to the peer, bare and guarded']],
    exits: { 0: 'bare it is an end of file, guarded a reset', 1: 'not on this machine' },
  },
  explain: {
    examples: [
      ['finrst explain close-flushes', 'why a rule decides as it does'],
      ['finrst explain "… rule=close-flushes …"', 'the same, from a line of a log'],
      ['finrst explain fin-sent-drains -p macos', 'with what that platform does'],
    ],
    exits: { 0: 'it is explained' },
  },
  table: {
    examples: [
      ['finrst table close.unread', 'what each platform does, with the evidence'],
      ['finrst table exit --platform macos,linux', 'a group of the table, in words, for some platforms'],
    ],
    exits: { 0: 'it is printed' },
  },
}

/** What the outcomes of a run mean, by their letters. */
export const outcomes: readonly (readonly [letter: string, told: string])[] = [
  [letters.pass, 'pass'],
  [letters.fail, 'fail'],
  [letters.differs, 'differs from the table'],
  [letters.new, 'new to the table'],
  [letters.skip, 'skip'],
  [letters.xpass, 'unexpected pass'],
]

/** Whether a command tells outcomes by their letters. */
export const hasOutcomes = (name: string): boolean => name === 'test' || name === 'report'

/** What the command line takes from its environment. */
export const environment: Readonly<Record<string, string>> = {
  CC: 'The compiler of the testee bundled:c; cc if it is not set.',
  FINRST_BACKEND: 'The only way to a system call that is tried: koffi, node:ffi, Deno.dlopen, bun:ffi or none.',
  NO_COLOR: 'If it is set, nothing is coloured.',
  PYTHON: 'The interpreter of the testee bundled:python; python3 if it is not set.',
}

const aligned = (lines: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...lines.map(([left]) => left.length))
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}

/** The exit codes of a command, lowest first. */
export const exitsOf = ({ exits }: CommandHelp): [code: string, told: string][] =>
  Object.entries({ ...exits, ...commonExits })

/** The text behind the options of a command. */
export const textAfter = (name: string): string => {
  const help = commandHelp[name]
  if (help === undefined) throw new Error(`finrst: no help for ${name}`)
  const told = outcomes.map(([letter, meaning]) => `${letter} ${meaning}`).join('  ')
  const lettered = hasOutcomes(name) ? [`Outcomes: ${told}`] : []
  return ['', 'Examples:', aligned(help.examples), '', ...lettered, 'Exit codes:', aligned(exitsOf(help))].join('\n')
}

/** The text behind the commands of the program. */
export const programText = (): string => {
  const first = Object.values(commandHelp).flatMap(({ examples }) => examples.slice(0, 1))
  const exits: [string, string][] = [
    ['0', 'all as it should be'],
    ['1', 'a failure, or a finding'],
    ...Object.entries(commonExits),
  ]
  return ['', 'Examples:', aligned(first), '', 'Exit codes:', aligned(exits)].join('\n')
}
