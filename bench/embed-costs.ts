// Reads what the benchmark of a language prints, and finds what each of them must tell.
//  1. A program prints one line of JSON; Go prints those of its own benchmarks, and BenchmarkEmptyCall is emptyCall.
//  2. Times are nanoseconds, and bytesAdded is what a program grows by.
//  3. `on` is all that an abort asks of the engine: the decision, the next state, and the results of the steps.

/** What every language tells, in the order in which it is shown. */
export const required = ['emptyCall', 'decide', 'on', 'load', 'bytesAdded'] as const

/** The numbers of a benchmark by their names. */
export type Costs = Record<string, number>

const goLine = /^Benchmark(?<first>[A-Z])(?<rest>\w*?)(?:-\d+)?\s+\d+\s+(?<value>[\d.e+]+) (?:ns\/op|bytes)\b/u

/** Reads the output of a benchmark. A line that is neither JSON nor a benchmark of Go tells nothing. */
export function readCosts(output: string): Costs {
  const costs: Costs = {}
  for (const line of output.split('\n')) {
    if (line.startsWith('{')) Object.assign(costs, JSON.parse(line))
    const { first = '', rest = '', value } = goLine.exec(line)?.groups ?? {}
    if (value !== undefined) costs[first.toLowerCase() + rest] = Number(value)
  }
  return costs
}

/** Names what is required and was not told, or is no positive number. */
export function missingCosts(costs: Costs): string[] {
  return required.filter((name) => !(Number.isFinite(costs[name]) && (costs[name] ?? 0) > 0))
}
