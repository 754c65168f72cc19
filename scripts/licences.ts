// Knows whose code is inside our bundles, and writes down its licences: they ask to be handed on.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** The packages whose code is bundled, and where the text of a licence lies if not in the package itself. */
export const bundled: Readonly<Record<string, string | undefined>> = {
  // Of the same project and authors.
  '@assemblyscript/loader': 'assemblyscript',
  commander: undefined,
  picocolors: undefined,
}

/** The packages of which a build has taken code. */
export function packagesIn({ outputs }: Metafile): Set<string> {
  const taken = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  )
  const names = taken.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
  return new Set(names.filter((name) => name !== undefined))
}

function textOf(name: string): string {
  const folder = join('node_modules', name)
  const file = existsSync(folder) ? readdirSync(folder).find((each) => /^licen[cs]e/i.test(each)) : undefined
  if (file === undefined) throw new Error(`${folder} has no text of a licence`)
  return readFileSync(join(folder, file), 'utf8').trim()
}

/**
 * The licences of what is inside.
 * @throws Error if that is not what {@link bundled} says
 */
export function licencesOf(packages: ReadonlySet<string>): string {
  const said = Object.keys(bundled).sort()
  const found = [...packages].sort()
  if (said.join() !== found.join()) throw new Error(`bundled are ${found}; scripts/licences.ts says ${said}`)
  const parts = found.map((name) => {
    const { version, license } = JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8')) as {
      version: string
      license: string
    }
    return `${'-'.repeat(100)}\n${name} ${version} (${license})\n\n${textOf(bundled[name] ?? name)}\n`
  })
  return `The scripts of this package contain code of these packages, under these licences.\n\n${parts.join('\n')}`
}
