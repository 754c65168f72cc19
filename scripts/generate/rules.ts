// Generates the rule numbers and the rule book of the engine, and the texts of explain(), all from spec/rules.json.
import { readAbi, readRules } from '../../adapters/spec/files.ts'
import type { Rule, RuleFile } from '../../adapters/spec/types.ts'

type Groups = Record<string, { values: Record<string, number> }>

const source = 'spec/rules.json'

function constantName(id: string): string {
  return `RULE_${id.toUpperCase().replaceAll('-', '_')}`
}

// The layout of one entry of the book: five steps, then phase and cause, as engine.ts unpacks them.
function entry(rule: Rule, groups: Groups): number {
  let word = 0
  rule.steps?.forEach((step, index) => {
    const code = groups.STEP?.values[step]
    if (code === undefined) throw new Error(`${source}: rule ${rule.id}: no step named ${step}`)
    word |= code << (4 * index)
  })
  const phase = rule.phase === undefined ? 0 : groups.PHASE?.values[rule.phase]
  if (phase === undefined) throw new Error(`${source}: rule ${rule.id}: no phase named ${rule.phase}`)
  const cause = rule.cause === undefined ? 0 : rule.cause === 'first' ? 1 : 2
  return word | (phase << 20) | (cause << 23)
}

// By the number of the rule, up to the largest that a transition can name.
function bookWords(rules: Rule[], groups: Groups): number[] {
  const words = Array.from({ length: 64 }, () => 0)
  for (const rule of rules) words[rule.number] = rule.like === undefined ? entry(rule, groups) : 0
  return words
}

// The rules that are like another follow it without a gap, so that two comparisons find them.
function likeOf(rules: Rule[]): { model: Rule; last: Rule } {
  const alike = rules.filter(({ like }) => like !== undefined)
  const [first, last] = [alike[0], alike.at(-1)]
  const model = rules.find(({ id }) => id === first?.like)
  if (first === undefined || last === undefined || model === undefined || first.number - 1 !== model.number)
    throw new Error(`${source}: the rules that are like another must follow it`)
  if (last.number - first.number + 1 !== alike.length) throw new Error(`${source}: there is a gap in what is alike`)
  return { model, last }
}

// One word an event: six bits a phase, from PHASE_OPEN up, each the number of a rule.
function transitionWords(data: RuleFile, groups: Groups): { event: string; word: number }[] {
  const skipped = ['MASK', 'NEW', 'ENDED']
  const phases = Object.entries(groups.PHASE?.values ?? {}).filter(([name]) => !skipped.includes(name))
  return Object.keys(groups.EVENT?.values ?? {}).map((event) => {
    let word = 0
    for (const [phase, number] of phases) {
      const rule = data.rules.find(({ id }) => id === data.transitions[event]?.[phase])
      if (rule === undefined) throw new Error(`${source}: ${event} in ${phase} names no rule`)
      word |= rule.number << (6 * (number - 1))
    }
    return { event, word }
  })
}

// Words lie in memory, because as code they would be three times as long, and in one piece, because every piece costs.
function tables(data: RuleFile, groups: Groups): string {
  const words = transitionWords(data, groups)
  const { model, last } = likeOf(data.rules)
  const book = bookWords(data.rules, groups)
    .map((word) => `${word},`)
    .join(' ')
    .match(/.{1,100}(\s|$)/g)
  return `// One word an event, then one word for each number of a rule. The zeros at the end take no room in
// the module.
const TRANSITIONS: usize = memory.data<i32>([
${words.map(({ event, word }) => `  ${word}, // ${event}`).join('\n')}
  // The rule book:
${book?.map((line) => `  ${line.trimEnd()}`).join('\n')}
]);
const BOOK: usize = TRANSITIONS + ${4 * words.length};

/** The rule of an event, 1 … ${words.length}, in a phase before conditions refine it. */
export function transition(event: i32, phase: i32): i32 {
  return (load<i32>(TRANSITIONS + ((event - 1) << 2)) >> (6 * (phase - 1))) & 63;
}

/** What a rule does, in one word: five steps, and above them the phase (3 bits) and the cause (2 bits). */
export function entry(rule: i32): i32 {
  return load<i32>(BOOK + ((isReset(rule) ? ${constantName(model.id)} : rule) << 2));
}

/** Whether a rule resets: ${model.id} and those like it. */
export function isReset(rule: i32): bool {
  return rule >= ${constantName(model.id)} && rule <= ${constantName(last.id)};
}
`
}

/** The generated files, by path. */
export function generateRules(): Map<string, string> {
  const data = readRules()
  const { rules } = data
  const { groups } = readAbi()
  const numbers = rules.map((rule) => `// ${rule.title}\nexport const ${constantName(rule.id)} = ${rule.number};`)
  const texts = rules.map(({ number, id, title, why, clause, row }) => {
    return `  ${JSON.stringify({ number, rule: id, title, why, clause, row })},`
  })
  const generated = `// Generated from ${source}`
  return new Map([
    [
      'assembly/rules.ts',
      `${generated}: the number and the effect of every rule. Do not edit.\n` +
        `${numbers.join('\n')}\n\n${tables(data, groups)}`,
    ],
    [
      'adapters/core/rules.ts',
      `${generated}: what every rule says, for explain(). Do not edit.\n` +
        `import type { Explanation } from './types.js'\n\n` +
        `export const rules: readonly Explanation[] = [\n${texts.join('\n')}\n]\n`,
    ],
  ])
}
