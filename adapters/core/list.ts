// A list of what comes and goes often, in the order in which it came. What has left leads to nothing any more.
//
// Not a Set: that moves to another table every few members, and V8 links the old table to the new one. As soon as one
// of them has grown old, everything that is in the later ones lives until the whole heap is collected.

/** What can be in one list at a time. */
export interface Linked<Item> {
  previous: Item | undefined
  next: Item | undefined
}

/** The list; an item is linked by its own fields. */
export class List<Item extends Linked<Item>> implements Iterable<Item> {
  /** The oldest. */
  first: Item | undefined
  #last: Item | undefined
  size = 0

  /** Puts it at the end. It must not be in a list. */
  add(item: Item): void {
    item.previous = this.#last
    if (this.#last === undefined) this.first = item
    else this.#last.next = item
    this.#last = item
    this.size += 1
  }

  /** Takes it out, if it is in. */
  remove(item: Item): void {
    if (!this.has(item)) return
    const { previous, next } = item
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    item.previous = undefined
    item.next = undefined
    this.size -= 1
  }

  has(item: Item): boolean {
    return item.previous !== undefined || this.first === item
  }

  /** All that are in it now; they may leave meanwhile. */
  [Symbol.iterator](): IterableIterator<Item> {
    const all: Item[] = []
    for (let it = this.first; it !== undefined; it = it.next) all.push(it)
    return all.values()
  }
}
