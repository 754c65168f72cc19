// Lists the files that belong to the repository, and tells the written ones from the generated.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'

/** Folders that hold what was built, downloaded or measured, never what belongs to the repository. */
const outside = new Set(['.cache', '.git', 'build', 'coverage', 'dist', 'node_modules'])

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return outside.has(entry.name) ? [] : walk(root, path)
    return entry.isFile() && !entry.name.endsWith('.tgz') ? [path] : []
  })
}

/**
 * The files of the repository, sorted, with `/` between folders: those that git tracks and those that it would add.
 * Where there is no git (an unpacked archive) it is what lies in the folders that nothing is built into.
 */
export function repositoryFiles(root = '.'): string[] {
  if (!existsSync(join(root, '.git'))) return walk(root, '').sort()
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  const paths = new Set(listed.split('\0').filter((path) => path !== ''))
  return [...paths].filter((path) => existsSync(join(root, path))).sort()
}

/** Whether the first line of a file says that a script writes it. */
export function isGenerated(text: string): boolean {
  const [first = ''] = text.split('\n', 1)
  return /^\W*Generated (?:from|by)\b/.test(first)
}

/** Whether a file is another project's, kept here as it is: its licence stands in it or beside it. */
export function isVendored(path: string): boolean {
  return /^embed\/c\/(?:wasm\/wasm-rt\b|tests\/jsmn\.h$)/.test(path)
}
