// Picks one of several possibilities, and remembers its picks so that every combination comes once.

const bits = 2
const most = 10

/** Answers the questions of one move; {@link advance} goes on to the next combination of answers. */
export class Oracle {
  readonly #picks = new Int32Array(most + 1)
  readonly #sizes = new Int32Array(most + 1)
  /** How many picks are given, and how many of them were made so far. */
  #given = 0
  #at = 0

  /** One of 0 … of - 1, where `of` is at most 4. */
  readonly pick = (of: number): number => {
    const at = this.#at
    if (at > most) throw new Error(`a move makes more than ${most} picks`)
    if (at === this.#given) {
      this.#picks[at] = 0
      this.#given += 1
    }
    this.#sizes[at] = of
    this.#at += 1
    return this.#picks[at] as number
  }

  /** Begins the same combination again. */
  again(): void {
    this.#at = 0
  }

  /** Begins a new move. */
  clear(): void {
    this.#given = 0
    this.#at = 0
  }

  /** Goes on to the next combination; false when all were tried. */
  advance(): boolean {
    for (let last = this.#at - 1; last >= 0; last -= 1) {
      const next = (this.#picks[last] as number) + 1
      if (next < (this.#sizes[last] as number)) {
        this.#picks[last] = next
        this.#given = last + 1
        return true
      }
    }
    this.#given = 0
    return false
  }

  /** The picks in one number, for {@link dictate}. */
  code(): number {
    let code = 0
    for (let at = this.#at - 1; at >= 0; at -= 1) code = (code << bits) | (this.#picks[at] as number)
    return code
  }

  /** Makes the picks of a number once more. */
  dictate(code: number): void {
    this.clear()
    for (let rest = code; rest !== 0; rest >>>= bits) {
      this.#picks[this.#given] = rest & ((1 << bits) - 1)
      this.#given += 1
    }
  }
}
