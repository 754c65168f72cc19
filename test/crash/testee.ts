// A testee of another language as a program of the crash matrix: it serves one connection and dies as it is told.
import { type CrashCell, type Death, floodBytes, partBytes } from './cells.js'
import { Child } from './child.js'
import type { Told } from './program.js'

/** A line of a testee: a reply, or an event. */
interface Line {
  ok?: boolean
  event?: string
  error?: string
  why?: string
  port?: number
  runtime?: string
}

/** What a testee is asked for a death; the others are signals, which it is not asked for. */
const requests: Partial<Record<Death, object>> = {
  exception: { do: 'throw' },
  exit: { do: 'exit', code: 0 },
  abort: { do: 'abort-process' },
}

/** A testee, bare: it says what a program of the matrix says. */
export class Testee extends Child<Told> {
  // What the next replies are to, in order.
  readonly #asked: ((line: Line) => Told | undefined)[] = []

  constructor(command: readonly string[], { situation }: Pick<CrashCell, 'situation'>) {
    super(command)
    const bytes = situation === 'flowing' ? floodBytes : partBytes
    this.#ask({ do: 'open', guard: 'none', policy: {}, halfOpen: false, unread: false }, ({ port = 0 }) => ({
      told: 'port',
      port,
    }))
    this.#write = () => this.#ask({ do: 'write', bytes }, () => ({ told: 'ready' }))
  }

  readonly #write: () => void

  protected override heard(message: unknown): Told | undefined {
    const line = message as Line
    if (line.event === 'open') this.#write()
    if (line.event !== undefined) return undefined
    const reply = this.#asked.shift()
    if (line.ok === true) return reply?.(line)
    return { told: 'problem', why: line.why ?? line.error ?? JSON.stringify(line) }
  }

  /** Orders a death. */
  override tell(death: unknown): void {
    const request = requests[death as Death]
    if (request !== undefined) this.#ask(request, () => undefined)
  }

  #ask(request: object, reply: (line: Line) => Told | undefined): void {
    this.#asked.push(reply)
    super.tell(request)
  }
}

/** The version of what a testee is written in, as it names it: `cpython 3.11.7` is 3.11.7. */
export async function testeeVersion(command: readonly string[]): Promise<string> {
  const child = new Child<Line>(command)
  try {
    child.tell({ do: 'hello' })
    await child.until(() => child.said.length > 0 || child.dead, 15_000)
    const version = /\d+(?:\.\d+)+/.exec(child.said[0]?.runtime ?? '')?.[0]
    if (version === undefined) throw new Error(`${command.join(' ')} does not tell its version: ${child.errors}`)
    return version
  } finally {
    child.end()
  }
}
