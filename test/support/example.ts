// Runs a program of examples/ as its first lines say, under the runtime of the test.
import { type ChildProcess, spawn } from 'node:child_process'
import { soon } from './deadline.js'
import { runtime, runtimeArguments } from './runtime.js'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
/** Node runs TypeScript by itself since 22.18 and 23.6; an older one goes through the bundler of this repository. */
export const runsTypes =
  runtime !== 'node' || major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)

/** An example that runs. */
export interface Example {
  readonly child: ChildProcess
  /** How it has ended. */
  readonly ended: Promise<number | null>
  /** The next match of what it prints from now on. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts `examples/<name>.ts` with arguments. */
export const startExample = (name: string, ...args: string[]): Example => {
  const file = `examples/${name}.ts`
  const command = runsTypes ? [...runtimeArguments, file] : ['scripts/run.mjs', file]
  const child = spawn(process.execPath, [...command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  let text = ''
  let from = 0
  const lookers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more
      for (const look of lookers) look()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  // All that it printed has been read then.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const prints = (pattern: RegExp): Promise<RegExpExecArray> => {
    const found = new Promise<RegExpExecArray>((resolve) => {
      const look = (): void => {
        const match = pattern.exec(text.slice(from))
        if (match === null) return
        from += match.index + match[0].length
        lookers.delete(look)
        resolve(match)
      }
      lookers.add(look)
      look()
    })
    const early = closed.then(() => Promise.reject(new Error(`${name} ended and had printed: ${text}`)))
    return soon(`${name} prints ${pattern}`, Promise.race([found, early]), 30_000)
  }
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return { child, ended, prints, stop }
}
