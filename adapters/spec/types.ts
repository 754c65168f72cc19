// The shapes of everything in spec/: platforms, rows and cells with their evidence, rules, vectors and runs.
//
// 1. The schemas in spec/schemas say the same to a validator; a test holds the two together.
// 2. A field that a schema does not require may be missing here too, and nothing is ever null but `seconds`.

/** Where a fact comes from, strongest first: a run of the system, its source, another's test, a manual, a report. */
export type EvidenceKind = 'run' | 'source' | 'script' | 'doc' | 'claim'

/** How well a cell is known. Computed from its evidence by {@link strengthOf}, never typed into the data. */
export type Strength = 'measured' | 'documented' | 'assumed' | 'unknown'

/** One reason to believe a cell or a number. */
export interface Evidence {
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
  evidence: Evidence[]
}

/** What probes of real systems gave on one day, case by case. Evidence names the day, the system and the case. */
export interface Probe {
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
  platform: string
  /** The whole release of the kernel. */
  release: string
  /** The machine, as Node names it. */
  arch: string
  /** The day, UTC. */
  date: string
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
  trials: number
  /** End of file. */
  eof: number
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
  platform: string
  /** The whole release of the kernel. */
  release: string
  /** The machine, as Node names it. */
  arch: string
  /** The day, UTC. */
  date: string
  /** The version of Node that was the peer. */
  node: string
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
  setBy?: string[]
  clearedBy?: string[]
  /** A field, TRAIT_*_SHIFT of spec/abi.json, that gets the strength of the cell. */
  certainty?: string
}

/** Whether a platform is an operating system, a runtime that has an adapter, or another language. */
export type PlatformKind = 'os' | 'runtime' | 'language'

/** One behaviour of the socket interface, with a cell for each platform. */
export interface Row {
  id: string
  /** A fact, as a headline. */
  title: string
  /** What a cell answers. */
  question: string
  /** What every value of a cell means, besides `unknown`. */
  answers: Record<string, string>
  /** What the cells are for: runtimes, and languages where it was measured; missing: systems. */
  of?: 'runtime'
  clause?: string
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
  value: number
  /** Why this number, where the header alone does not say it. */
  why?: string
  evidence: Evidence[]
}

/** An errno by its name on the platform. */
export interface ErrorNumber {
  name: string
  value: number
}

/** How a platform is asked what the peer's stack has not acknowledged. */
export interface SendQueue {
  /** The ioctl, the option or the struct. */
  name: string
  /** The call. */
  through?: 'ioctl' | 'getsockopt' | 'WSAIoctl'
  level?: number
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
  note?: string
  evidence: Evidence[]
}

/** A number of a C header, by its name there. */
export interface HeaderNumber {
  value: number
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
  id: string
  /** Its row in the compiled table. */
  row: number
  name: string
  errorsEvidence?: Evidence[]
  sendQueue?: SendQueue
}

/** A release that the evidence is about. Cells name it in `from` and `until`. */
export interface Release {
  id: string
  /** What was looked at, exactly. */
  name: string
  /** How it was looked at. */
  known: EvidenceKind[]
  note?: string
}

/** An operating system or a runtime whose behaviour the table describes. */
export interface Platform extends Partial<Numbers> {
  id: string
  /** The name for people. */
  name: string
  kind: PlatformKind
  /** Its row in the compiled table; a runtime has none. */
  row?: number
  /** Newest first. */
  releases: Release[]
  /** Other numbers of its C headers that ending a connection needs; the Wasm does not hold them. */
  numbers?: Record<string, HeaderNumber>
  errorsEvidence?: Evidence[]
  sendQueue?: SendQueue
  arches?: Arch[]
}

/** A platform that is an operating system: it has numbers and a row in the compiled table. */
export interface System extends Platform, Numbers {
  kind: 'os'
  row: number
  constants: Record<string, Constant>
  errors: Record<string, ErrorNumber>
}

/** One rule of the engine. */
export interface Rule {
  number: number
  id: string
  title: string
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
  about: string
  /** What each clause is about that a rule cites. */
  clauses: Record<string, string>
  rules: Rule[]
  /** By event, then by phase: the id of the rule that fires unless a condition refines it. */
  transitions: Record<string, Record<string, string>>
}

/** One group of the numbers that cross the boundary of the Wasm. */
export interface AbiGroup {
  about: string
  values: Record<string, number>
  describe?: Record<string, string>
}

/** spec/abi.json. */
export interface Abi {
  title: string
  version: number
  groups: Record<string, AbiGroup>
}

/** What a connection has come to, in the words of spec/abi.json; a field that is missing is zero. */
export interface StateWords {
  phase: string
  flags?: string[]
  receive?: string
  cause?: string
  ended?: string
  by?: string
  delivery?: string
  received?: string
}

/** Platform, capabilities and policy. */
export interface ContextWords {
  platform: string
  bigEndian?: boolean
  can?: string[]
  policy?: string[]
  confirm?: string
}

interface VectorBase {
  id: string
  title: string
  clause?: string
}

/** Given a state, an event: the plan, and what becomes of the state when every step succeeds. */
export interface DecisionVector extends VectorBase {
  rule: string
  context: ContextWords
  state: StateWords
  event: string
  facts: string[]
  argument?: string
  plan: string[]
  becomes: StateWords
}

/** Seconds (null: off), and the bytes of the option that say so. */
export interface LingerVector extends VectorBase {
  context: ContextWords
  seconds: number | null
  bytes: string
  level: number
  option: number
}

/** A platform's errno, and what it means. */
export interface ErrnoVector extends VectorBase {
  context: ContextWords
  errno: number
  error: string
}

/** One decision, one struct linger or one errno; the field that it has tells its kind. */
export type Vector = DecisionVector | LingerVector | ErrnoVector
