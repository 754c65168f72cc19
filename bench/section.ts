// What one benchmark found, in the form in which it is printed, kept and written into docs/performance.md.
import { arch, cpus, platform, release } from 'node:os'
import type { Pair } from './pairs.js'

export interface Table {
  title: string
  columns: string[]
  rows: string[][]
  /** What a reader must know to read it rightly, a sentence each. */
  notes?: string[]
}

/** How a cost grows; both axes are logarithmic. */
export interface Curve {
  /** The name of its picture. */
  id: string
  title: string
  x: string
  y: string
  series: { name: string; points: [number, number][] }[]
}

/** What was aimed at, and what came out. */
export interface Target {
  what: string
  wanted: string
  measured: string
  met: boolean
}

export interface Section {
  tables: Table[]
  curves?: Curve[]
  targets?: Target[]
}

/** How much is measured. */
export interface Effort {
  /** Only to see that it runs: few rounds and small numbers. */
  quick: boolean
  /** Pairs of each comparison. */
  rounds: number
  /** Connections in each round. */
  connections: number
}

/** A benchmark as the command line knows it. */
export interface Bench {
  title: string
  /** How long it takes on two idle cores. */
  takes: string
  /** Why targets of it are missed, as far as it is known; for the document. */
  missed?: string
  run(effort: Effort): Promise<Section>
}

/** A section with when, where and how it was measured. */
export interface Measured extends Section {
  date: string
  machine: string
  command: string
  seconds: number
}

/** The machine and the runtime of this process in one line. */
export function machineLine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${cpus().length} × ${model}, ${platform()} ${release()} ${arch()}, Node ${process.version}`
}

/** The columns of two comparisons, by the clock and by the processor. */
export const pairColumns: readonly string[] = [
  ...['guarded', 'bare', 'guarded / bare'],
  ...['processor, guarded', 'bare', 'guarded / bare'],
]

/** The cells of a comparison: both medians, and the ratio with its range. */
export function pairCells(pair: Pair, unit: string, digits = 1): string[] {
  const cell = (value: number): string => `${value.toFixed(digits)} ${unit}`
  return [cell(pair.first), cell(pair.second), ratioCell(pair)]
}

export function ratioCell({ ratio, least, most }: Pair): string {
  return `${ratio.toFixed(2)} (${least.toFixed(2)} … ${most.toFixed(2)})`
}

/** A target for a number that is to be at least, or at most, another. */
export function target(what: string, value: number, bound: 'at most' | 'at least', limit: number, unit = ''): Target {
  const met = bound === 'at most' ? value <= limit : value >= limit
  const measured = `${Number.isInteger(value) ? value : value.toFixed(2)}${unit}`
  return { what, wanted: `${bound} ${limit}${unit}`, measured, met }
}
