// Prints what a benchmark has found.
import pc from 'picocolors'
import type { Section, Table, Target } from './section.js'

function showTable({ title, columns, rows, notes = [] }: Table): void {
  console.log(`\n${pc.bold(title)}`)
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => (row[at] ?? '').length)))
  const line = (cells: string[]): string => cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')
  console.log(`  ${pc.dim(line(columns))}`)
  for (const row of rows) console.log(`  ${line(row)}`)
  for (const note of notes) console.log(pc.dim(`  ${note}`))
}

function showTarget({ what, wanted, measured, met }: Target): void {
  console.log(`  ${met ? pc.green('met   ') : pc.red('missed')}  ${what}: ${measured} (${wanted})`)
}

export function showSection({ tables, targets = [] }: Section): void {
  for (const table of tables) showTable(table)
  if (targets.length > 0) console.log(`\n${pc.bold('Targets')}`)
  for (const each of targets) showTarget(each)
}
