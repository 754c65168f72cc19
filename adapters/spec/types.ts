// The shapes of what is in spec/: platforms, rows and cells with their evidence, rules and runs.
//
// 1. The schemas in spec/schemas say the same to a validator; a test holds the two together.
// 2. A field that a schema does not require may be missing here too, and nothing is ever null but `seconds`.

/** Where a fact comes from, strongest first: a run of the system, its source, another's test, a manual, a report. */
export type EvidenceKind = 'run' | 'source' | 'script' | 'doc' | 'claim'

/** How well a cell is known. Computed from its evidence by {@link strengthOf}, never typed into the data. */
export type Strength = 'measured' | 'documented' | 'assumed' | 'unknown'

/** One reason to believe a cell or a number. */
export interface Evidence {
  /** Where it comes from. */
  kind: EvidenceKind
  /** `probe DATE: SYSTEM, CASE` or the path of a report; `repo@commit:path#symbol`; a page or a thread. */
  ref: string
  /** What this one says where it contradicts the cell; it then does not count for it. */
  says?: string
}

/** What one platform does in the situation of a row, over a range of its releases. */
export interface Cell {
  /** One of the answers of the row, or `unknown`. */
  is: string
  /** The first release that it holds for; missing: as far back as anybody looked. */
  from?: string
  /** The last release that it holds for; missing: today. */
  until?: string
  /** A detail that the answer cannot hold. */
  note?: string
  /** The reasons to believe it; none where it is unknown. */
  evidence: Evidence[]
}

/** What probes of real systems gave on one day, case by case. Evidence names the day, the system and the case. */
export interface Probe {
  /** The day, UTC. */
  date: string
  /** How it was done. */
  how: string
  /** How the observations are to be read. */
  notation: string
  /** By the name that evidence uses. */
  systems: Record<string, { platform: string; release: string; note?: string }>
  /** By case, then by system: what was seen. */
  cases: Record<string, Record<string, string>>
}

/** What a wire script needs: sockets alone, a capture of the segments, or segments of its own. */
export type Level = 'peer' | 'packet' | 'raw'

/** What the row scripts came to on one system. Evidence names its file and the row. */
export interface RunReport {
  /** The version of the format. */
  run: 1
  /** The name of the file: the platform and its release, as far as behaviour goes by it. */
  system: string
  /** An id of spec/platforms. */
  platform: string
  /** The whole release of the kernel. */
  release: string
  /** The machine, as Node names it. */
  arch: string
  /** The day, UTC. */
  date: string
  /** The version of Node that ran it. */
  node: string
  /** The version of the runner. */
  finrst: string
  /** By row: the answer, what the script needed, and what its lines kept. */
  rows: Record<string, { answer: string; level: Level; values: Record<string, string> }>
}

/** A file of spec/runs: what stands behind evidence of the kind `run`. */
export type Run = Probe | RunReport | RuntimeReport

/** What the peers of one cell of the crash matrix read; every trial is one connection. */
export interface CrashCounts {
  /** The connections. */
  trials: number
  /** End of file. */
  eof: number
  /** ECONNRESET, or what the system calls it. */
  reset: number
  /** Neither within the time that was waited for it. */
  open: number
  /** The fewest and the most bytes of the application that a peer read. */
  bytes: [least: number, most: number]
  /** TLS: of the ends of file, those behind an alert, which say that the stream was cut by intent. */
  closeNotify?: number
}

/** What peers read when a program died, under every runtime, on one system. */
export interface RuntimeReport {
  /** The version of the format. */
  run: 1
  /** What the name of the file ends with: the platform and its release, as far as behaviour goes by it. */
  system: string
  /** An id of spec/platforms. */
  platform: string
  /** The whole release of the kernel. */
  release: string
  /** The machine, as Node names it. */
  arch: string
  /** The day, UTC. */
  date: string
  /** The version of Node that was the peer. */
  node: string
  /** The version of the package. */
  finrst: string
  /** The connections that died with one program; the others had another. */
  together: number
  /** The versions that were run, the newest first. */
  runtimes: Record<string, string[]>
  /** By runtime, transport, hold, death and situation, then by version. */
  results: Record<string, Record<string, CrashCounts>>
  /** What could not be measured, and why. */
  problems: Record<string, Record<string, string>>
}

/** What the engine takes from the newest cell of a row. */
export interface Use {
  /** A bit, TRAIT_* of spec/abi.json. */
  trait?: string
  /** The answers that set the bit. */
  setBy?: string[]
  /** The answers that clear it; every other one sets it. */
  clearedBy?: string[]
  /** A field, TRAIT_*_SHIFT of spec/abi.json, that gets the strength of the cell. */
  certainty?: string
}

/** Whether a platform is an operating system, a runtime that has an adapter, or another language. */
export type PlatformKind = 'os' | 'runtime' | 'language'

/** One behaviour of the socket interface, with a cell for each platform. */
export interface Row {
  /** Its group, a dot, and its name: `close.unread`. */
  id: string
  /** A fact, as a headline. */
  title: string
  /** What a cell answers. */
  question: string
  /** What every value of a cell means, besides `unknown`. */
  answers: Record<string, string>
  /** What the cells are for: runtimes, and languages where it was measured; missing: systems. */
  of?: 'runtime'
  /** The clause of an RFC or a standard that it is about. */
  clause?: string
  /** What the engine takes from it; missing: nothing. */
  engine?: Use[]
  /** The scripts of spec/wire that show it. */
  wire?: string[]
  /** Why no script shows it. */
  noWire?: string
  /** By id of the platform; a list has the newest release first. */
  cells: Record<string, Cell | Cell[]>
}

