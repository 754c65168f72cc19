// A child process that speaks one JSON object per line: requests go in, replies and notices come out.
//
// 1. A process of somebody else's may say anything, and as much as it likes. A line, and all lines together, have a
//    bound; whoever passes it, or writes what is no object, is broken from then on, and every request says so.
// 2. It has a process group of its own, so that what it has started is stopped with it.
// 3. It is dead when it has exited: what it has started may keep its pipes open, and is not waited for.
// 4. One of our own may serve several scripts, each with a name, a listener and bounds of its own (reserve.ts).
import { type ChildProcess, spawn } from 'node:child_process'
import { Lines } from './lines.js'
import { EnvironmentError, UsageError } from './result.js'
import type { Request } from './verbs.js'

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
  /** It broke the protocol, and will answer nothing any more. */
  broken?(problem: string): void
}

/** The process died, or spoke nonsense, while an answer was due. */
export class SilenceError extends Error {}

/** The longest line of an answer, and of what is written to standard error. */
const longestLine = 1024 * 1024
const longestComplaint = 1000
/** The most that a process may write in one script. */
const mostLines = 200_000
const mostBytes = 64 * 1024 * 1024
/** How long the pipes of a process may stay open behind its death, and how long it has to go when it is asked to. */
const pipesMs = 500
const graceMs = 1000

const running = new Set<ChildProcess>()
// Windows has no process groups: only the program itself is ended there.
const grouped = process.platform !== 'win32'

/** Kills a process and what it has started. */
const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return
  try {
    if (grouped) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // The whole group has already gone.
  }
}

/** Stops every process that is still running, each by its own id. */
export const stopAll = (): void => {
  for (const child of running) killGroup(child)
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

  #broken: string | undefined
  #lines = 0
  #bytes = 0

  private constructor(name: string, child: ChildProcess, listener: Listener) {
    this.#name = name
    this.#child = child
    this.#listener = listener
    running.add(child)
    this.died = new Promise((resolve) => {
      child.once('exit', () => {
        setTimeout(() => {
          child.stdout?.destroy()
          child.stderr?.destroy()
        }, pipesMs).unref()
      })
      child.once('close', (code, signal) => {
        running.delete(child)
        this.#abandon(`the ${name} died (${describeDeath({ code, signal })}) when an answer was due`)
        resolve({ code, signal })
      })
    })
    // A child that has gone takes nothing more: the answer that stays away is told by `died`.
    child.stdin?.on('error', () => undefined)
    this.#listen(child)
  }

  #listen({ stdout, stderr }: ChildProcess): void {
    const answers = new Lines(longestLine, {
      line: (line) => this.#take(line),
      tooLong: () => this.break(`wrote a line longer than ${longestLine} characters`),
    })
    stdout?.on('data', (bytes: Buffer) => {
      this.#bytes += bytes.length
      if (this.#bytes > mostBytes) this.break(`wrote more than ${mostBytes} bytes`)
      else answers.take(bytes)
    })
    stdout?.on('end', () => answers.end())
    const complaints = new Lines(longestComplaint, { line: (line) => this.#listener.trace('stderr', line) })
    stderr?.on('data', (bytes: Buffer) => complaints.take(bytes))
    stderr?.on('end', () => complaints.end())
  }

  /** Starts a program. Rejects with {@link EnvironmentError} if it cannot be started. */
  static start(name: string, command: readonly string[], listener: Listener): Promise<LineProcess> {
    const [program = '', ...args] = command
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true, detached: grouped })
      child.once('error', (error) => {
        reject(new EnvironmentError(`the ${name} cannot be started (${command.join(' ')}): ${error.message}`))
      })
      child.once('spawn', () => resolve(new LineProcess(name, child, listener)))
    })
  }

  /** Its own id; `undefined` if it was never there. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it runs, has kept to the protocol, and owes no answer. */
  get usable(): boolean {
    return running.has(this.#child) && this.#broken === undefined && this.#waiting === undefined
  }

  /** From now on it is another script's. */
  serve(name: string, listener: Listener): void {
    this.#name = name
    this.#listener = listener
    this.#lines = 0
    this.#bytes = 0
  }

  /** Sends one request and waits for its reply. There is one request at a time. */
  request(request: Request): Promise<Reply> {
    if (this.#waiting) throw new Error('one request at a time')
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      if (this.#broken !== undefined) return this.#abandon(this.#broken)
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

  /** Ends its input, waits a moment, and stops what is still there of it and of what it has started. */
  async stop(): Promise<void> {
    if (running.has(this.#child)) {
      this.#child.stdin?.end()
      const timer = setTimeout(() => killGroup(this.#child), graceMs)
      await this.died
      clearTimeout(timer)
    }
    killGroup(this.#child)
  }

  /** Stops it at once. */
  async kill(): Promise<void> {
    killGroup(this.#child)
    if (running.has(this.#child)) await this.died
  }

  #abandon(problem: string): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(new SilenceError(problem))
  }

  /** From now on it is not listened to, and it is stopped, because of what it did. */
  break(what: string): void {
    if (this.#broken !== undefined) return
    this.#broken = `the ${this.#name} ${what}`
    this.#child.stdout?.removeAllListeners('data').resume()
    killGroup(this.#child)
    this.#listener.broken?.(this.#broken)
    this.#abandon(this.#broken)
  }

  #take(line: string): void {
    if (line.trim() === '' || this.#broken !== undefined) return
    this.#lines += 1
    if (this.#lines > mostLines) return this.break(`wrote more than ${mostLines} lines`)
    let message: unknown
    try {
      message = JSON.parse(line)
    } catch {
      message = undefined
    }
    this.#listener.trace('out', line)
    if (message === null || typeof message !== 'object' || Array.isArray(message)) {
      this.break(`wrote a line that is no JSON object: ${line.slice(0, 200)}`)
    } else if ('event' in message || 'saw' in message) {
      this.#listener.notice(message as Record<string, unknown>)
    } else {
      this.#answer(message as Reply)
    }
  }

  #answer(reply: Reply): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting.resolve(reply)
    else this.break(`answered without being asked: ${JSON.stringify(reply).slice(0, 200)}`)
  }
}

/**
 * Splits a command line at its blanks; quotes and backslashes keep them. No shell is asked: nothing else has a meaning.
 * Throws {@link UsageError} if a quote has no end.
 */
export const splitCommand = (text: string): string[] => {
  const words: string[] = []
  const pattern = /(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]))|(\s+)/gs
  let word: string | undefined
  let read = 0
  for (const [all, double, single, escaped, bare, blank] of text.matchAll(pattern)) {
    read += all.length
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + (double?.replace(/\\(["\\])/g, '$1') ?? single ?? escaped ?? bare ?? '')
    }
  }
  if (read < text.length) throw new UsageError(`a quote or a backslash has no end in the command ${text}`)
  if (word !== undefined) words.push(word)
  return words
}
