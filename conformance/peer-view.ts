// What the peer has seen so far, and whether that is what a line of the script says.
import type { ByteRange, Sight } from './script.js'

/** The script and the world disagree. */
export class Contradiction extends Error {
  constructor(
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`expected ${expected}; actual ${actual}`)
  }
}

/** Waits for something to happen or for the script's deadline, whichever is first. */
export interface Patience {
  /** Resolves `true` when `changed` has, `false` when the deadline has passed or `ms` are over. */
  wait(changed: Promise<void>, ms?: number): Promise<boolean>
}

type Ending = { how: 'eof' | 'reset'; code?: string }

/** A growing list of happenings that can be waited for. */
export class Changes {
  #wake: (() => void)[] = []

  next(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  happen(): void {
    const wake = this.#wake
    this.#wake = []
    for (const resolve of wake) resolve()
  }
}

const bytesOf = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`)

/** Collects the peer's `saw` lines and answers the `>` lines of the script in order. */
export class PeerView {
  #changes = new Changes()
  #unclaimed = 0
  #endings: Ending[] = []
  #sent = true
  #corrupt = false
  /** How many unclaimed bytes the last range of a data line allows. */
  #allowed = 0

  /** Takes one line of the peer. */
  notice(message: Record<string, unknown>): void {
    if (message.saw === 'data') {
      this.#unclaimed += Number(message.bytes)
      if (message.ok !== true) this.#corrupt = true
    } else if (message.saw === 'eof') {
      this.#endings.push({ how: 'eof' })
    } else if (message.saw === 'reset') {
      this.#endings.push({ how: 'reset', code: String(message.code) })
    } else if (message.saw === 'sent') {
      this.#sent = true
    }
    this.#changes.happen()
  }

  /** The peer was told to write, so that its bytes are not all out until it says so. */
  wrote(): void {
    this.#sent = false
  }

  /** What was seen and not yet claimed by a line, in words. */
  describe(): string {
    const parts: string[] = []
    if (this.#unclaimed > 0) parts.push(bytesOf(this.#unclaimed))
    for (const { how, code } of this.#endings) parts.push(code ? `${how} (${code})` : how)
    if (this.#corrupt) parts.push('with bytes that were never sent like this')
    return parts.length > 0 ? `the peer saw ${parts.join(', then ')}` : 'the peer saw nothing'
  }

  /** Waits for the sight; throws a {@link Contradiction} if it is another. Returns what a `?row` saw. */
  async see(sight: Sight, expected: string, patience: Patience): Promise<string | undefined> {
    switch (sight.see) {
      case 'data':
        await this.#seeData(sight.range, expected, patience)
        return undefined
      case 'end': {
        const ending = await this.#seeEnding(expected, patience)
        if (!sight.anyOf.includes(ending.how)) throw new Contradiction(expected, this.describe())
        this.#claimEnding()
        return undefined
      }
      case 'row': {
        const ending = await this.#seeEnding(expected, patience)
        this.#claimEnding()
        return ending.how
      }
      case 'nothing':
        return this.#seeNothing(sight.ms, expected, patience)
      case 'sent':
        await this.#until(() => this.#sent, expected, patience)
        return undefined
      case 'unsent':
        if (await this.#within(() => this.#sent, sight.ms, patience)) {
          throw new Contradiction(expected, "the peer's kernel took all its bytes")
        }
        return undefined
    }
  }

  async #seeData(range: ByteRange, expected: string, patience: Patience): Promise<void> {
    await this.#until(() => this.#unclaimed >= range.least || this.#endings.length > 0, expected, patience)
    const exact = range.least === range.most
    if (this.#corrupt || this.#unclaimed < range.least) throw new Contradiction(expected, this.describe())
    if (exact) this.#unclaimed -= range.least
    else this.#allowed = range.most ?? Number.POSITIVE_INFINITY
  }

  async #seeEnding(expected: string, patience: Patience): Promise<Ending> {
    await this.#until(() => this.#endings.length > 0, expected, patience)
    const [ending] = this.#endings
    if (!ending || this.#corrupt || this.#unclaimed > this.#allowed) {
      throw new Contradiction(expected, this.describe())
    }
    return ending
  }

  #claimEnding(): void {
    this.#endings.shift()
    this.#unclaimed = 0
    this.#allowed = 0
  }

  async #seeNothing(ms: number, expected: string, patience: Patience): Promise<undefined> {
    const something = (): boolean => this.#unclaimed > 0 || this.#endings.length > 0
    if (await this.#within(something, ms, patience)) throw new Contradiction(expected, this.describe())
  }

  async #within(isSo: () => boolean, ms: number, patience: Patience): Promise<boolean> {
    const end = performance.now() + ms
    while (!isSo()) {
      const left = end - performance.now()
      if (left <= 0 || !(await patience.wait(this.#changes.next(), left))) return isSo()
    }
    return true
  }

  async #until(isSo: () => boolean, expected: string, patience: Patience): Promise<void> {
    while (!isSo()) {
      if (!(await patience.wait(this.#changes.next()))) {
        throw new Contradiction(expected, `${this.describe()} before the deadline`)
      }
    }
  }
}
