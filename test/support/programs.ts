// Builds the programs of this folder and runs them as children that talk in lines.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { hear } from './channel.js'
import { soon } from './deadline.js'
import { nodePath, runtime, runtimeArguments } from './runtime.js'
import { programOptions } from '../../scripts/bundling.ts'

let folder: string | undefined
const built = new Map<string, Promise<string>>()
const running = new Set<ChildProcess>()

/** The peer is a Node whatever the tests run under: what it sees must not depend on what is tested. */
const runsOnNode = (name: string): boolean => name.endsWith('peer-program')

const compile = async (name: string): Promise<string> => {
  if (folder === undefined) {
    const parent = join(process.cwd(), 'build', 'test')
    mkdirSync(parent, { recursive: true })
    folder = mkdtempSync(join(parent, 'programs-'))
  }
  const outfile = join(folder, `${name}.mjs`)
  await build({
    ...programOptions,
    entryPoints: [`test/support/${name}.ts`],
    outfile,
    conditions: [runsOnNode(name) ? 'node' : runtime],
    logLevel: 'error',
  })
  return outfile
}

/** The path of a program, built at the first call. */
export const programPath = (name: string): Promise<string> => {
  const path = built.get(name) ?? compile(name)
  built.set(name, path)
  return path
}

/** How a child ended. */
export interface Death {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A running program. */
export interface Running {
  readonly child: ChildProcess
  readonly died: Promise<Death>
  /** Tells it something, if it still runs. */
  tell(message: unknown): void
  /** Hears everything that it says from now on. */
  hear(listener: (message: unknown) => void): void
  /** The next that it says. */
  next(): Promise<unknown>
  /** What it wrote to its error output. */
  errors(): string
}

/** Starts a program with arguments, perhaps by another; what it writes to its error output is kept for messages. */
export const startProgram = async (
  name: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
  flags: readonly string[] = [],
  by: readonly string[] = [],
): Promise<Running> => {
  const path = await programPath(name)
  const command = runsOnNode(name) ? [nodePath, path] : [process.execPath, ...runtimeArguments, ...flags, path]
  return startCommand([...by, ...command, ...args], env)
}

/** Starts any command that talks as a program of this folder does. */
export const startCommand = ([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): Running => {
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
  })
  running.add(child)
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  // A program that has gone takes nothing more: its death is told by `died`.
  child.stdin.on('error', () => undefined)
  const listeners = new Set<(message: unknown) => void>()
  hear(child.stdout, (message) => {
    for (const listener of [...listeners]) listener(message)
  })
  const died = new Promise<Death>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  return {
    child,
    died,
    errors: () => text,
    tell: (message) => {
      if (running.has(child)) child.stdin.write(`${JSON.stringify(message)}\n`)
    },
    hear: (listener) => void listeners.add(listener),
    next: () =>
      new Promise((resolve) => {
        const once = (message: unknown): void => {
          listeners.delete(once)
          resolve(message)
        }
        listeners.add(once)
      }),
  }
}

/** Keeps what a program says, and resolves with the first of it that is looked for. */
export const reportsOf = <Report>(
  program: Running,
): ((what: string, holds: (report: Report) => boolean) => Promise<Report>) => {
  const reports: Report[] = []
  const looks = new Set<() => void>()
  program.hear((message) => {
    reports.push(message as Report)
    for (const look of [...looks]) look()
  })
  return (what, holds) => {
    const found = new Promise<Report>((resolve) => {
      const look = (): void => {
        const report = reports.find(holds)
        if (report === undefined) return
        looks.delete(look)
        resolve(report)
      }
      looks.add(look)
      look()
    })
    return soon(what, found)
  }
}

/** Stops what still runs, each by its own id, and removes what was built. */
export const stopPrograms = async (): Promise<void> => {
  const ends = [...running].map((child) => new Promise((resolve) => child.once('exit', resolve)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(ends)
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
  built.clear()
}
