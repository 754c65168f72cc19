// Explains a rule of the engine, named by its id, its number, or a log line that contains `rule=<id>`.
import { loadRules, type Rule } from './files.js'
import { noSuch } from './select.js'

const ruleText = (rule: Rule): string => {
  const lines = [`${rule.number}  ${rule.id}`, `${rule.title}`, '', rule.why]
  if (rule.clause !== undefined || rule.row !== undefined) lines.push('')
  if (rule.clause !== undefined) lines.push(`clause  ${rule.clause}`)
  if (rule.row !== undefined) lines.push(`row     ${rule.row}  (finrst table ${rule.row})`)
  return lines.join('\n')
}

/** What `finrst explain` prints. */
export const showRule = (typed: string): string => {
  const name = /\brule["']?\s*[=:]\s*["']?([A-Za-z0-9.-]+)/.exec(typed)?.[1] ?? typed.trim()
  const rules = loadRules()
  const rule = rules.find((each) => each.id === name || String(each.number) === name)
  if (!rule)
    throw noSuch(
      'rule',
      name,
      rules.map((each) => each.id),
      'spec/rules.json',
    )
  return ruleText(rule)
}
