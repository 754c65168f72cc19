// What the commands of the long tests have in common: how their arguments are read, and which runtimes they mean.
import { InvalidArgumentError } from 'commander'
import { installed, nodeRuntime, type Runtime, type RuntimeName } from './runtimes.ts'

/** Reads a whole number in a range. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = Number(text)
    if (Number.isInteger(number) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`a whole number ${least} … ${most}`)
  }

/** Reads words between commas. */
export const listOf = (text: string): string[] => text.split(',').filter((word) => word !== '')

export const runtimeNames: readonly RuntimeName[] = ['node', 'deno', 'bun']

/** Reads names of runtimes between commas. */
export function parseRuntimes(text: string): RuntimeName[] {
  const wanted = listOf(text) as RuntimeName[]
  if (wanted.every((name) => runtimeNames.includes(name))) return wanted
  throw new InvalidArgumentError(`some of ${runtimeNames.join(',')}`)
}

/**
 * The runtimes of these names; Node in these major versions, or, where there is none, the one that is running.
 * @throws Error if one of them is not to be had
 */
export async function findRuntimes({
  runtimes,
  node,
}: {
  runtimes: RuntimeName[]
  node: number[]
}): Promise<Runtime[]> {
  const others = (['deno', 'bun'] as const)
    .filter((name) => runtimes.includes(name))
    .map((name) => {
      const found = installed(name)
      if ('runtime' in found) return found.runtime
      throw new Error(found.missing)
    })
  const here: Runtime = { name: 'node', version: process.versions.node, command: [process.execPath] }
  const nodes = node.length > 0 ? await Promise.all(node.map(nodeRuntime)) : [here]
  return runtimes.includes('node') ? [...nodes, ...others] : others
}
