// What tests compare in words: how a connection ended, and what was refused.
import type { Verdict } from '#adapter/index'

/** How it ended, by whom and why. */
export const told = ({ ended, by, cause }: Verdict): string => `${ended} by ${by}, cause ${cause}`

/** The error of a call that is to be refused, with its class. */
export const refusalOf = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  throw new Error('nothing was refused')
}
