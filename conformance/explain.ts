// Explains a rule of the engine, named by its id, its number, or a log line that contains `rule=<id>`.
//
// 1. A log line tells more than its rule: the event, the facts, the steps that were planned, the state before and
//    after, and by `context=` the platform it was decided for.
// 2. Otherwise the platform is the one that this program runs on, unless others were asked for.
import { CONTEXT } from '../adapters/core/names.js'
import { cellsOf, clauseUrl } from '../adapters/spec/cells.js'
import { readAbi, readPlatforms, readRows, readRules, readRuns } from '../adapters/spec/files.js'
import type { AbiGroup, Row, Rule, RuleFile } from '../adapters/spec/types.js'
import { type Chosen, choosePlatforms, platformOfRow, runningPlatforms } from './platforms.js'
import { visible } from './report/escape.js'
import { answerOf, cellLines, type View } from './row-view.js'
import { noSuch } from './select.js'
import { hang, lookOf } from './text.js'
import { tellState } from './vectors.js'

/** The value of a field of a log line: `name=value`, or `name: value` as objects are printed. */
const fieldOf = (line: string, name: string): string | undefined =>
  new RegExp(`\\b${name}["']?\\s*[=:]\\s*["']?([^\\s"',}]+(?:,[A-Z_]+)*)`).exec(line)?.[1]

const findRule = (typed: string, { rules }: RuleFile): Rule => {
  const name = /\brule["']?\s*[=:]\s*["']?([A-Za-z0-9.-]+)/.exec(typed)?.[1] ?? typed.trim()
  const rule = rules.find(({ id, number }) => id === name || String(number) === name)
  if (rule) return rule
  throw noSuch(
    'rule',
    name,
    rules.map(({ id }) => id),
    'spec/rules.json',
  )
}

/** The row of the compiled table that the context of a log line names. */
const rowOfContext = (line: string): number | undefined => {
  const context = Number(fieldOf(line, 'context') ?? Number.NaN)
  return Number.isInteger(context) ? context & (CONTEXT.PLATFORM_MASK ?? 0) : undefined
}

/** Words of spec/abi.json with what each means, one a line. */
const wordLines = (label: string, words: readonly string[], group: AbiGroup | undefined, width: number): string[] => {
  const column = Math.max(...words.map(({ length }) => length))
  return words.flatMap((word, index) => {
    const head = `${(index === 0 ? label : '').padEnd(9)}${word.padEnd(column)}  `
    return hang(head, group?.describe?.[word] ?? '', width)
  })
}

/** What the log line tells besides the rule. */
const logLines = (line: string, groups: Record<string, AbiGroup>, { look: { width }, platforms }: View): string[] => {
  const [event, facts, state] = ['event', 'facts', 'state'].map((name) => fieldOf(line, name))
  const words = facts?.split('+').filter((word) => word !== '-') ?? []
  const [ended, by, cause, delivery] = ['ended', 'by', 'cause', 'delivery'].map((name) => fieldOf(line, name))
  const [before, after] = state?.split('→').map(Number) ?? []
  const row = rowOfContext(line)
  const platform = row === undefined ? undefined : (platformOfRow(row, platforms)?.name ?? 'not known')
  return [
    ...(platform === undefined ? [] : [`platform ${platform}, by its context`]),
    ...(delivery === undefined
      ? []
      : [`verdict  ${ended ?? 'unknown'} by ${by ?? 'unknown'}, cause ${cause ?? 'unknown'}, delivery ${delivery}`]),
    ...(event === undefined ? [] : [`event    ${event}`]),
    ...(words.length === 0 ? [] : wordLines('facts', words, groups.FACT, width)),
    ...(Number.isInteger(before) ? hang('before   ', tellState(before ?? 0), width) : []),
    ...(Number.isInteger(after) ? hang('after    ', tellState(after ?? 0), width) : []),
  ]
}

const stepLines = (
  rule: Rule,
  file: RuleFile,
  typed: string,
  groups: Record<string, AbiGroup>,
  width: number,
): string[] => {
  const planned = fieldOf(typed, 'steps')
  const model = rule.like === undefined ? rule : file.rules.find(({ id }) => id === rule.like)
  const steps = planned === undefined ? (model?.steps ?? []) : planned.split(',').filter((step) => step !== '-')
  const lines = steps.length === 0 ? ['steps    none'] : wordLines('steps', steps, groups.STEP, width)
  const phase = model?.phase
  return [
    ...lines,
    ...(phase === undefined ? [] : hang('phase    ', `${phase}: ${groups.PHASE?.describe?.[phase]}`, width)),
  ]
}

const rowLines = (row: Row, platforms: readonly Chosen[], view: View): string[] => {
  const { width } = view.look
  const relevant = platforms.filter(({ id }) => cellsOf(row, id).length > 0)
  const names = Math.max(...relevant.map(({ name }) => name.length))
  const answers = relevant.flatMap(({ id }) => cellsOf(row, id).slice(0, 1))
  const said = [...new Set(answers.map((cell) => cell.is))].filter((is) => is !== 'unknown')
  return [
    ...hang('row      ', `${row.id}: ${row.title}`, width),
    ...hang('         ', row.question, width),
    ...said.flatMap((is) => hang('         ', `${is} = ${answerOf(row, { is, evidence: [] })}`, width)),
    ...relevant.flatMap(({ id, name }) => cellLines(row, id, `${''.padEnd(9)}${name.padEnd(names)}  `, view)),
  ]
}

/** The platforms that an explanation is about: those asked for, that of the log line, or where we run. */
const platformsFor = (typed: string, asked: readonly string[], view: View): Chosen[] => {
  if (asked.length > 0) return choosePlatforms(asked, view.platforms)
  const row = rowOfContext(typed)
  if (row === undefined) return runningPlatforms(view.platforms)
  const found = platformOfRow(row, view.platforms)
  return found === undefined ? [] : [found]
}

/** What `finrst explain <rule or log line> [--platform p]` prints. */
export const showRule = (given: string, asked: readonly string[] = [], look = lookOf(process.stdout)): string => {
  // A line of a log may hold what a stranger sent.
  const typed = visible(given)
  const file = readRules()
  const rule = findRule(typed, file)
  const { groups } = readAbi()
  const view: View = { rows: readRows(), platforms: readPlatforms(), runs: readRuns(), look }
  const { width, colors } = look
  const platforms = platformsFor(typed, asked, view)
  const row = view.rows.find(({ id }) => id === rule.row)
  const cited = rule.clause === undefined ? '' : `${rule.clause}, ${file.clauses[rule.clause]}`
  return [
    `${colors.bold(rule.id)}  ${colors.dim(`rule ${rule.number}`)}`,
    ...hang('', rule.title, width),
    '',
    ...hang('', rule.why, width),
    '',
    ...logLines(typed, groups, view),
    ...stepLines(rule, file, typed, groups, width),
    ...(rule.clause === undefined ? [] : hang('clause   ', cited, width)),
    ...(rule.clause === undefined ? [] : hang('         ', clauseUrl(rule.clause) ?? '', width, colors.dim)),
    ...(row === undefined ? [] : ['', ...rowLines(row, platforms, view)]),
  ].join('\n')
}
