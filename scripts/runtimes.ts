// Finds the runtimes that the tests run under: every supported Node, and the Deno and the Bun of the lock file.
// Run by itself it prints them. Deno and Bun come in npm packages for each platform; the binary in it is started
// itself, so that no install script has to run, and nothing stands between a signal and the process.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { majors, nodeBinary, nodeVersion } from './nodes.ts'

export type RuntimeName = 'node' | 'deno' | 'bun'

/** A runtime that runs on this machine. */
export interface Runtime {
  name: RuntimeName
  version: string
  /** What stands before the path of a program. */
  command: string[]
}

/** The Deno or the Bun that was installed with the other development tools, or why there is none. */
export type Installed = { runtime: Runtime } | { missing: string }

// Deno's binary in the package of this platform; Bun's there too, unless an install script has moved it.
const scopes: Record<'deno' | 'bun', { scope: string; binary: string; moved: string[]; flags: string[] }> = {
  deno: { scope: '@deno', binary: 'deno', moved: ['deno/deno'], flags: ['run', '--allow-all', '--no-lock'] },
  bun: { scope: '@oven', binary: 'bin/bun', moved: ['bun/bin/bun.exe'], flags: [] },
}

function versionOf(binary: string): string | undefined {
  try {
    const output = execFileSync(binary, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return /\d+\.\d+\.\d+\S*/.exec(output)?.[0]
  } catch {
    return undefined
  }
}

/** Looks for the Deno or the Bun of the lock file. */
export function installed(name: 'deno' | 'bun', root = 'node_modules'): Installed {
  const { scope, binary, moved, flags } = scopes[name]
  const folder = join(root, scope)
  const packages = existsSync(folder) ? readdirSync(folder) : []
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const paths = [...packages.map((each) => join(folder, each, binary + suffix)), ...moved.map((at) => join(root, at))]
  for (const path of paths) {
    const version = existsSync(path) ? versionOf(path) : undefined
    if (version !== undefined) return { runtime: { name, version, command: [resolve(path), ...flags] } }
  }
  return { missing: `there is no ${name} for ${process.platform} on ${process.arch} in ${root}` }
}

/**
 * A Node of that major version.
 * @throws Error that tells what npm said, if the version cannot be had
 */
export async function nodeRuntime(major: number): Promise<Runtime> {
  const binary = await nodeBinary(major)
  return { name: 'node', version: nodeVersion(binary), command: [binary, '--enable-source-maps'] }
}

if (basename(process.argv[1] ?? '') === 'runtimes.ts') {
  const others = (['deno', 'bun'] as const).flatMap((name) => {
    const found = installed(name)
    return 'runtime' in found ? [found.runtime] : []
  })
  for (const { name, version, command } of [...(await Promise.all(majors.map(nodeRuntime))), ...others]) {
    console.log(`${name.padEnd(4)}  ${version.padEnd(10)}  ${command.join(' ')}`)
  }
}
