// Explains a rule of the engine, named by its id, its number, or a log line that contains `rule=<id>`.
import { rules } from '../adapters/core/rules.js'
import type { Explanation } from '../adapters/core/types.js'
import { noSuch } from './select.js'

const ruleText = (rule: Explanation): string => {
  const lines = [`${rule.number}  ${rule.rule}`, `${rule.title}`, '', rule.why]
  if (rule.clause !== undefined || rule.row !== undefined) lines.push('')
  if (rule.clause !== undefined) lines.push(`clause  ${rule.clause}`)
  if (rule.row !== undefined) lines.push(`row     ${rule.row}  (finrst table ${rule.row})`)
  return lines.join('\n')
}

/** What `finrst explain` prints. */
export const showRule = (typed: string): string => {
  const name = /\brule["']?\s*[=:]\s*["']?([A-Za-z0-9.-]+)/.exec(typed)?.[1] ?? typed.trim()
  const rule = rules.find((each) => each.rule === name || String(each.number) === name)
  if (!rule)
    throw noSuch(
      'rule',
      name,
      rules.map((each) => each.rule),
      'spec/rules.json',
    )
  return ruleText(rule)
}
