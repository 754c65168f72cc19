// What a peer sends and the owner of the connection will not read: counted, bounded, and kept for finalise().
import { joined } from './bytes.js'

/** The leftover of one connection. */
export class Leftover {
  /** Bytes that were drained. */
  drained = 0
  draining = false
  #kept = 0
  #rest: Uint8Array[] | undefined

  /** @param limit most bytes that are drained, and most that are kept */
  constructor(public limit: number) {}

  /** From now on it is kept. */
  keep(): void {
    this.#rest ??= []
  }

  /** Whether it is kept. */
  get isKept(): boolean {
    return this.#rest !== undefined
  }

  /** Keeps as much of a chunk as there is room for. */
  add(chunk: Uint8Array): void {
    if (this.#rest === undefined) return
    const kept = chunk.slice(0, this.limit - this.#kept)
    this.#rest.push(kept)
    this.#kept += kept.length
  }

  /** All that was kept. */
  rest(): Uint8Array {
    return joined(this.#rest ?? [])
  }
}
