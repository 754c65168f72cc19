// The domain of the engine as spec/domain.json declares it: what each event reads, and the product of its values.
//
// A word that is not listed does not change what decide() answers, and enter() copies or overwrites its bits without
// looking. test/twin.test.ts proves that by chance, and the rest by trying everything.
import { readFileSync } from 'node:fs'
import { PHASE } from '../../adapters/core/names.js'

/** What is read: names of inputs, the first varying slowest. */
export interface Reads {
  decide: string
  enter: string
}

type Word = 'context' | 'state' | 'facts'

/** One input that is read: in which word it lies, its bits, and the values that it takes. */
interface Input {
  word: Word
  mask: number
  values: number[] | 'platforms'
}

interface Domain {
  traitsMask: number
  inputs: Readonly<Record<string, Input>>
  whenNew: { OPEN: Reads }
  events: Readonly<Record<string, { early: Reads; late: Reads } | { always: Reads }>>
}

/** The declaration. */
export const domain = JSON.parse(readFileSync('spec/domain.json', 'utf8')) as Domain

const nothing: Reads = { decide: '', enter: '' }

/** The reads of an event in a phase. */
export function readsOf(event: string, phase: number): Reads {
  if (phase === PHASE.NEW) return event === 'OPEN' ? domain.whenNew.OPEN : nothing
  if (phase === PHASE.ENDED) return nothing
  const reads = domain.events[event]
  if (reads === undefined) throw new Error(`spec/domain.json does not say what ${event} reads`)
  if ('always' in reads) return reads.always
  return phase < (PHASE.FINISHED ?? 0) ? reads.early : reads.late
}

/** The first platform row for each set of the traits that a decision reads. */
export function platformClasses(traits: (platform: number) => number): { rows: number[]; classOf: number[] } {
  const classOf = Array.from({ length: 64 }, (_, platform) => traits(platform) & domain.traitsMask)
  return { rows: [...new Set(classOf)].map((one) => classOf.indexOf(one)), classOf }
}

/** The words that a list of reads can form, and the bits that it covers. */
export interface Product {
  contexts: number[]
  states: number[]
  facts: number[]
  masks: Record<Word, number>
}

/** Every combination of what is read, each word on its own. */
export function productOf(list: string, platforms: number[]): Product {
  const names = list.split(' ').filter((name) => name !== '')
  const inputs = names.map((name) => {
    const input = domain.inputs[name]
    if (input === undefined) throw new Error(`spec/domain.json has no input ${name}`)
    return { ...input, values: input.values === 'platforms' ? platforms : input.values }
  })
  const of = (word: Word): typeof inputs => inputs.filter((input) => input.word === word)
  const mask = (word: Word): number => of(word).reduce((bits, input) => bits | input.mask, 0)
  const joined = (word: Word): number[] =>
    of(word).reduce((words, { values }) => words.flatMap((one) => values.map((value) => one | value)), [0])
  return {
    contexts: joined('context'),
    states: joined('state'),
    facts: joined('facts'),
    masks: { context: mask('context'), state: mask('state') | (PHASE.MASK ?? 0), facts: mask('facts') },
  }
}
