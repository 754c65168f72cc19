// Counts verdicts by each of their words.
import type { Summary } from './server-types.js'
import type { Verdict } from './types.js'

/** A summary of nothing yet. */
export function emptySummary(): Summary {
  return {
    connections: 0,
    ended: { fin: 0, reset: 0, silent: 0, unknown: 0 },
    by: { us: 0, peer: 0, kernel: 0, unknown: 0 },
    cause: { close: 0, abort: 0, drop: 0, failure: 0, exit: 0, deadline: 0, limit: 0, peer: 0, error: 0 },
    delivery: { confirmed: 0, acked: 0, handed: 0, lost: 0, unknown: 0 },
    unguarded: 0,
  }
}

/** Counts one verdict. */
export function tally(summary: Summary, verdict: Verdict): void {
  summary.connections += 1
  summary.ended[verdict.ended] += 1
  summary.by[verdict.by] += 1
  summary.cause[verdict.cause] += 1
  summary.delivery[verdict.delivery] += 1
}
