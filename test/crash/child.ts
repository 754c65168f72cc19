// A child of the crash matrix: it talks in lines, every wait for it is bounded, and it ends when we are done with it.
import { type ChildProcess, spawn } from 'node:child_process'
import { hear } from '../support/channel.js'

const everyone = new Set<ChildProcess>()
// Whoever ends us ends them: they hold nothing that is worth a goodbye.
process.on('exit', () => {
  for (const child of everyone) child.kill('SIGKILL')
})

// Nobody is told of these crashes but us.
const quiet = { NODE_NO_WARNINGS: '1', DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1', BUN_ENABLE_CRASH_REPORTING: '0' }

/** One child, and what it has said. */
export class Child<T> {
  readonly process: ChildProcess
  readonly said: T[] = []
  /** It has ended, however. */
  dead = false
  #errors = ''
  readonly #waiting = new Set<() => void>()

  constructor(command: readonly string[]) {
    const [program = '', ...args] = command
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...quiet } })
    this.process = child
    everyone.add(child)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000)
    })
    child.stdin.on('error', () => undefined)
    hear(child.stdout, (message) => {
      const said = this.heard(message)
      if (said !== undefined) this.said.push(said)
      this.#look()
    })
    const ended = (): void => {
      everyone.delete(child)
      this.dead = true
      this.#look()
    }
    child.once('exit', ended)
    child.once('error', ended)
  }

  /** What a line says; undefined: nothing that counts. */
  protected heard(message: unknown): T | undefined {
    return message as T
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }

  tell(message: unknown): void {
    if (!this.dead) this.process.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  /** Resolves to whether it holds before the time is up; it is looked at whenever the child says something. */
  until(holds: () => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (held: boolean): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(held)
      }
      const look = (): void => {
        if (holds()) settle(true)
      }
      const timer = setTimeout(() => settle(false), ms)
      this.#waiting.add(look)
      look()
    })
  }

  /** What it wrote to its error output last. */
  get errors(): string {
    return this.#errors.trim()
  }

  end(): void {
    if (!this.dead) this.process.kill('SIGKILL')
  }
}
