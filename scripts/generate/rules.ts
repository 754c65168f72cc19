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

function book(rules: Rule[], groups: Groups): string {
  const effects = rules.filter((rule) => entry(rule, groups) !== 0)
  const words = Array.from({ length: Math.max(...effects.map(({ number }) => number)) + 1 }, () => 0)
  for (const rule of effects) words[rule.number] = entry(rule, groups)
  const alike = rules.filter(({ like }) => like !== undefined)
  const [first, last] = [alike[0], alike.at(-1)]
  const model = rules.find(({ id }) => id === first?.like)
  if (
    first === undefined ||
    last === undefined ||
    first.number - 1 !== model?.number ||
    last.number - first.number + 1 !== alike.length
  ) {
    throw new Error(`${source}: the rules that are like another must follow it without a gap`)
  }
  const lines =
    words
      .map((word) => `${word},`)
      .join(' ')
      .match(/.{1,100}(\s|$)/g) ?? []
  return `// By the number of the rule; the words above the last are not stored, because those rules do nothing.
const BOOK: usize = memory.data<i32>([
${lines.map((line) => `  ${line.trimEnd()}`).join('\n')}
]);

/** What a rule does, in one word: five steps, and above them the phase (3 bits) and the cause (2 bits). */
export function entry(rule: i32): i32 {
  if (rule >= ${words.length}) return 0;
  return load<i32>(BOOK + ((isReset(rule) ? ${constantName(model.id)} : rule) << 2));
}

/** Whether a rule resets: ${model.id} and those like it. */
export function isReset(rule: i32): bool {
  return rule >= ${constantName(model.id)} && rule <= ${constantName(last.id)};
}
`
}

// One word an event: six bits a phase, from PHASE_OPEN up, each the number of a rule. Words lie in memory, because
// as code they would be three times as long.
function transitions(data: RuleFile, groups: Groups): string {
  const skipped = ['MASK', 'NEW', 'ENDED']
  const phases = Object.entries(groups.PHASE?.values ?? {}).filter(([name]) => !skipped.includes(name))
  const words = Object.entries(groups.EVENT?.values ?? {}).map(([event]) => {
    let word = 0
    for (const [phase, number] of phases) {
      const rule = data.rules.find(({ id }) => id === data.transitions[event]?.[phase])
      if (rule === undefined) throw new Error(`${source}: ${event} in ${phase} names no rule`)
      word |= rule.number << (6 * (number - 1))
    }
    return `  ${word}, // ${event}`
  })
  return `const TRANSITIONS: usize = memory.data<i32>([\n${words.join('\n')}\n]);

/** The rule of an event, 1 … ${words.length}, in a phase before conditions refine it. */
export function transition(event: i32, phase: i32): i32 {
  return (load<i32>(TRANSITIONS + ((event - 1) << 2)) >> (6 * (phase - 1))) & 63;
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
        `${numbers.join('\n')}\n\n${book(rules, groups)}\n${transitions(data, groups)}`,
    ],
    [
      'adapters/core/rules.ts',
      `${generated}: what every rule says, for explain(). Do not edit.\n` +
        `import type { Explanation } from './types.js'\n\n` +
        `export const rules: readonly Explanation[] = [\n${texts.join('\n')}\n]\n`,
    ],
  ])
}