/** A number of the socket interface. */
export interface Constant {
  /** The name in the C header, or of the field that the number bounds. */
  name: string
  /** The number. */
  value: number
  /** Why this number, where the header alone does not say it. */
  why?: string
  /** The reasons to believe it. */
  evidence: Evidence[]
}

/** An errno by its name on the platform. */
export interface ErrorNumber {
  /** The name in its C header, such as `ECONNRESET`. */
  name: string
  /** The number, positive. */
  value: number
}

/** How a platform is asked what the peer's stack has not acknowledged. */
export interface SendQueue {
  /** The ioctl, the option or the struct. */
  name: string
  /** The call. */
  through?: 'ioctl' | 'getsockopt' | 'WSAIoctl'
  /** The level of the option. */
  level?: number
  /** The number of the ioctl or of the option. */
  number?: number
  /** The field of the struct that comes back; missing where a plain int does. */
  field?: string
  /** What the number that comes back counts. */
  counts?: string
  /** Whether a FIN that is not confirmed counts too. */
  countsFin?: boolean
  /** Only the superuser gets an answer. */
  privileged?: boolean
  /** It misses a part, so that zero proves nothing. */
  partial?: boolean
  /** A detail that the fields cannot hold. */
  note?: string
  /** The reasons to believe it. */
  evidence: Evidence[]
}

/** A number of a C header, by its name there. */
export interface HeaderNumber {
  /** The number. */
  value: number
  /** The reasons to believe it. */
  evidence: Evidence[]
}

/** The numbers of a system. */
export interface Numbers {
  /** By the name that finrst gives it, such as `lingerOption`. */
  constants: Record<string, Constant>
  /** By the ERROR_* that it means. */
  errors: Record<string, ErrorNumber>
}

/** A machine on which the same system has other numbers; it says only what differs. */
export interface Arch extends Partial<Numbers> {
  /** The machine, as Node names it. */
  id: string
  /** Its row in the compiled table. */
  row: number
  /** The name for people. */
  name: string
  /** The reasons to believe its error numbers. */
  errorsEvidence?: Evidence[]
  /** How its send queue is asked for. */
  sendQueue?: SendQueue
}

/** A release that the evidence is about. Cells name it in `from` and `until`. */
export interface Release {
  /** The number of the release, as far as behaviour goes by it. */
  id: string
  /** What was looked at, exactly. */
  name: string
  /** How it was looked at. */
  known: EvidenceKind[]
  /** A detail of what was looked at. */
  note?: string
}

/** An operating system or a runtime whose behaviour the table describes. */
export interface Platform extends Partial<Numbers> {
  /** The name in the data: `linux`, `node`, `rust`. */
  id: string
  /** The name for people. */
  name: string
  /** What it is. */
  kind: PlatformKind
  /** Its row in the compiled table; a runtime has none. */
  row?: number
  /** Newest first. */
  releases: Release[]
  /** Other numbers of its C headers that ending a connection needs; the Wasm does not hold them. */
  numbers?: Record<string, HeaderNumber>
  /** The reasons to believe its error numbers. */
  errorsEvidence?: Evidence[]
  /** How its send queue is asked for. */
  sendQueue?: SendQueue
  /** The machines on which it has other numbers. */
  arches?: Arch[]
}

/** A platform that is an operating system: it has numbers and a row in the compiled table. */
export interface System extends Platform, Numbers {
  /** A system. */
  kind: 'os'
  /** Its row in the compiled table. */
  row: number
  /** By the name that finrst gives it, such as `lingerOption`. */
  constants: Record<string, Constant>
  /** By the ERROR_* that it means. */
  errors: Record<string, ErrorNumber>
}

/** One rule of the engine. */
export interface Rule {
  /** The number in a state and in a plan; never given twice. */
  number: number
  /** The name in logs and verdicts. */
  id: string
  /** What it does, as a headline. */
  title: string
  /** Why it decides so. */
  why: string
  /** The clause of an RFC that demands it. */
  clause?: string
  /** The row of the table that it rests on. */
  row?: string
  /** The rule whose steps, phase and cause it shares. */
  like?: string
  /** STEP_*, in order, on a host that can take them all. */
  steps?: string[]
  /** The phase it leads to; none: the phase stays. */
  phase?: string
  /** Whether its event is the cause: only if there is none yet, or in any case. */
  cause?: 'first' | 'wins'
}

/** spec/rules.json. */
export interface RuleFile {
  /** What the file holds. */
  about: string
  /** What each clause is about that a rule cites. */
  clauses: Record<string, string>
  /** Every rule, by its number. */
  rules: Rule[]
  /** By event, then by phase: the id of the rule that fires unless a condition refines it. */
  transitions: Record<string, Record<string, string>>
}

/** One group of the numbers that cross the boundary of the Wasm. */
export interface AbiGroup {
  /** What the numbers are. */
  about: string
  /** The numbers, by their names. */
  values: Record<string, number>
  /** What single numbers mean, where the name does not say it. */
  describe?: Record<string, string>
}

/** spec/abi.json. */
export interface Abi {
  /** What the file holds. */
  title: string
  /** The version of the ABI, as `version()` answers it. */
  version: number
  /** The numbers, by the prefix of their names. */
  groups: Record<string, AbiGroup>
}
