// Builds the programs of this folder and runs them as children that talk over the channel of child_process.fork().
import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

let folder: string | undefined
const built = new Map<string, Promise<string>>()
const running = new Set<ChildProcess>()

const compile = async (name: string): Promise<string> => {
  if (folder === undefined) {
    const parent = join(process.cwd(), 'build', 'test')
    mkdirSync(parent, { recursive: true })
    folder = mkdtempSync(join(parent, 'programs-'))
  }
  const outfile = join(folder, `${name}.mjs`)
  await build({
    entryPoints: [`test/support/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    loader: { '.wasm': 'binary' },
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
  /** What it wrote to its error output. */
  errors(): string
}

/** Starts a program with arguments; what it writes to its outputs is kept for messages. */
export const startProgram = async (
  name: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Running> => {
  const child = fork(await programPath(name), args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
    execArgv: [],
  })
  running.add(child)
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  const died = new Promise<Death>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  return { child, died, errors: () => text }
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
