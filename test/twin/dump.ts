// Walks the domain of spec/domain.json in its order, and pins what decide() and enter() answer there by a hash.
import { createHash, type Hash } from 'node:crypto'
import { EVENT, PHASE } from '../../adapters/core/names.js'
import { platformClasses, productOf, readsOf } from './domain.ts'

/** The function whose answers are dumped. */
export type Answers = (context: number, state: number, event: number, facts: number) => number

const events = Object.entries(EVENT)
const lastPhase = PHASE.ENDED ?? 0

/**
 * Calls `visit` with every input that decide() or enter() is tried with, in the order of spec/README.md: by event, by
 * phase, then each combination of what is read. What enter() does not read of the state is once clear and once set.
 */
export function walkDomain(of: 'decide' | 'enter', traits: (platform: number) => number, visit: Answers): void {
  const platforms = platformClasses(traits).rows
  for (const [name, event] of events) {
    for (let phase = 0; phase <= lastPhase; phase += 1) {
      const { contexts, states, facts, masks } = productOf(readsOf(name, phase)[of], platforms)
      const fills = of === 'decide' ? [0] : [0, ~masks.state]
      for (const context of contexts)
        for (const state of states)
          for (const fact of facts) for (const fill of fills) visit(context, state | phase | fill, event, fact)
    }
  }
}

/** A hash of words, each as four bytes, the lowest first. */
export class Digest {
  words = 0
  readonly #hash: Hash = createHash('sha256')
  readonly #chunk = new DataView(new ArrayBuffer(1 << 16))
  #at = 0

  add(word: number): void {
    this.#chunk.setInt32(this.#at, word, true)
    this.#at += 4
    this.words += 1
    if (this.#at === this.#chunk.byteLength) this.#flush()
  }

  #flush(): void {
    this.#hash.update(new Uint8Array(this.#chunk.buffer, 0, this.#at))
    this.#at = 0
  }

  hex(): string {
    this.#flush()
    return this.#hash.digest('hex')
  }
}

/** The line of spec/vectors/exhaustive.sha256 for one function. */
export const pinLine = (of: 'decide' | 'enter', digest: Digest): string =>
  `${digest.hex()}  ${of}, ${digest.words} words`
