// Compares two ways of doing the same, pairwise: both are measured in each round, so that noise meets them alike.

/** One comparison: the median of each way, and the median and range of their ratio over the rounds. */
export interface Pair {
  first: number
  second: number
  ratio: number
  least: number
  most: number
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? high)) / 2
}

/** Measures both in every round, in turns which goes first. Each answers its cost in any one unit. */
export async function comparePairs(
  rounds: number,
  first: () => number | Promise<number>,
  second: () => number | Promise<number>,
): Promise<Pair> {
  const firsts: number[] = []
  const seconds: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) firsts.push(await first())
    seconds.push(await second())
    if (round % 2 === 1) firsts.push(await first())
  }
  return pairOf(firsts, seconds)
}

/** The comparison of what was measured in the same rounds. */
export function pairOf(firsts: number[], seconds: number[]): Pair {
  const ratios = firsts.map((value, round) => value / (seconds[round] ?? Number.NaN))
  return {
    first: median(firsts),
    second: median(seconds),
    ratio: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
  }
}
