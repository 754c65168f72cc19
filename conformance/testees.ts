// Finds the program of a testee: a command line, or the name of one that comes with this package.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rootFolder } from '../adapters/spec/files.js'
import { ownFile } from './own-file.js'
import { splitCommand } from './line-process.js'
import { EnvironmentError, UsageError } from './result.js'

const source = (name: string): string => join(rootFolder(), 'conformance', 'testees', name)
const compileMs = 60_000

/** Compiles the testee in C into a folder that is gone with this process. */
const compileTestee = async (): Promise<string[]> => {
  const compiler = process.env.CC ?? 'cc'
  const folder = mkdtempSync(join(tmpdir(), 'finrst-testee-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const binary = join(folder, 'raw')
  const libraries = process.platform === 'sunos' ? ['-lsocket', '-lnsl'] : []
  try {
    await promisify(execFile)(compiler, ['-O1', '-o', binary, source('raw.c'), ...libraries], { timeout: compileMs })
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string }
    const why = code === 'ENOENT' ? 'there is no such program; CC names another' : stderr?.trim() || message
    throw new EnvironmentError(`the testee in C cannot be compiled with ${compiler}: ${why}`)
  }
  return [binary]
}

/** Those that come with this package: bare system calls in two languages, and the guard under each runtime. */
const bundled: Readonly<Record<string, () => string[] | Promise<string[]>>> = {
  node: () => [process.versions.deno || process.versions.bun ? 'node' : process.execPath, ownFile, '__testee'],
  deno: () => ['deno', 'run', '--allow-all', '--no-lock', ownFile, '__testee'],
  bun: () => ['bun', ownFile, '__testee'],
  python: () => [process.env.PYTHON ?? 'python3', source('raw.py')],
  c: compileTestee,
}

/** The names of those that come with this package. */
export const bundledNames: readonly string[] = Object.keys(bundled)

/** The command of what was typed after `--testee`. */
export const testeeCommand = async (typed: string): Promise<readonly string[]> => {
  const name = /^bundled:(.*)$/.exec(typed)?.[1]
  if (name !== undefined) {
    const found = Object.hasOwn(bundled, name) ? bundled[name] : undefined
    if (found) return found()
    throw new UsageError(`no testee is named bundled:${name}; there are ${bundledNames.join(', ')}`)
  }
  const command = splitCommand(typed)
  if (command.length === 0) throw new UsageError('--testee needs a command, or bundled:NAME')
  return command
}
