// Writes docs/rules.md and docs/states.svg, the rules of the engine for people, from spec/rules.json and the engine.
import { EVENT } from '../../adapters/core/names.ts'
import { readAbi, readRules } from '../../adapters/spec/files.ts'
import type { Abi, Rule, RuleFile } from '../../adapters/spec/types.ts'
import { clauseLink, code, generatedBy, plain, table } from './markdown.ts'
import { type Diagram, diagramOf, draw, emptyRules, mermaid } from './states.ts'
import { realTransitions, type Transition } from './transitions.ts'

const sources = 'spec/rules.json and the engine'
const script = 'rules-doc.ts'
const [path, drawing] = ['docs/rules.md', 'docs/states.svg']

const ruleLink = (id: string): string => `[${id}](#${id})`

const introduction = [
  '# What the engine decides',
  '',
  'An *event* comes in: a call of the owner, a sight of the network, a clock. The engine looks at the *phase* of',
  'the connection, at the policy, the facts and what this host and platform can do, and one *rule* fires. The',
  'rule names the steps to take, in order, and the phase that follows. Every decision is logged with its rule',
  '(`NODE_DEBUG=finrst`), and `npx finrst explain <rule or log line>` tells what this page tells.',
  '',
  'The rules are those of `spec/rules.json`. The diagram and the table of events are typed by nobody: they come',
  'from running the engine over every event, in every phase, with every combination of what it reads there.',
  '',
]

const diagram = (drawn: Diagram): string[] => [
  '## The phases',
  '',
  '![The phases of a connection, and the events that lead from one to another](states.svg)',
  '',
  'Where an event is at two arrows, policy and facts decide, as the table of events below tells. Events that',
  'change',
  'nothing are left out.',
  '',
  '<details><summary>The same in Mermaid</summary>',
  '',
  '```mermaid',
  mermaid(drawn),
  '```',
  '',
  '</details>',
  '',
]

const phaseTable = ({ phases }: Diagram, abi: Abi): string[] => [
  ...table(
    ['phase', 'means'],
    phases.map((phase) => [code(phase), plain(abi.groups.PHASE?.describe?.[phase] ?? '')]),
  ),
  '',
]

/** Which rules an event can fire in each phase, and where they lead. */
function eventTable(transitions: readonly Transition[], { phases }: Diagram, file: RuleFile): string[] {
  const empty = emptyRules(file.rules)
  // In the first phase and the last, all that changes nothing is one rule.
  const open = phases.filter((phase) =>
    transitions.some(({ from, event, rule }) => from === phase && event !== 'OPEN' && !empty.has(rule)),
  )
  const cell = (event: string, phase: string): string =>
    transitions
      .filter((each) => each.from === phase && each.event === event)
      .map(({ to, rule }) => (to === phase ? ruleLink(rule) : `${ruleLink(rule)} → ${to}`))
      .join('<br>')
  const others = phases
    .filter((phase) => !open.includes(phase))
    .map((phase) => {
      const rules = [...new Set(transitions.filter(({ from }) => from === phase).map(({ rule }) => rule))]
      return `In ${code(phase)}: ${rules.map(ruleLink).join(', ')}.`
    })
  return [
    '## The events',
    '',
    'Each line is an event, each column the phase in which it comes. A rule without an arrow leaves the phase as',
    'it is.',
    ...others,
    '',
    ...table(
      ['event', ...open],
      Object.keys(EVENT).map((event) => [code(event), ...open.map((phase) => cell(event, phase))]),
    ),
    '',
  ]
}

const causeWords: Readonly<Record<NonNullable<Rule['cause']>, string>> = {
  first: 'the cause, unless there is one',
  wins: 'the cause',
}

/** Steps, phase and cause of a rule. */
function effect(rule: Rule, { rules }: RuleFile): string {
  const { steps = [], phase, cause } = rules.find(({ id }) => id === rule.like) ?? rule
  return [
    steps.length === 0 ? 'no step' : steps.map(code).join(' '),
    ...(phase === undefined ? [] : [`→ ${phase}`]),
    ...(cause === undefined ? [] : [`its event is ${causeWords[cause]}`]),
  ].join('<br>')
}

function basis({ clause, row }: Rule, { clauses }: RuleFile): string {
  return [
    ...(clause === undefined ? [] : [`${clauseLink(clause)}, ${plain(clauses[clause] ?? '')}`]),
    ...(row === undefined ? [] : [`[${row}](platforms.md#${row})`]),
  ].join('<br>')
}

const ruleTable = (file: RuleFile): string[] => [
  '## The rules',
  '',
  'Steps are those of a host that can take them all; what a host cannot do, and what is so already, is left out.',
  'Every rule rests on a clause of an RFC, on a row of the [platform table](platforms.md), or on both.',
  '',
  ...table(
    ['number', 'rule', 'why', 'steps, phase, cause', 'rests on'],
    file.rules.map((rule) => [
      String(rule.number),
      `<a id="${rule.id}"></a>**${rule.id}**<br>${plain(rule.title)}`,
      plain(rule.why),
      effect(rule, file),
      basis(rule, file),
    ]),
  ),
  '',
]

const stepTable = (abi: Abi): string[] => [
  '## The steps',
  '',
  ...table(
    ['step', 'what the host does'],
    Object.keys(abi.groups.STEP?.values ?? {}).map((step) => [
      code(step),
      plain(abi.groups.STEP?.describe?.[step] ?? ''),
    ]),
  ),
]

/** The document as it is for these rules and what the engine does. */
export function renderRulesDoc(file: RuleFile, transitions: readonly Transition[], abi: Abi): string {
  const drawn = diagramOf(transitions, file.rules)
  const lines = [
    generatedBy(sources, script),
    '',
    ...introduction,
    ...diagram(drawn),
    ...phaseTable(drawn, abi),
    ...eventTable(transitions, drawn, file),
    ...ruleTable(file),
    ...stepTable(abi),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** The generated files, by path. */
export async function generateRulesDoc(): Promise<Map<string, string>> {
  const [file, abi, transitions] = [readRules(), readAbi(), await realTransitions()]
  const svg = await draw(diagramOf(transitions, file.rules), abi, generatedBy(sources, script))
  return new Map([
    [path, renderRulesDoc(file, transitions, abi)],
    [drawing, svg],
  ])
}
