// Reads the code of a document and runs it as its reader would.
//
// 1. A block `js` or `ts` is a program; one whose first line is `// <name>` is a file of that name for what follows.
// 2. A block `sh` is given to bash, with the command line of this repository for `npx finrst`.
// 3. A block without a language directly behind one of these is what it must print.
// 4. `<!-- with: deno -->` before a block runs it under Deno, and so for Bun; `<!-- with: <name> -->` gives it what a
//    reader has already (given.ts), and both are named with a comma. `<!-- not run: <why> -->` says why it cannot be.
// 5. The ports 7007 and 7008 are any that are free.
// 6. In the repository, an old Node runs `node examples/` in the way that examples/README.md tells.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { transform } from 'esbuild'
import { installed } from '../../scripts/runtimes.ts'
import { runsTypes } from './example.js'
import { type Given, givens } from './given.js'

/** One piece of code, and what its document says that it prints. */
export interface Piece {
  path: string
  /** The line that it begins at. */
  line: number
  language: string
  code: string
  /** What it must print. */
  output: string | undefined
  /** The names behind `with:` in the comment before it. */
  given: readonly string[]
  /** Why it is not run. */
  notRun: string | undefined
}

const runnable = ['js', 'ts', 'sh']

/** The code of a document, in order. */
export function piecesOf(path: string): Piece[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  const pieces: Piece[] = []
  let given: string[] = []
  let notRun: string | undefined
  let last: Piece | undefined
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const [, word, comment] = /^<!-- (with|not run): (.+) -->$/.exec(line) ?? []
    if (word === 'with') given = comment?.split(', ') ?? []
    if (word === 'not run') notRun = comment
    const language = /^```(\S*)/.exec(line)?.[1]
    if (language === undefined) {
      if (line.trim() !== '' && comment === undefined) last = undefined
      continue
    }
    const end = lines.findIndex((each, index) => index > at && each.startsWith('```'))
    const code = lines.slice(at + 1, end).join('\n')
    if (runnable.includes(language)) {
      last = { path, line: at + 1, language, code, output: givenTo(given).prints, given, notRun }
      pieces.push(last)
    } else if (language === '' && last !== undefined) {
      last.output = code
      last = undefined
    }
    given = []
    notRun = undefined
    at = end
  }
  return pieces
}

/** The ports that documents name, each with one that is free. */
async function freePorts(): Promise<[string, string][]> {
  const servers = ['7007', '7008'].map((name) => ({ name, server: createServer().listen(0) }))
  const ports: [string, string][] = []
  for (const { name, server } of servers) {
    if (!server.listening) await once(server, 'listening')
    ports.push([name, String((server.address() as AddressInfo).port)])
  }
  for (const { server } of servers) server.close()
  return ports
}

const replaced = (text: string, pairs: readonly (readonly [string, string])[]): string =>
  pairs.reduce((changed, [from, to]) => changed.replaceAll(from, to), text)

const runtimeOf = (given: readonly string[]): string[] => {
  const name = (['deno', 'bun'] as const).find((each) => given.includes(each))
  if (name === undefined) return [process.execPath]
  const found = installed(name)
  if ('missing' in found) throw new Error(found.missing)
  return found.runtime.command
}

/** What a reader has already. */
function givenTo(names: readonly string[]): Given {
  const own = names.filter((name) => name !== 'deno' && name !== 'bun')
  for (const name of own) if (givens[name] === undefined) throw new Error(`there is no "${name}" in given.ts`)
  return givens[own[0] ?? ''] ?? {}
}

/** What a run has come to. */
export interface Outcome {
  code: number | null
  output: string
  errors: string
}

/** A folder in which a reader follows a document: finrst is installed, and files of the document stay. */
export class Reader {
  readonly folder = mkdtempSync(join(tmpdir(), 'finrst-reader-'))
  readonly #ports = freePorts()
  readonly #root = resolve('.')
  #programs = 0

  /** @param inside Whether what is read is run from the root of the repository. */
  constructor(readonly inside = false) {
    mkdirSync(join(this.folder, 'node_modules'))
    mkdirSync(join(this.folder, 'bin'))
    symlinkSync(this.#root, join(this.folder, 'node_modules/finrst'))
    symlinkSync(join(this.#root, 'node_modules/@opentelemetry'), join(this.folder, 'node_modules/@opentelemetry'))
    const cli = `"${process.execPath}" "${this.#root}/dist/cli.js"`
    const shim = `#!/bin/sh\n[ "$1" = finrst ] || exit 127\nshift\nexec ${cli} "$@"\n`
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }\n')
    writeFileSync(join(this.folder, 'bin/npx'), shim, { mode: 0o755 })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs a piece, or writes it if it is a file; answers undefined then. */
  async run({ language, code, given }: Piece, ms: number): Promise<Outcome | undefined> {
    const ports = await this.#ports
    const own = (text: string): string =>
      replaced(
        text,
        ports.map(([name, port]) => [port, name]),
      )
    const typed = runsTypes || !this.inside ? code : code.replaceAll('node examples/', 'node scripts/run.mjs examples/')
    const { before, after } = givenTo(given)
    const text = replaced([before, typed, after].filter((part) => part !== undefined).join('\n'), ports)
    const name = language === 'sh' ? undefined : /^\/\/ ([\w.-]+\.\w+)$/m.exec(code.split('\n')[0] ?? '')?.[1]
    if (name !== undefined) {
      writeFileSync(join(this.folder, name), text)
      return undefined
    }
    const command = language === 'sh' ? ['bash', '-c', text] : [...runtimeOf(given), await this.#program(text)]
    const outcome = await this.#spawn(command, ms)
    return { ...outcome, output: own(outcome.output), errors: own(outcome.errors) }
  }

  async #program(text: string): Promise<string> {
    this.#programs += 1
    const { code } = await transform(text, { loader: 'ts', format: 'esm', target: 'node20' })
    const path = join(this.folder, `program-${this.#programs}.mjs`)
    writeFileSync(path, code)
    return path
  }

  #spawn([program = '', ...rest]: string[], ms: number): Promise<Outcome> {
    const { NODE_DEBUG: _, FORCE_COLOR: __, ...env } = process.env
    const path = [join(this.folder, 'bin'), dirname(process.execPath), env.PATH].join(delimiter)
    return new Promise((done, reject) => {
      // A group of its own: what a shell leaves in the background ends with it.
      const child = spawn(program, rest, {
        cwd: this.inside ? this.#root : this.folder,
        env: { ...env, PATH: path, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      let output = ''
      let errors = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors += text
      })
      const stop = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
        } catch {
          // Nobody is left.
        }
      }
      const timer = setTimeout(stop, ms)
      child.once('error', reject)
      child.once('exit', (code) => {
        clearTimeout(timer)
        stop()
        child.once('close', () => done({ code, output: output.trimEnd(), errors: errors.trimEnd() }))
      })
    })
  }
}

/** A name for a test. */
export const nameOf = ({ path, line, language }: Piece): string => `${basename(path)}:${line} (${language})`
