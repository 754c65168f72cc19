// A child process that speaks one JSON object per line: requests go in, replies and notices come out.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { EnvironmentError } from './result.js'
import type { Request } from './script.js'

/** The answer to a request. */
export interface Reply {
  ok: boolean
  unsupported?: boolean
  why?: string
  error?: string
  [field: string]: unknown
}

/** How a process ended. */
export interface Death {
  code: number | null
  signal: string | null
}

/** What a process says without being asked, and everything that goes over the pipes, for the trace. */
export interface Listener {
  notice(message: Record<string, unknown>): void
  trace(from: 'in' | 'out' | 'stderr', text: string): void
}

/** The process died, or spoke nonsense, while an answer was due. */
export class SilenceError extends Error {}

const running = new Set<ChildProcess>()

/** Stops every process that is still running, each by its own id. */
export const stopAll = (): void => {
  for (const child of running) child.kill('SIGKILL')
}

/** Describes a death in words. */
export const describeDeath = (death: Death): string =>
  death.signal === null ? `exit code ${death.code}` : `signal ${death.signal}`

/** One child and its pipe. */
export class LineProcess {
  readonly died: Promise<Death>
  #child: ChildProcess
  #name: string
  #listener: Listener
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined

  private constructor(name: string, child: ChildProcess, listener: Listener) {
    this.#name = name
    this.#child = child
    this.#listener = listener
    running.add(child)
    this.died = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(child)
        this.#abandon(`the ${name} died (${describeDeath({ code, signal })}) when an answer was due`)
        resolve({ code, signal })
      })
    })
    // A child that has gone takes nothing more: the answer that stays away is told by `died`.
    child.stdin?.on('error', () => undefined)
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#take(line))
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => listener.trace('stderr', line))
  }

  /** Starts a program. Rejects with {@link EnvironmentError} if it cannot be started. */
  static start(name: string, command: readonly string[], listener: Listener): Promise<LineProcess> {
    const [program = '', ...args] = command
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
      child.once('error', (error) => {
        reject(new EnvironmentError(`the ${name} cannot be started (${command.join(' ')}): ${error.message}`))
      })
      child.once('spawn', () => resolve(new LineProcess(name, child, listener)))
    })
  }

  /** Sends one request and waits for its reply. There is one request at a time. */
  request(request: Request): Promise<Reply> {
    if (this.#waiting) throw new Error('one request at a time')
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.tell(request)
      if (!running.has(this.#child)) this.#abandon(`the ${this.#name} is no longer there`)
    })
  }

  /** Sends one request that has no reply. */
  tell(request: Request): void {
    const text = JSON.stringify(request)
    this.#listener.trace('in', text)
    this.#child.stdin?.write(`${text}\n`)
  }

  /** Ends its input, waits a moment, and stops it by its id if it is still there. */
  async stop(): Promise<void> {
    if (!running.has(this.#child)) return
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 1000)
    await this.died
    clearTimeout(timer)
  }

  #abandon(problem: string): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(new SilenceError(problem))
  }

  #take(line: string): void {
    if (line.trim() === '') return
    let message: unknown
    try {
      message = JSON.parse(line)
    } catch {
      message = undefined
    }
    this.#listener.trace('out', line)
    if (message === null || typeof message !== 'object') {
      this.#abandon(`the ${this.#name} wrote a line that is no JSON object: ${line.slice(0, 200)}`)
    } else if ('event' in message || 'saw' in message) {
      this.#listener.notice(message as Record<string, unknown>)
    } else {
      const waiting = this.#waiting
      this.#waiting = undefined
      waiting?.resolve(message as Reply)
    }
  }
}

/** Splits a command line at its blanks; quotes and backslashes keep them. */
export const splitCommand = (text: string): string[] => {
  const words: string[] = []
  const pattern = /(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]))|(\s+)/gs
  let word: string | undefined
  for (const [, double, single, escaped, bare, blank] of text.matchAll(pattern)) {
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + (double?.replace(/\\(["\\])/g, '$1') ?? single ?? escaped ?? bare ?? '')
    }
  }
  if (word !== undefined) words.push(word)
  return words
}
