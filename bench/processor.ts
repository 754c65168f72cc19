// Compares two ways that one program serves by the clock, and by the processor time that the program takes for each.
// Where a machine is shared the clock tells of the others too; processor time does so much less.
import { comparePairs, type Pair, pairOf } from './pairs.js'
import type { Program } from './programs.js'

/** What one measurement found: its cost or rate by the clock, and how many connections or requests it was. */
export interface Sample {
  value: number
  count: number
}

async function processorMicroseconds(program: Program): Promise<number> {
  const { user, system } = (await program.ask('processor')) as { user: number; system: number }
  return user + system
}

/** Both ways in turns; `processor` is microseconds of the program for each connection or request. */
export async function compareServed(
  program: Program,
  rounds: number,
  first: () => Promise<Sample>,
  second: () => Promise<Sample>,
): Promise<{ clock: Pair; processor: Pair }> {
  const spent: [number[], number[]] = [[], []]
  const measure = (of: () => Promise<Sample>, way: 0 | 1) => async (): Promise<number> => {
    const before = await processorMicroseconds(program)
    const { value, count } = await of()
    spent[way].push(((await processorMicroseconds(program)) - before) / count)
    return value
  }
  const clock = await comparePairs(rounds, measure(first, 0), measure(second, 1))
  return { clock, processor: pairOf(...spent) }
}
