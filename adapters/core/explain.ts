// Tells why a rule decides as it does.
import { rules } from './rules.js'
import type { Explanation } from './types.js'

/**
 * Why the rule of a verdict decides as it does: its reason, RFC clause and table row.
 * @throws TypeError if no rule has this id.
 */
export function explain(rule: string): Explanation {
  const found = rules.find((one) => one.rule === rule)
  if (found === undefined)
    throw new TypeError(`finrst: no rule is named ${JSON.stringify(rule)}; see finrst/spec/rules.json`)
  return { ...found }
}
