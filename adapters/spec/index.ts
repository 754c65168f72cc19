// finrst/spec: the specification as typed data, inlined, for any runtime and for browsers. It needs nothing of finrst.
import * as data from 'finrst:data'
import { rowsNamed } from './cells.js'
import type { Abi, Platform, Row, Rule, RuleFile, Run } from './types.js'
import type { Vector } from './vector-types.js'

export {
  cellsOf,
  groupOf,
  isSystem,
  kindOf,
  probesOf,
  releasesOf,
  reportsOf,
  runtimeReportsOf,
  seenIn,
  strengthOf,
} from './cells.js'
export type * from './results.js'
export type * from './types.js'
export type * from './vector-types.js'
/** A row, by the name that `table` of 'finrst' has for it. */
export type { Row as TableRow } from './types.js'

/** Every behaviour, with a cell and its evidence for each platform; in the order of their ids. */
export const rows: readonly Row[] = data.rows

/** Every platform: systems in the order of their rows in the compiled table, then runtimes. */
export const platforms: readonly Platform[] = data.platforms

/** Every rule of the engine, by number. */
export const rules: readonly Rule[] = data.ruleFile.rules

/** By event, then by phase: the id of the rule that fires unless a condition refines it. */
export const transitions: Readonly<RuleFile['transitions']> = data.ruleFile.transitions

/** What each clause of an RFC is about that a rule cites. */
export const clauses: Readonly<RuleFile['clauses']> = data.ruleFile.clauses

/** Every vector: decisions, struct linger and errno. */
export const vectors: readonly Vector[] = data.vectors

/** What real systems were seen to do: results of probes, and run reports. {@link seenIn} finds what evidence names. */
export const runs: readonly Run[] = data.runs

/** Every number that crosses the boundary of the Wasm. */
export const abi: Abi = data.abi

/**
 * What each platform does, with the evidence: the row of that id, or every row of a group such as `close`; without a
 * name the whole table. The rows are those of {@link rows}, not copies.
 * @throws TypeError if no row and no group has this name
 */
export function table(row?: string): Row[] {
  const found = row === undefined ? [...rows] : rowsNamed(rows, row)
  if (found.length === 0) throw new TypeError(`finrst: no row is named ${JSON.stringify(row)}; see rows of finrst/spec`)
  return found
}
