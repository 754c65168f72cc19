// The states that were seen, each three words, and how each was reached: a hash table with open addressing.

const words = ['engine', 'first', 'second', 'parent', 'way'] as const

/** A growing set of states in the order in which they came. */
export class States {
  count = 0
  engine = new Int32Array(1 << 12)
  first = new Int32Array(1 << 12)
  second = new Int32Array(1 << 12)
  /** The state from which each was reached, and the move; -1 for the first. */
  parent = new Int32Array(1 << 12)
  way = new Int32Array(1 << 12)
  // Places of states, from 1; 0: free. Twice as many slots as states.
  #slots = new Int32Array(1 << 13)

  /** Adds a state; false if it was there. */
  add(engine: number, first: number, second: number, parent: number, way: number): boolean {
    if (this.count === this.engine.length) this.#grow()
    const mask = this.#slots.length - 1
    let slot = hash(engine, first, second) & mask
    for (;;) {
      const at = (this.#slots[slot] as number) - 1
      if (at < 0) break
      if (this.engine[at] === engine && this.first[at] === first && this.second[at] === second) return false
      slot = (slot + 1) & mask
    }
    const at = this.count
    this.#slots[slot] = at + 1
    this.engine[at] = engine
    this.first[at] = first
    this.second[at] = second
    this.parent[at] = parent
    this.way[at] = way
    this.count += 1
    return true
  }

  #grow(): void {
    for (const word of words) {
      const bigger = new Int32Array(this[word].length * 2)
      bigger.set(this[word])
      this[word] = bigger
    }
    this.#slots = new Int32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let at = 0; at < this.count; at += 1) {
      let slot = hash(this.engine[at] as number, this.first[at] as number, this.second[at] as number) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = at + 1
    }
  }
}

function hash(engine: number, first: number, second: number): number {
  let mixed = Math.imul(engine, 0x9e3779b1) ^ Math.imul(first, 0x85ebca6b) ^ Math.imul(second, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
