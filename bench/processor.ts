// Compares two ways of serving by the clock, and by the processor time that their programs take for each.
//
// 1. Each way is a program of its own, as it is where it is used: engines make code for the objects that they meet, and
//    in one process each way would be slower for what the other one does to them.
// 2. Where a machine is shared the clock tells of the others too; processor time does so much less.
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

/** Two programs that serve, one guarded and one bare. */
export type Served = [guarded: Program, bare: Program]

/**
 * Starts both.
 * @param start it tells the port on which it serves, as `port`
 */
export async function startServed(start: (guarded: boolean) => Promise<Program>): Promise<Served> {
  const guarded = await start(true)
  try {
    return [guarded, await start(false)]
  } catch (error) {
    await guarded.end()
    throw error
  }
}

/** Both in turns; `processor` is microseconds of the program for each connection or request. */
export async function compareServed(
  [guarded, bare]: Served,
  rounds: number,
  sample: (port: number) => Promise<Sample>,
): Promise<{ clock: Pair; processor: Pair }> {
  const measure = (program: Program, spent: number[]) => async (): Promise<number> => {
    const before = await processorMicroseconds(program)
    const { value, count } = await sample(program.ready.port as number)
    spent.push(((await processorMicroseconds(program)) - before) / count)
    return value
  }
  const spent: [number[], number[]] = [[], []]
  const clock = await comparePairs(rounds, measure(guarded, spent[0]), measure(bare, spent[1]))
  return { clock, processor: pairOf(...spent) }
}
