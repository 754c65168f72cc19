// The numbers by which the engine names connections. One that was given back comes again only after many others.
//
// A token is a slot of an array and how often that was taken. Not a Map: list.ts tells why.

const slotBits = 21
const mostSlots = 1 << slotBits
const tokenMask = 0x3fffffff

/** Items by their tokens. */
export class Tokens<Item> {
  readonly #items: (Item | undefined)[] = []
  /** The last token of each slot. */
  readonly #tokens: number[] = []
  readonly #free: number[] = []

  /**
   * A token for the item, valid until it is released; not the one that was given back last.
   * @throws Error if some two million are taken
   */
  take(item: Item): number {
    const slot = this.#free.pop() ?? this.#tokens.length
    if (slot >= mostSlots) throw new Error(`finrst: more than ${mostSlots - 1} connections are guarded`)
    const last = this.#tokens[slot] ?? slot
    const token = (last + mostSlots) & tokenMask
    this.#tokens[slot] = token
    this.#items[slot] = item
    return token
  }

  /** @throws Error if nothing has the token */
  of(token: number): Item {
    const slot = token & (mostSlots - 1)
    const item = this.#items[slot]
    if (item === undefined || this.#tokens[slot] !== token)
      throw new Error(`finrst: no connection has the token ${token}`)
    return item
  }

  /** Gives it back, if it is taken. */
  release(token: number): void {
    const slot = token & (mostSlots - 1)
    if (this.#items[slot] === undefined || this.#tokens[slot] !== token) return
    this.#items[slot] = undefined
    this.#free.push(slot)
  }

  /** Everything that has a token now. */
  all(): Item[] {
    return this.#items.filter((item) => item !== undefined)
  }
}
