// Says what a run of row scripts would put into the table: the cell of this platform for each row that ran.
import type { Result } from './result.js'
import type { SystemHello } from './system/run.js'

/** One cell, with the run report as its evidence. */
export interface MeasuredCell {
  row: string
  platform: string
  is: string
  evidence: { kind: 'run'; ref: string }
}

/** The name of a system and of its run report: the platform and the first two numbers of its release. */
export const systemName = ({ platform, release }: Pick<SystemHello, 'platform' | 'release'>): string => {
  const numbers = /^\d+(?:\.\d+)?/.exec(release)?.[0]
  return numbers === undefined ? platform : `${platform}-${numbers}`
}

/** The cells of all row scripts that came to an answer. */
export const measuredCells = (results: readonly Result[], system: SystemHello): MeasuredCell[] =>
  results.flatMap(({ row, answer }) => {
    if (row === undefined || answer === undefined) return []
    const ref = `spec/runs/${systemName(system)}.json#${row}`
    return { row, platform: system.platform, is: answer, evidence: { kind: 'run', ref } }
  })
