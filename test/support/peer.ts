// The test's side of the peer process: orders go out, what each link sees comes in.
import type { Certificate } from './certificate.js'
import { type Running, startProgram } from './programs.js'
import { soon } from './deadline.js'

/** What a link is told to do. */
export interface Order {
  link: number
  do: 'connect' | 'listen' | 'write' | 'finish' | 'close' | 'reset' | 'pause' | 'resume'
  port?: number
  bytes?: number
  /** Written instead of so many bytes. */
  text?: string
  /** The peer speaks TLS of this version, with this certificate. */
  tls?: Certificate & { version: 'TLSv1.2' | 'TLSv1.3' }
  /** Does not read until told to resume. */
  paused?: boolean
  /** Reads in small steps. */
  slow?: boolean
  /** Keeps its side open after end of file. */
  keep?: boolean
}

/** `notified` and `cut`: the end of file that TLS tells, by close_notify and without it. */
type Seen =
  | ('connected' | 'refused' | 'data' | 'eof' | 'reset' | 'closed' | 'sent' | 'finished' | 'obeyed')
  | ('listening' | 'notified' | 'cut')

/** What a link saw, and how many bytes it had read by then. */
export interface Sight {
  link: number
  saw: Seen
  bytes: number
  /** Where it listens. */
  port?: number
  /** Of everything read, as sha256; with the first ending only. */
  hash?: string
}

export type LinkOptions = Pick<Order, 'paused' | 'slow' | 'keep' | 'tls'>

/** One connection of the peer process. */
export class Link {
  bytes = 0
  hash = ''
  /** Where it listens, if it does. */
  port = 0
  /** Everything but data, in order. */
  readonly sights: Sight['saw'][] = []
  #obeyed = 0
  #ordered = 0
  #waiting = new Set<() => void>()

  constructor(
    readonly id: number,
    readonly send: (order: Order) => void,
  ) {}

  /** How the stream ended for the peer's program, if it has. */
  get ending(): 'eof' | 'reset' | undefined {
    return this.sights.find((saw) => saw === 'eof' || saw === 'reset') as 'eof' | 'reset' | undefined
  }

  take(sight: Sight): void {
    this.bytes = Math.max(this.bytes, sight.bytes)
    if (sight.hash) this.hash = sight.hash
    if (sight.port) this.port = sight.port
    if (sight.saw === 'obeyed') this.#obeyed += 1
    else if (sight.saw !== 'data') this.sights.push(sight.saw)
    for (const look of this.#waiting) look()
  }

  /** Resolves once the peer has made the call. */
  tell(what: Order['do'], content?: number | string): Promise<void> {
    this.#ordered += 1
    const number = this.#ordered
    const bytes = typeof content === 'number' ? { bytes: content } : {}
    this.send({ link: this.id, do: what, ...bytes, ...(typeof content === 'string' ? { text: content } : {}) })
    return this.until(`the peer obeys "${what}"`, () => this.#obeyed >= number)
  }

  /** Resolves when the condition holds; it is looked at whenever the peer saw something. */
  until(what: string, holds: () => boolean, ms?: number): Promise<void> {
    const done = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!holds()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
    return soon(`${what}; it saw ${this.sights.join(', ')} and ${this.bytes} bytes`, done, ms)
  }

  saw(what: Sight['saw']): Promise<void> {
    return this.until(`the peer sees "${what}"`, () => this.sights.includes(what))
  }

  got(bytes: number): Promise<void> {
    return this.until(`the peer reads ${bytes} bytes`, () => this.bytes >= bytes)
  }

  /** How the stream ended for the peer's program. */
  async ended(ms?: number): Promise<'eof' | 'reset'> {
    await this.until('the peer sees an ending', () => this.ending !== undefined, ms)
    return this.ending ?? 'reset'
  }
}

/** A process of peers. */
export class Peer {
  #links = new Map<number, Link>()
  #last = 0

  private constructor(readonly process: Running) {
    process.hear((message) => {
      const sight = message as Sight
      this.#links.get(sight.link)?.take(sight)
    })
  }

  static async start(program: 'peer-program' | 'tls-peer-program' = 'peer-program'): Promise<Peer> {
    return new Peer(await startProgram(program))
  }

  /** Opens a connection to a port of this machine. */
  async connect(port: number, options: LinkOptions = {}): Promise<Link> {
    const link = this.#open({ do: 'connect', port, ...options })
    await link.saw('connected')
    return link
  }

  /** Waits for one connection, at a port that the link knows. */
  async listen(options: LinkOptions): Promise<Link> {
    const link = this.#open({ do: 'listen', ...options })
    await link.saw('listening')
    return link
  }

  #open(order: Omit<Order, 'link'>): Link {
    this.#last += 1
    const link = new Link(this.#last, (it) => this.#send(it))
    this.#links.set(link.id, link)
    this.#send({ link: link.id, ...order })
    return link
  }

  /** Nothing more is known of this link. */
  forget(link: Link): void {
    this.#links.delete(link.id)
  }

  /** Lets the process vanish with all its connections. */
  async vanish(): Promise<void> {
    this.process.child.kill('SIGKILL')
    await this.process.died
  }

  #send(order: Order): void {
    this.process.tell(order)
  }
}
