// Cuts a stream into lines, however it arrives, and never keeps more of it than a bound.

/** What is done with lines, and when there is too much of them. */
export interface LineTaker {
  line(text: string): void
  /** A line has more than the bound; what is kept of it is told as a line all the same. */
  tooLong?(): void
}

/** Lines of a stream of bytes, each of at most so many characters. */
export class Lines {
  #rest = ''
  #skipping = false
  #decoder = new TextDecoder()
  #most: number
  #taker: LineTaker

  constructor(most: number, taker: LineTaker) {
    this.#most = most
    this.#taker = taker
  }

  /** Takes what came. */
  take(bytes: Uint8Array): void {
    const parts = this.#decoder.decode(bytes, { stream: true }).split('\n')
    for (const [index, part] of parts.entries()) {
      this.#append(part)
      if (index < parts.length - 1) this.#end()
    }
  }

  /** The stream has ended: what has no newline is a line too. */
  end(): void {
    if (this.#rest !== '') this.#end()
  }

  #append(part: string): void {
    if (this.#skipping) return
    this.#rest += part
    if (this.#rest.length <= this.#most) return
    this.#rest = this.#rest.slice(0, this.#most)
    this.#skipping = true
    this.#taker.tooLong?.()
  }

  #end(): void {
    const line = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest
    this.#rest = ''
    this.#skipping = false
    this.#taker.line(line)
  }
}
