// The program inside of Wine as its test on Linux sees it: orders go to it over a connection, answers come back.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { hear } from '../support/channel.js'
import { soon } from '../support/deadline.js'
import { listening, portOf } from '../support/pair.js'
import type { Order } from './program.js'
import { type PlayerName, players, type Stage } from './stage.js'

type Act = Order['do']
type Details = Omit<Order, 'id' | 'do'>

interface Answer {
  id: number
  value?: unknown
  error?: string
}

const startMs = 60_000
let started = 0

/** A running program. */
export class Actor {
  readonly died: Promise<number | null>
  #last = 0
  readonly #waiting = new Map<number, (answer: Answer) => void>()

  private constructor(
    readonly child: ChildProcess,
    readonly log: string,
    readonly control: net.Socket,
  ) {
    this.died = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
    hear(control, (message) => this.#take(message as Answer))
    // What died before it answered has done what it was told, or its test fails for want of the answer.
    control.on('error', () => undefined)
  }

  /** Starts one, and once more if Wine's server was not there in time. */
  static async start(stage: Stage, name: PlayerName, folder: keyof Stage['folders'] = 'koffi'): Promise<Actor> {
    const [actor, why] = await Actor.#try(stage, name, folder)
    if (actor !== undefined) return actor
    if (!/^wine client error/m.test(why)) throw new Error(`${players[name].title} did not start:\n${why}`)
    const [second, again] = await Actor.#try(stage, name, folder)
    if (second === undefined) throw new Error(`${players[name].title} did not start:\n${again}`)
    return second
  }

  static async #try(
    { env, binaries, folders }: Stage,
    name: PlayerName,
    folder: keyof Stage['folders'],
  ): Promise<[Actor | undefined, string]> {
    const server = net.createServer()
    await listening(server)
    started += 1
    const log = join(folders[folder], `log-${started}`)
    const output = openSync(log, 'w')
    const child = spawn('wine', [binaries[name] ?? '', `${players[name].runtime}.mjs`, String(portOf(server))], {
      cwd: folders[folder],
      env,
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    const ended = new Promise<undefined>((resolve) =>
      child.once('exit', () => resolve(undefined)).once('error', resolve),
    )
    const connected = new Promise<net.Socket>((resolve) => server.once('connection', resolve))
    try {
      const control = await soon('the program connects', Promise.race([connected, ended]), startMs)
      if (control !== undefined) return [new Actor(child, log, control), '']
      return [undefined, readFileSync(log, 'utf8')]
    } catch (error) {
      child.kill('SIGKILL')
      return [undefined, `${(error as Error).message}\n${readFileSync(log, 'utf8')}`]
    } finally {
      server.close()
    }
  }

  #take(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer)
    this.#waiting.delete(answer.id)
  }

  /** Tells it something that ends it, or that it need not answer. */
  tell(act: Act, details: Details = {}): void {
    this.#last += 1
    this.control.write(`${JSON.stringify({ ...details, id: this.#last, do: act })}\n`)
  }

  /** What it answers; rejects with its error. */
  ask<T>(act: Act, details: Details = {}): Promise<T> {
    this.tell(act, details)
    const id = this.#last
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, ({ value, error }) =>
        error === undefined ? resolve(value as T) : reject(new Error(`${act}: ${error}`)),
      )
    })
    return soon(`the program answers ${act}; it wrote: ${this.written()}`, answer, 30_000)
  }

  /** What it wrote to its outputs. */
  written(): string {
    return readFileSync(this.log, 'utf8').trim()
  }

  /** Ends it, if it still runs. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.died
    this.control.destroy()
  }
}
