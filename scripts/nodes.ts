// Finds the Node versions that the tests run under, and installs those that are missing into .cache/node/<major>/.
// Run by itself it prints them. The binaries come from the npm packages node-<os>-<arch>, which need no install script.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { runProcess } from './processes.ts'

/** Every supported major version of Node. */
export const majors: readonly number[] = [20, 22, 24, 26]

const attempts = 3
const systems: Partial<Record<NodeJS.Platform, string>> = { win32: 'win' }
const packageName = `node-${systems[process.platform] ?? process.platform}-${process.arch}`
const binaryPath = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'

/** What a Node calls itself, without the `v`. */
export function nodeVersion(binary: string): string {
  return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().replace(/^v/, '')
}

/** Whether a version is the wanted one: 20 is any version of Node 20, 20.19.0 that one. */
const fits = (version: string, wanted: number | string): boolean => `${version}.`.startsWith(`${wanted}.`)

/** The binary in a folder of the cache, if there is one that runs and is of that version. */
function installed(folder: string, version: number | string): string | undefined {
  const binary = join(folder, 'node_modules', packageName, binaryPath)
  if (!existsSync(binary)) return undefined
  try {
    return fits(nodeVersion(binary), version) ? binary : undefined
  } catch {
    return undefined
  }
}

/** The npm that came with this Node or that started us; a bare `npm` cannot be spawned on Windows. */
export function npmCommand(): string[] {
  const started = process.env.npm_execpath
  if (started !== undefined && basename(started) === 'npm-cli.js') return [process.execPath, started]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm']
}

// Installed beside its place and then moved, so that the place is never half filled, whoever else is at it.
async function install(folder: string, version: number | string): Promise<void> {
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const wanted = `${packageName}@${version}`
  try {
    for (let attempt = 1; ; attempt += 1) {
      const { code, output } = await runProcess([...npmCommand(), 'install', '--prefix', draft, ...quiet, wanted], {
        deadlineSeconds: 180,
      })
      if (code === 0 && installed(draft, version) !== undefined) break
      if (attempt === attempts) throw new Error(`npm install ${wanted} failed ${attempts} times:\n${output.trim()}`)
    }
    if (installed(folder, version) !== undefined) return
    rmSync(folder, { recursive: true, force: true })
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/**
 * The path of a Node of that major version, or of exactly that one: the one that runs, one in the cache, or one that is
 * installed now.
 * @throws Error that tells what npm said, if the version cannot be had
 */
export async function nodeBinary(version: number | string): Promise<string> {
  if (fits(process.versions.node, version)) return process.execPath
  const folder = resolve('.cache/node', String(version))
  if (installed(folder, version) === undefined) await install(folder, version)
  const binary = installed(folder, version)
  if (binary === undefined) throw new Error(`${folder} holds no Node ${version} that runs`)
  return binary
}

if (basename(process.argv[1] ?? '') === 'nodes.ts') {
  for (const major of majors) {
    const binary = await nodeBinary(major)
    console.log(`${nodeVersion(binary).padEnd(10)}  ${binary}`)
  }
}
