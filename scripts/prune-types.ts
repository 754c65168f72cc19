// Takes away the declarations that nothing published leads to: half of what the compiler writes is about the inside.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

type Target = string | { [condition: string]: Target }

const pathsOf = (target: Target): string[] =>
  typeof target === 'string' ? [target] : Object.values(target).flatMap(pathsOf)

/** The files that a declaration names. */
const namedIn = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/\b(?:from|import|import\()\s*['"](\.[^'"]+)['"]/g)].map(([, to = '']) => {
    return join(dirname(path), to.replace(/\.js$/, '.d.ts'))
  })

/** Removes from `folder` every declaration that no export of the manifest leads to; answers those that stay. */
export function pruneTypes(folder: string, manifest = 'package.json'): Set<string> {
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports: Record<string, Target> }
  const kept = new Set<string>()
  const waiting = Object.values(exports)
    .flatMap(pathsOf)
    .filter((path) => path.endsWith('.d.ts'))
    .map(normalize)
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (kept.has(path)) continue
    kept.add(path)
    waiting.push(...namedIn(path))
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !kept.has(path)) rmSync(path)
  }
  return kept
}
