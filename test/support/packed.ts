// Packs the package as it is published, and installs it into empty projects.
// It is packed in a copy of the repository, because packing builds and the other tests use what was built.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { repositoryFiles } from '../../scripts/files.ts'
import { npmCommand } from '../../scripts/nodes.ts'
import { runProcess, stopOnSignals } from '../../scripts/processes.ts'

/** What `npm pack` tells of the package. */
export interface Packed {
  filename: string
  size: number
  unpackedSize: number
  files: { path: string; size: number; mode: number }[]
}

/** Where all of it lies; removed when the process ends. */
export const temporary = mkdtempSync(join(tmpdir(), 'finrst-package-'))
stopOnSignals()
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))

/** Runs a command in a folder, without the settings that npm hands to what it starts; its output, if it succeeds. */
export async function succeed(folder: string, ...command: string[]): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:npm_(?!config_registry)|INIT_CWD)/i.test(name))
  const { code, output, late } = await runProcess(command, {
    deadlineSeconds: 150,
    folder,
    // Deno fetches its bundler: it trusts whom the system trusts, as npm does, and not only whom it knows itself.
    env: {
      DENO_TLS_CA_STORE: 'mozilla,system',
      ...Object.fromEntries(inherited),
      NO_COLOR: '1',
      npm_config_loglevel: 'error',
    },
  })
  if (code !== 0) throw new Error(`${late ? 'too late' : `exit code ${code}`}: ${command.join(' ')}\n${output}`)
  return output
}

/** The files of the repository, without what was built, beside the tools that build it. */
function copyRepository(): string {
  const copy = join(temporary, 'repository')
  for (const path of repositoryFiles()) {
    mkdirSync(join(copy, dirname(path)), { recursive: true })
    copyFileSync(path, join(copy, path))
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'), 'junction')
  return copy
}

/** Packs the repository into {@link temporary}. */
export async function pack(): Promise<Packed> {
  const json = await succeed(
    copyRepository(),
    ...npmCommand(),
    ...['pack', '--json', '--foreground-scripts=false', '--pack-destination', temporary],
  )
  const [packed] = JSON.parse(json.slice(json.indexOf('[\n'))) as Packed[]
  if (packed === undefined) throw new Error(`npm pack told nothing:\n${json}`)
  tarball = join(temporary, packed.filename)
  return packed
}

/** The path of what {@link pack} has packed. */
export let tarball: string

/** A project with nothing but the package in it. */
export async function installed(name: string, ...flags: string[]): Promise<string> {
  const folder = join(temporary, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline']
  await succeed(folder, ...npmCommand(), 'install', ...quiet, ...flags, tarball)
  return folder
}

/** Gives a project the types of a runtime, as they are in this repository. */
export function giveTypes(folder: string, ...names: string[]): void {
  const types = join(folder, 'node_modules/@types')
  mkdirSync(types)
  for (const name of names) symlinkSync(resolve('node_modules/@types', name), join(types, name), 'junction')
}
