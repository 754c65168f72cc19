// Reads the files of spec/ from disk, in the repository and in the published package. For runtimes with node:fs.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rowsNamed } from './cells.js'
import type { Abi, Platform, Row, RuleFile, Run } from './types.js'
import type { Vector } from './vector-types.js'

const furthest = 32

/** The folder that has `spec/abi.json`, looked for upwards from the file that runs now: a bundle of ours or a test. */
export function rootFolder(): string {
  // A bundle of CommonJS has no import.meta.url; it is looked for from the program then.
  const url: string | undefined = import.meta.url
  const here = url === undefined ? (process.argv[1] ?? '.') : fileURLToPath(url)
  let folder = dirname(here)
  for (let depth = 0; depth < furthest; depth += 1) {
    if (existsSync(join(folder, 'spec', 'abi.json'))) return folder
    const parent = dirname(folder)
    if (parent === folder) break
    folder = parent
  }
  throw new Error(`finrst: no folder above ${here} has spec/abi.json; a bundled program finds the data in finrst/spec`)
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`finrst: ${path} cannot be read: ${(error as Error).message}`)
  }
}

/** The JSON files of a folder of spec/ by name, sorted; a folder that is not there is empty. */
function readFolder<T>(name: string, root: string): Map<string, T> {
  const folder = join(root, 'spec', name)
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : []
  return new Map(files.sort().map((file) => [file, parse(join(folder, file)) as T]))
}

/** Every row of the table, in the order of their ids. */
export function readRows(root = rootFolder()): Row[] {
  return [...readFolder<Row>('table', root).values()]
}

/** One row; undefined if the table has none of that id. */
export function readRow(id: string, root = rootFolder()): Row | undefined {
  const file = join(root, 'spec', 'table', `${id}.json`)
  return /^[a-z.-]+$/.test(id) && existsSync(file) ? (parse(file) as Row) : undefined
}

/** Every platform: systems in the order of their rows in the compiled table, then runtimes by id. */
export function readPlatforms(root = rootFolder()): Platform[] {
  const place = ({ row }: Platform): number => row ?? Number.MAX_SAFE_INTEGER
  const platforms = [...readFolder<Platform>('platforms', root).values()]
  return platforms.sort((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1))
}

/** The rules, and which one an event fires in each phase. */
export function readRules(root = rootFolder()): RuleFile {
  return parse(join(root, 'spec', 'rules.json')) as RuleFile
}

/** Every vector, by the name of its file. */
export function readVectors(root = rootFolder()): Map<string, Vector[]> {
  return readFolder<Vector[]>('vectors', root)
}

/** What was seen on real systems: the results of probes and the run reports. */
export function readRuns(root = rootFolder()): Run[] {
  return [...readFolder<Run>('runs', root).values()]
}

/** The numbers of the boundary. */
export function readAbi(root = rootFolder()): Abi {
  return parse(join(root, 'spec', 'abi.json')) as Abi
}

/**
 * What each platform does, with the evidence: the row of that id, or every row of a group such as `close`; without a
 * name the whole table.
 *
 * The files are read at every call, so what comes back is the caller's own. In a bundle without the package's folder
 * spec/ it throws; `finrst/spec` has the same data inlined.
 * @throws TypeError if no row and no group has this name
 */
export function table(row?: string): Row[] {
  const rows = readRows()
  if (row === undefined) return rows
  const found = rowsNamed(rows, row)
  if (found.length === 0) throw new TypeError(`finrst: no row is named ${JSON.stringify(row)}; see finrst/spec/table`)
  return found
}
