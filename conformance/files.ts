// Finds and reads the files of spec/, both in the repository and in the published package.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ScriptError } from './header.js'
import { parseScript, type Script } from './script.js'

/** The file that runs now; the peer and the bundled testee are the same file with another argument. */
export const ownFile = fileURLToPath(import.meta.url)

/** The folder that has `spec/abi.json`, looked for upwards from the file that runs now. */
export const rootFolder = (): string => {
  let folder = dirname(ownFile)
  for (let depth = 0; depth < 32; depth += 1) {
    if (existsSync(join(folder, 'spec', 'abi.json'))) return folder
    const parent = dirname(folder)
    if (parent === folder) break
    folder = parent
  }
  throw new Error(`no folder above ${ownFile} has spec/abi.json; the package is incomplete`)
}

/** The version of this package. */
export const ownVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(rootFolder(), 'package.json'), 'utf8'))
  const version = (manifest as { version?: unknown }).version
  return typeof version === 'string' ? version : 'unknown'
}

/** A script that was read, or the reason why it could not be. */
export type LoadedScript = { id: string; script: Script } | { id: string; problem: ScriptError }

/** The answers of a row, or `undefined` if the table has no such row. */
export const answersOf = (id: string): string[] | undefined => {
  const row = loadRow(id)
  return row && Object.keys(row.answers ?? {})
}

/** All wire scripts, in the order of their ids. */
export const loadScripts = (folder = join(rootFolder(), 'spec', 'wire')): LoadedScript[] => {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .filter((name) => name.endsWith('.wire'))
    .map((name) => name.slice(0, -'.wire'.length))
    .sort()
    .map((id) => {
      try {
        return { id, script: parseScript(id, readFileSync(join(folder, `${id}.wire`), 'utf8'), answersOf) }
      } catch (error) {
        if (error instanceof ScriptError) return { id, problem: error }
        throw error
      }
    })
}

/** One thing that was seen, read or claimed about a cell. */
export interface Evidence {
  kind: string
  ref: string
}

/** What one platform does in the situation of a row. */
export interface Cell {
  is: string
  from?: string
  note?: string
  evidence?: Evidence[]
}

/** One behaviour over all platforms. */
export interface TableRow {
  id: string
  title?: string
  question?: string
  /** What the values of the cells mean. */
  answers?: Record<string, string>
  clause?: string
  cells: Record<string, Cell | Cell[]>
}

/** The cells of one platform, newest first; none if the row does not know the platform. */
export const cellsOf = (row: TableRow, platform: string): Cell[] => {
  const cell = Object.hasOwn(row.cells, platform) ? row.cells[platform] : undefined
  if (cell === undefined) return []
  return Array.isArray(cell) ? cell : [cell]
}

/** What the table says that a platform does: its answers of any release, without `unknown`. */
export const saidOf = (id: string, platform: string): Set<string> => {
  const row = loadRow(id)
  const said = row ? cellsOf(row, platform).map(({ is }) => is) : []
  return new Set(said.filter((is) => is !== 'unknown'))
}

const tableFolder = (): string => join(rootFolder(), 'spec', 'table')

/** One row, or `undefined` if the table has none of that id. */
export const loadRow = (id: string): TableRow | undefined => {
  const file = join(tableFolder(), `${id}.json`)
  if (!/^[a-z.-]+$/.test(id) || !existsSync(file)) return undefined
  const row = JSON.parse(readFileSync(file, 'utf8')) as Partial<TableRow>
  return { ...row, id: row.id ?? id, cells: row.cells ?? {} }
}

/** All rows of the table, in the order of their ids. */
export const loadTable = (): TableRow[] => {
  const names = existsSync(tableFolder()) ? readdirSync(tableFolder()) : []
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => loadRow(name.slice(0, -'.json'.length)) ?? [])
}
