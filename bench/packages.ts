// Installs what only the benchmarks need into build/bench-packages/, pinned: the peers, and the library that draws.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { npmCommand } from '../scripts/nodes.ts'
import { runProcess } from '../scripts/processes.ts'

/** The versions that are measured. */
export const versions = {
  'http-terminator': '3.2.0',
  stoppable: '1.1.0',
  'http-graceful-shutdown': '4.0.0',
  '@godaddy/terminus': '4.12.1',
  'net-keepalive': '4.0.28',
  echarts: '6.1.0',
} as const

/** Where they are installed. */
export const packagesFolder = resolve('build/bench-packages')

function isInstalled(name: string, version: string): boolean {
  const path = join(packagesFolder, 'node_modules', name, 'package.json')
  return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).version === version
}

/**
 * Loads a package, after all were installed.
 * @throws Error that tells what npm said, if they cannot be had
 */
export async function loadPackage<Exports>(name: keyof typeof versions): Promise<Exports> {
  await installPackages()
  return createRequire(join(packagesFolder, 'from.js'))(name) as Exports
}

/** Installs what is missing. No install script runs. */
export async function installPackages(): Promise<void> {
  const wanted = Object.entries(versions)
  if (wanted.every(([name, version]) => isInstalled(name, version))) return
  mkdirSync(packagesFolder, { recursive: true })
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const named = wanted.map(([name, version]) => `${name}@${version}`)
  const command = [...npmCommand(), 'install', '--prefix', packagesFolder, ...quiet, ...named]
  const { code, output } = await runProcess(command, { deadlineSeconds: 300 })
  if (code !== 0) throw new Error(`npm install ${named.join(' ')} failed:\n${output.trim()}`)
}
