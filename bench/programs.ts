// Builds the programs of bench/programs/ for a runtime and runs them as children that talk in lines.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { majors } from '../scripts/nodes.ts'
import { installed, nodeRuntime, type Runtime } from '../scripts/runtimes.ts'
import { twinPlugin } from '../simulation/twin-plugin.ts'
import { hear } from '../test/support/channel.js'
import { programOptions } from '../scripts/bundling.ts'

const deadlineMs = 120_000
const children = new Set<ReturnType<typeof spawn>>()
const built = new Map<string, Promise<string>>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A running program. */
export interface Program {
  pid: number
  /** What it said first. */
  ready: Record<string, unknown>
  /** Tells it something and hears its next message. */
  ask(message: unknown): Promise<Record<string, unknown>>
  tell(message: unknown): void
  /** Tells it to end, and resolves when it has gone. */
  finish(): Promise<void>
  /** Ends it by a signal, and resolves when it has gone. */
  end(signal?: NodeJS.Signals): Promise<void>
}

async function compile(name: string, conditions: string): Promise<string> {
  const folder = join(process.cwd(), 'build/bench', `${conditions}.${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${name}.mjs`)
  await build({
    ...programOptions,
    entryPoints: [`bench/programs/${name}.ts`],
    outfile,
    conditions: [conditions],
    plugins: [twinPlugin(process.cwd())],
    logLevel: 'error',
  })
  return outfile
}

/** The runtimes that are compared: Node 20, 24 and 26, Deno and Bun; only the running Node where it is to be quick. */
export async function comparedRuntimes(quick: boolean): Promise<Runtime[]> {
  const wanted = quick ? [] : majors.filter((major) => major !== 22)
  const running = { name: 'node', version: process.versions.node, command: [process.execPath] } as const
  const nodes = quick ? [{ ...running, command: [...running.command] }] : await Promise.all(wanted.map(nodeRuntime))
  const others = (['deno', 'bun'] as const).flatMap((name) => {
    const found = installed(name)
    if ('runtime' in found) return [found.runtime]
    console.error(`left out: ${found.missing}`)
    return []
  })
  return [...nodes, ...others]
}

/** The Node that runs. */
export const thisNode: Runtime = { name: 'node', version: process.versions.node, command: [process.execPath] }

export const nameOf = ({ name, version }: Runtime): string =>
  `${name.charAt(0).toUpperCase()}${name.slice(1)} ${version}`

const collecting = { node: ['--expose-gc'], deno: ['--v8-flags=--expose-gc'], bun: [] }

/**
 * Starts a program with one argument, which it reads as JSON.
 * @param prefix what runs the runtime, such as strace
 * @throws Error with what it wrote to its error output, if it ends before it speaks
 */
export async function startProgram(
  name: string,
  argument: unknown,
  runtime: Runtime = thisNode,
  prefix: string[] = [],
): Promise<Program> {
  const key = `${runtime.name}/${name}`
  const path = built.get(key) ?? compile(name, runtime.name)
  built.set(key, path)
  const [program = '', ...args] = [...prefix, ...runtime.command, ...collecting[runtime.name]]
  const child = spawn(program, [...args, await path, JSON.stringify(argument)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', DENO_NO_UPDATE_CHECK: '1' },
  })
  children.add(child)
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  child.stdin.on('error', () => undefined)
  const died = new Promise<void>((resolve) => {
    child.once('close', () => {
      children.delete(child)
      resolve()
    })
  })
  let heard: ((message: Record<string, unknown>) => void) | undefined
  hear(child.stdout, (message) => heard?.(message as Record<string, unknown>))
  const next = (): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const fail = (what: string): void => reject(new Error(`${name} under ${nameOf(runtime)} ${what}:\n${errors}`))
      const timer = setTimeout(() => fail(`said nothing for ${deadlineMs} ms`), deadlineMs)
      heard = (message) => {
        clearTimeout(timer)
        resolve(message)
      }
      void died.then(() => {
        clearTimeout(timer)
        fail('ended')
      })
    })
  const tell = (message: unknown): void => void child.stdin.write(`${JSON.stringify(message)}\n`)
  const ready = await next()
  return {
    pid: child.pid ?? 0,
    ready,
    tell,
    ask: (message) => {
      const answer = next()
      tell(message)
      return answer
    },
    finish: async () => {
      tell('end')
      await died
    },
    end: async (signal = 'SIGKILL') => {
      child.kill(signal)
      await died
    },
  }
}
