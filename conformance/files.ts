// Finds and reads the files of spec/, both in the repository and in the published package.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cellsOf } from '../adapters/spec/cells.js'
import { readRow, readRows, rootFolder } from '../adapters/spec/files.js'
import type { Row } from '../adapters/spec/types.js'
import { ScriptError } from './header.js'
import { parseScript, type Script } from './script.js'

/** The version of this package. */
export const ownVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(rootFolder(), 'package.json'), 'utf8'))
  const version = (manifest as { version?: unknown }).version
  return typeof version === 'string' ? version : 'unknown'
}

/** A script that was read, or the reason why it could not be. */
export type LoadedScript = { id: string; script: Script; source: string } | { id: string; problem: ScriptError }

/** The answers of a row, or `undefined` if the table has no such row. */
export const answersOf = (id: string): string[] | undefined => {
  const row = loadRow(id)
  return row && Object.keys(row.answers)
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
        const source = readFileSync(join(folder, `${id}.wire`), 'utf8')
        return { id, script: parseScript(id, source, answersOf), source }
      } catch (error) {
        if (error instanceof ScriptError) return { id, problem: error }
        throw error
      }
    })
}

/** What the table says that a platform does: its answers of any release, without `unknown`. */
export const saidOf = (id: string, platform: string): Set<string> => {
  const row = loadRow(id)
  const said = row ? cellsOf(row, platform).map(({ is }) => is) : []
  return new Set(said.filter((is) => is !== 'unknown'))
}

/** One row, or `undefined` if the table has none of that id. */
export const loadRow = (id: string): Row | undefined => readRow(id)

/** All rows of the table, in the order of their ids. */
export const loadTable = (): Row[] => readRows()
