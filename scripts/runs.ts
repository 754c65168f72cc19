// Run reports, spec/runs/<system>.json: what the row scripts came to on one system, and the cells that cite it.
//
// 1. A report is made by a run and never edited; a cell cites it as "spec/runs/<system>.json#<row>".
// 2. A cell that says something else than the report is a contradiction, and nothing is written over it.
import { readdirSync, readFileSync } from 'node:fs'
import { cellsOf } from '../adapters/spec/cells.ts'
import type { Evidence, Row, RunReport as Data } from '../adapters/spec/types.ts'

/** A report as it lies in spec/runs. */
export type RunReport = Data & { $schema: string }

/** What one row script came to. */
export type RunRow = RunReport['rows'][string]

export const runsFolder = 'spec/runs'

/** The path of the report of a system. */
export const reportPath = (system: string): string => `${runsFolder}/${system}.json`

/** The reports of the repository, by their paths. */
export function readReports(): Map<string, RunReport> {
  // What probes gave and what is about runtimes lies beside them and is of other forms.
  const names = readdirSync(runsFolder).filter((name) => /^(?!probe-|runtimes-|languages-).*\.json$/.test(name))
  return new Map(
    names.sort().map((name) => [`${runsFolder}/${name}`, JSON.parse(readFileSync(`${runsFolder}/${name}`, 'utf8'))]),
  )
}

/** Splits a reference to a report into its path and its row; undefined: it refers to something else. */
export function splitRef(ref: string): { path: string; row: string } | undefined {
  const [, path, row] = /^(spec\/runs\/(?!runtimes-|languages-)[^#]+\.json)#(.+)$/.exec(ref) ?? []
  return path === undefined || row === undefined ? undefined : { path, row }
}

const width = 120

/** JSON as people write it: what fits into a line is on one line. */
export function jsonText(value: unknown, indent = 0, before = indent): string {
  const flat = inline(value)
  if (value === null || typeof value !== 'object' || before + flat.length < width) return flat
  const inner = ' '.repeat(indent + 2)
  const entries = Array.isArray(value)
    ? value.map((each) => `${inner}${jsonText(each, indent + 2)}`)
    : Object.entries(value).map(([key, each]) => {
        const name = `${JSON.stringify(key)}: `
        return `${inner}${name}${jsonText(each, indent + 2, indent + 2 + name.length)}`
      })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${entries.join(',\n')}\n${' '.repeat(indent)}${close}`
}

/** A value on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${inline(each)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

/** The end of the array that begins at an index of a JSON text. */
function arrayEnd(text: string, start: number): number {
  let depth = 0
  for (const { 0: found, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[[\]]/g)) {
    if (found === '[') depth += 1
    else if (found === ']') depth -= 1
    if (depth === 0) return start + index + 1
  }
  throw new Error('an array without an end')
}

/** The text of a row with the evidence of a platform's newest cell replaced, and nothing else changed. */
function withEvidence(text: string, platform: string, evidence: readonly Evidence[]): string {
  const cell = text.indexOf(`\n    "${platform}": `, text.indexOf('\n  "cells": '))
  const key = text.indexOf('"evidence": ', cell)
  if (cell < 0 || key < 0) throw new Error(`the cell of ${platform} is not written as the others are`)
  const start = key + '"evidence": '.length
  const lineStart = text.lastIndexOf('\n', key) + 1
  const indent = /^ */.exec(text.slice(lineStart))?.[0].length ?? 0
  const before = start - lineStart
  return text.slice(0, start) + jsonText(evidence, indent, before) + text.slice(arrayEnd(text, start))
}

/** What citing came to: the new text if there is one, or why the cell cannot cite. */
export interface Cited {
  text?: string
  problem?: string
}

/** Lets the newest cell of a row cite a report, if it does not yet. */
export function cite(text: string, report: RunReport): Cited {
  const row = JSON.parse(text) as Row
  const ran = report.rows[row.id]
  const [cell] = cellsOf(row, report.platform)
  if (ran === undefined) return {}
  if (cell === undefined) return { problem: `${row.id}: the table has no cell for ${report.platform}` }
  if (cell.is !== ran.answer) {
    return { problem: `${row.id}: the cell of ${report.platform} says ${cell.is}, the run says ${ran.answer}` }
  }
  const ref = `${reportPath(report.system)}#${row.id}`
  if (cell.evidence.some((each) => each.ref === ref)) return {}
  return { text: withEvidence(text, report.platform, [{ kind: 'run', ref }, ...cell.evidence]) }
}
