// Reads out of spec/ what the explorer needs at once, and what it loads when the table is opened.
import { readFileSync, statSync } from 'node:fs'
import { cellsOf, clauseUrl, groupOf, kindOf, releasesOf, seenIn, strengthOf } from '../adapters/spec/cells.ts'
import { readPlatforms, readRows, readRules, readRuns } from '../adapters/spec/files.ts'
import type { Cell, Platform, Row, System } from '../adapters/spec/types.ts'
import { cellAt, everyKernel } from '../simulation/kernels.ts'
import { everyQuestion } from '../simulation/raw-kernel.ts'

// What somebody claims comes first among the answers that are possible; `either` is two of the others.
function possible(of: readonly string[], cell: Cell | undefined): string[] {
  const single = of.filter((answer) => answer !== 'either')
  return single.sort((a, b) => Number(b === cell?.is) - Number(a === cell?.is))
}

/** The module `finrst:site`: the kernels of the simulation, and the words for their answers. */
export function pageData(root: string): object {
  const rows = readRows(root)
  const platforms = readPlatforms(root)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const questions = Object.entries(everyQuestion)
  const kernels = everyKernel(platforms, rows, everyQuestion).flatMap((kernel) => {
    const platform = platforms.find(({ row }) => row === kernel.row) as System
    const order = platform.releases.map(({ id }) => id)
    // Releases that behave alike are one kernel, unless they are not known equally well.
    const known = new Map<string, { releases: string[]; answers: unknown[] }>()
    for (const release of kernel.releases) {
      const answers = questions.map(([question, row]) => {
        const cell = cellAt(byId.get(row) as Row, platform, order.indexOf(release))
        const { of } = kernel.answers[question as keyof typeof everyQuestion]
        return [possible(of, cell), cell === undefined ? 'unknown' : strengthOf(cell)]
      })
      const key = JSON.stringify(answers)
      const found = known.get(key)
      if (found === undefined) known.set(key, { releases: [release], answers })
      else found.releases.push(release)
    }
    return [...known.values()].map((each) => ({
      platform: platform.id,
      name: platform.name,
      row: platform.row,
      ...each,
    }))
  })
  const words = [...new Set(Object.values(everyQuestion))].map((id) => {
    const { title, answers } = byId.get(id) as Row
    return [id, { title, answers }] as const
  })
  return {
    questions: questions.map(([question]) => question),
    kernels,
    rows: Object.fromEntries(words),
    clauses: readRules(root).clauses,
    version: (JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string }).version,
    wasmBytes: statSync(`${root}/embed/finrst.wasm`).size,
  }
}

const packedCell = (cell: Cell, seen: (ref: string) => string | undefined): object => {
  const releases = releasesOf(cell)
  return {
    is: cell.is,
    strength: strengthOf(cell),
    ...(releases === '' ? {} : { releases }),
    ...(cell.note === undefined ? {} : { note: cell.note }),
    evidence: cell.evidence.map(({ kind, ref, says }) => {
      const told = kind === 'run' ? seen(ref) : undefined
      return { kind, ref, ...(says === undefined ? {} : { says }), ...(told === undefined ? {} : { seen: told }) }
    }),
  }
}

/** The platform table with its evidence, for the file that is loaded later. */
export function tableData(root: string): object {
  const runs = readRuns(root)
  const platforms = readPlatforms(root)
  const columns = (kind: Platform['kind']): object[] =>
    platforms.filter((platform) => platform.kind === kind).map(({ id, name }) => ({ id, name }))
  const rows = readRows(root).map((row) => ({
    id: row.id,
    group: groupOf(row.id),
    kind: kindOf(row),
    title: row.title,
    question: row.question,
    answers: row.answers,
    ...(row.clause === undefined ? {} : { clause: row.clause, url: clauseUrl(row.clause) }),
    engine: row.engine !== undefined,
    cells: Object.fromEntries(
      platforms
        .filter(({ id }) => cellsOf(row, id).length > 0)
        .map(({ id }) => [id, cellsOf(row, id).map((cell) => packedCell(cell, (ref) => seenIn(runs, ref)))]),
    ),
  }))
  return { systems: columns('os'), runtimes: [...columns('runtime'), ...columns('language')], rows }
}
