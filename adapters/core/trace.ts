// One line for each decision, which `finrst explain` turns back into the rule, its clause and its table row.
import {
  ARGUMENT_MASK,
  ARGUMENT_SHIFT,
  PLAN_ALL_STEPS,
  PLAN_RULE_MASK,
  PLAN_RULE_SHIFT,
  PLAN_STEP_BITS,
  PLAN_STEP_MASK,
} from '../../assembly/abi.js'
import { EVENT, FACT, STEP } from './names.js'
import { ruleName } from './verdict.js'
import { engine } from './wasm.js'

function bitNames(word: number, names: Record<string, number>): string {
  return (
    Object.entries(names)
      .filter(([, bit]) => (word & bit) !== 0)
      .map(([name]) => name)
      .join('+') || '-'
  )
}

function nameOf(number: number, names: Record<string, number>): string {
  return Object.entries(names).find(([, value]) => value === number)?.[0] ?? String(number)
}

/** The line of one decision. The words are those of spec/abi.json. */
export function traceLine(context: number, before: number, event: number, facts: number, after: number): string {
  const plan = engine().decide(context, before, event, facts)
  const steps: string[] = []
  for (let rest = plan & PLAN_ALL_STEPS; rest !== 0; rest >>= PLAN_STEP_BITS)
    steps.push(nameOf(rest & PLAN_STEP_MASK, STEP))
  const argument = (facts >> ARGUMENT_SHIFT) & ARGUMENT_MASK
  return [
    `event=${nameOf(event, EVENT)}${argument === 0 ? '' : `:${argument}`}`,
    `facts=${bitNames(facts & ((1 << ARGUMENT_SHIFT) - 1), FACT)}`,
    `rule=${ruleName((plan >> PLAN_RULE_SHIFT) & PLAN_RULE_MASK)}`,
    `steps=${steps.join(',') || '-'}`,
    `context=${context} state=${before}→${after}`,
  ].join(' ')
}

/** What writes the lines where NODE_DEBUG names finrst, in the form that Node gives such lines; else undefined. */
export function traceTo(wanted: string | undefined, pid: number): ((line: string) => void) | undefined {
  const names = (wanted ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.includes('finrst') ? (line) => console.error(`FINRST ${pid}: ${line}`) : undefined
}
