// Lays out build/jsr, from which `deno publish` takes the package for JSR: what was built, as that registry wants it.
// 1. A module names its types itself, and types name each other by the files that there are.
// 2. Nothing but the modules, their types and the documents: no command line, no manual, no data as single files.
// With --check it asks Deno for a dry run, which needs no network.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installed } from './runtimes.ts'

const folder = 'build/jsr'
const documents = ['README.md', 'CHANGELOG.md', 'LICENSE', 'jsr.json']

interface Manifest {
  version: string
  exports: Record<string, string>
}

function change(path: string, to: (text: string) => string): void {
  writeFileSync(path, to(readFileSync(path, 'utf8')))
}

function layOut(): void {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
  const manifest = JSON.parse(readFileSync('jsr.json', 'utf8')) as Manifest
  if (manifest.version !== version) throw new Error(`jsr.json has version ${manifest.version}, package.json ${version}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const path of documents) cpSync(path, join(folder, path))
  for (const path of readdirSync('dist')) {
    if (!/^cli[.-]|\.1$/.test(path)) cpSync(join('dist', path), join(folder, 'dist', path), { recursive: true })
  }
  for (const path of new Set(Object.values(manifest.exports))) {
    const [, auto, name] = /(auto-)?([a-z]+)\.js$/.exec(path) ?? []
    const types = `./types/adapters/${name}/${auto === undefined ? 'index' : 'auto'}.d.ts`
    change(join(folder, path), (text) => `/* @ts-self-types="${types}" */\n${text}`)
  }
  const types = readdirSync(join(folder, 'dist/types'), { recursive: true, encoding: 'utf8' })
  for (const path of types.filter((each) => each.endsWith('.d.ts'))) {
    const named = /((?:from|import\()\s*)'(\.{1,2}\/[^']+)\.js'/g
    change(join(folder, 'dist/types', path), (text) => text.replaceAll(named, "$1'$2.d.ts'"))
  }
}

function dryRun(): void {
  const found = installed('deno')
  if ('missing' in found) throw new Error(found.missing)
  // Beside the package.json of the repository Deno would look for types of Node that no user of JSR has.
  const env = { ...process.env, DENO_NO_PACKAGE_JSON: '1', DENO_NO_UPDATE_CHECK: '1' }
  const command = [found.runtime.command[0] ?? 'deno', 'publish', '--dry-run', '--allow-dirty', '--no-lock'] as const
  execFileSync(command[0], command.slice(1), { cwd: folder, env, stdio: 'inherit' })
}

layOut()
if (process.argv.includes('--check')) dryRun()
