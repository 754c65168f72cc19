// Writes what the C library must know of the specification: the numbers of the ABI and their words, the rules, and the
// platforms. What wasm2c makes of the Wasm is written by embed/c/generate.sh, because that needs wasm2c.
import { isSystem } from '../../adapters/spec/cells.ts'
import { readAbi, readPlatforms, readRules } from '../../adapters/spec/files.ts'
import type { Abi, Platform, RuleFile } from '../../adapters/spec/types.ts'
import { flatten } from './abi.ts'

const header = (from: string, about: string): string[] => [
  `/* Generated from ${from} by scripts/generate/c.ts; do not edit. */`,
  `/* ${about} */`,
]
const quoted = (text: string | undefined): string => (text === undefined ? 'NULL' : JSON.stringify(text))

/** The words of these groups are told in verdicts and traces, by their numbers. */
const told = ['ENDED', 'BY', 'DELIVERY', 'RECEIVED', 'CERTAINTY', 'EVENT', 'STEP', 'ERROR'] as const
const inCapitals = new Set<string>(['EVENT', 'STEP', 'ERROR'])

function words(abi: Abi, group: string): string[] {
  const list: string[] = []
  for (const [name, value] of Object.entries(abi.groups[group]?.values ?? {})) {
    if (name !== 'MASK') list[value] = inCapitals.has(group) ? name : name.toLowerCase()
  }
  return [...list].map(quoted)
}

export function renderHeader(abi: Abi, rules: RuleFile): string {
  const constants = [...flatten(abi)].map(([name, value]) => `  ${name} = ${value},`)
  return `${[
    ...header('spec/abi.json', 'The numbers of the ABI, and the tables of spec.c.'),
    '#ifndef FINRST_SPEC_H',
    '#define FINRST_SPEC_H',
    '',
    '#include "../finrst.h"',
    '',
    'enum {',
    `  ABI_VERSION = ${abi.version},`,
    ...constants,
    '};',
    '',
    `#define RULE_COUNT ${rules.rules.length}`,
    'extern const finrst_explanation finrst_rules[RULE_COUNT];',
    '',
    '/* One system of the table, or one of its machines; the last one has no id. Numbers that are not known are 0. */',
    'struct platform_row {',
    '  const char *id, *arch;',
    '  int row;',
    '  bool by_ioctl, counts_fin;',
    '  unsigned long query, untransmitted;',
    '};',
    'extern const struct platform_row finrst_platform_rows[];',
    '',
    '/* The words of a group of numbers, by number. */',
    'struct words {',
    '  int count;',
    '  const char *const *list;',
    '};',
    ...told.map((group) => `extern const struct words finrst_words_${group.toLowerCase()};`),
    '',
    '/* The facts, by bit. */',
    'struct fact_word {',
    '  int bit;',
    '  const char *word;',
    '};',
    `#define FACT_COUNT ${Object.keys(abi.groups.FACT?.values ?? {}).length}`,
    'extern const struct fact_word finrst_fact_words[FACT_COUNT];',
    '',
    '#endif',
  ].join('\n')}\n`
}

/** A query of a machine that nobody looked up is not assumed. */
function platformLines({ id, row, arches, sendQueue, numbers }: Platform): string[] {
  const untransmitted = numbers?.SIOCOUTQNSD?.value ?? 0
  const line = (arch: string | undefined, itsRow: number, query: number | undefined): string =>
    `  {${[
      quoted(id),
      quoted(arch),
      itsRow,
      sendQueue?.through === 'ioctl',
      sendQueue?.countsFin === true,
      query ?? 0,
      untransmitted,
    ].join(', ')}},`
  return [
    line(undefined, row ?? 0, sendQueue?.number),
    ...(arches ?? []).map((one) => line(one.id, one.row, one.sendQueue?.number)),
  ]
}

export function renderSource(abi: Abi, { rules }: RuleFile, platforms: Platform[]): string {
  const systems = platforms.filter(isSystem).sort((a, b) => (a.id < b.id ? -1 : 1))
  const facts = Object.entries(abi.groups.FACT?.values ?? {})
  for (const [at, { id, number }] of rules.entries()) {
    if (number !== at + 1) throw new Error(`spec/rules.json: the rule ${id} has the number ${number}`)
  }
  return `${[
    ...header('spec', 'The rules, the platforms and the words.'),
    '#include "spec.h"',
    '',
    '#include <stddef.h>',
    '',
    '/* In the order of their numbers, which begin at 1. */',
    'const finrst_explanation finrst_rules[RULE_COUNT] = {',
    ...rules.map(({ id, title, why, clause, row }) => `  {${[id, title, why, clause, row].map(quoted).join(', ')}},`),
    '};',
    '',
    'const struct platform_row finrst_platform_rows[] = {',
    ...systems.flatMap(platformLines),
    '  {NULL, NULL, 0, false, false, 0, 0},',
    '};',
    ...told.flatMap((group) => {
      const [name, list] = [group.toLowerCase(), words(abi, group)]
      return [
        '',
        `static const char *const ${name}[] = {${list.join(', ')}};`,
        `const struct words finrst_words_${name} = {${list.length}, ${name}};`,
      ]
    }),
    '',
    'const struct fact_word finrst_fact_words[FACT_COUNT] = {',
    ...facts.map(([name, bit]) => `  {${bit}, ${quoted(name)}},`),
    '};',
  ].join('\n')}\n`
}

export function generateC(): Map<string, string> {
  const [abi, rules] = [readAbi(), readRules()]
  return new Map([
    ['embed/c/src/spec.h', renderHeader(abi, rules)],
    ['embed/c/src/spec.c', renderSource(abi, rules, readPlatforms())],
  ])
}
