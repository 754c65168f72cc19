// Writes the one class of the Java embedding that is not written by hand: the numbers of the ABI, what every rule
// says, and the rows of the platforms. The Wasm itself is compiled to bytecode when the embedding is built.
import { isSystem } from '../../adapters/spec/cells.ts'
import { readAbi, readPlatforms, readRules } from '../../adapters/spec/files.ts'
import type { Abi, Platform, RuleFile } from '../../adapters/spec/types.ts'
import { flatten } from './abi.ts'

const path = 'embed/java/src/main/java/dev/finrst/engine/Spec.java'
const quoted = (text: string): string => JSON.stringify(text)

/** A system and the machines on which it has other numbers, as `linux` and `linux-mips`. */
const rowsOf = ({ id, row, arches }: Platform): [string, number | undefined][] => [
  [id, row],
  ...(arches ?? []).map((arch): [string, number] => [`${id}-${arch.id}`, arch.row]),
]

export function renderJava(abi: Abi, rules: RuleFile, platforms: Platform[]): string {
  const rows = platforms.filter(isSystem).flatMap(rowsOf)
  const ordered = rules.rules.map(({ number, id, title, why }, index) => {
    if (number !== index + 1) throw new Error(`spec/rules.json: the rule ${id} has the number ${number}`)
    return `        {${[id, title, why].map(quoted).join(', ')}},`
  })
  return `${[
    '// Generated from spec by scripts/generate/java.ts; do not edit.',
    'package dev.finrst.engine;',
    '',
    'import java.util.Map;',
    '',
    '/** The numbers of the ABI, the rules and the rows of the platforms. */',
    'public final class Spec {',
    `    public static final int ABI_VERSION = ${abi.version};`,
    ...[...flatten(abi)].map(([name, value]) => `    public static final int ${name} = ${value};`),
    '',
    '    /** The id of a rule, what it says, and why, at the place of its number less 1. */',
    '    static final String[][] RULES = {',
    ...ordered,
    '    };',
    '',
    '    /** The row of a system, and of a machine on which it has numbers of its own. */',
    '    static final Map<String, Integer> ROWS = Map.ofEntries(',
    rows.map(([id, row]) => `        Map.entry(${quoted(id)}, ${row})`).join(',\n'),
    '    );',
    '',
    '    private Spec() {}',
    '}',
  ].join('\n')}\n`
}

export function generateJava(): Map<string, string> {
  return new Map([[path, renderJava(readAbi(), readRules(), readPlatforms())]])
}
