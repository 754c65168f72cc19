// Writes the one module of the Python package that is not written by hand: the numbers of the ABI, what every rule
// says, what a host must know of its platform, and the Wasm itself.
//
// The Wasm is the committed one: after a change of the engine, `npm run build` comes before `npm run generate`.
import { readFileSync } from 'node:fs'
import { isSystem } from '../../adapters/spec/cells.ts'
import { readAbi, readPlatforms, readRules } from '../../adapters/spec/files.ts'
import type { Abi, Platform, RuleFile } from '../../adapters/spec/types.ts'
import { flatten } from './abi.ts'

const quoted = (text: string): string => JSON.stringify(text)

/** JSON that is Python too: no true, no null. */
function literal(value: unknown): string {
  if (value === undefined || value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, each]) => `${quoted(key)}: ${literal(each)}`)
    .join(', ')}}`
}

function platformLine({ id, row, arches, sendQueue, numbers }: Platform): string {
  const queue = sendQueue?.number === undefined ? undefined : sendQueue
  // A machine that has its own numbers may have its own for the query too; what nobody looked up is not assumed.
  const arch = Object.fromEntries((arches ?? []).map((one) => [one.id, { row: one.row, query: one.sendQueue?.number }]))
  const query = queue && { through: queue.through, number: queue.number, countsFin: queue.countsFin === true }
  const untransmitted = numbers?.SIOCOUTQNSD?.value
  return `    ${quoted(id)}: ${literal({ row, arch, query, untransmitted })},`
}

export function renderPython(abi: Abi, rules: RuleFile, platforms: Platform[], wasm: Buffer): string {
  const systems = platforms.filter(isSystem).sort((a, b) => (a.id < b.id ? -1 : 1))
  const text = wasm.toString('base64').match(/.{1,100}/g) ?? []
  return `${[
    '# Generated from spec and embed/finrst-pure.wasm by scripts/generate/python.ts; do not edit.',
    '"""The numbers of the ABI, the rules, the platforms and the Wasm."""',
    'from typing import Any, Dict, Tuple',
    '',
    `ABI_VERSION = ${abi.version}`,
    ...[...flatten(abi)].map(([name, value]) => `${name} = ${value}`),
    '',
    '# By its number: the id of a rule, what it says, and why.',
    'RULES: Dict[int, Tuple[str, str, str]] = {',
    ...rules.rules.map(({ number, id, title, why }) => `    ${number}: (${[id, title, why].map(quoted).join(', ')}),`),
    '}',
    '',
    '# What a host must know of its system besides the columns of the Wasm.',
    'PLATFORMS: Dict[str, Dict[str, Any]] = {',
    ...systems.map(platformLine),
    '}',
    '',
    'WASM = (',
    ...text.map((line) => `    "${line}"`),
    ')',
  ].join('\n')}\n`
}

export function generatePython(): Map<string, string> {
  const wasm = readFileSync('embed/finrst-pure.wasm')
  return new Map([['embed/python/finrst/_spec.py', renderPython(readAbi(), readRules(), readPlatforms(), wasm)]])
}
