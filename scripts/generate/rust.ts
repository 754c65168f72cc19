// Writes the one module of the Rust crate that is not written by hand: the numbers of the ABI, what every rule says,
// what a host must know of its platform, and the Wasm itself.
//
// The Wasm is the committed one: after a change of the engine, `npm run build` comes before `npm run generate`.
import { readFileSync } from 'node:fs'
import { isSystem } from '../../adapters/spec/cells.ts'
import { readAbi, readPlatforms, readRules } from '../../adapters/spec/files.ts'
import type { Abi, Platform, Rule, RuleFile } from '../../adapters/spec/types.ts'
import { flatten } from './abi.ts'

/** A string of Rust; the texts hold no control characters, so JSON writes the same. */
const quoted = (text: string | undefined): string => JSON.stringify(text ?? '')

/** What angle and square brackets would mean to rustdoc is not meant. */
const documented = (text: string): string => `/// ${text.replace(/[[\]<>]/g, '\\$&')}`

function constants(abi: Abi): string[] {
  flatten(abi)
  return Object.entries(abi.groups).flatMap(([group, { about, values, describe }]) => [
    '',
    ...Object.entries(values).flatMap(([name, value]) => [
      documented(describe?.[name] ?? about),
      `pub const ${group}_${name}: i32 = ${value};`,
    ]),
  ])
}

const ruleLine = ({ number, id, title, why, clause, row }: Rule): string =>
  `    Rule { number: ${number}, ${Object.entries({ id, title, why, clause, row })
    .map(([name, text]) => `${name}: ${quoted(text)}`)
    .join(', ')} },`

/** One line for a system, and one for each machine on which it has other numbers. */
function platformLines({ id, row, arches, sendQueue, numbers }: Platform): string[] {
  const line = (name: string, its: number | undefined, query: number | undefined, untransmitted: number | undefined) =>
    `    Platform { id: ${quoted(name)}, row: ${its}, by_ioctl: ${sendQueue?.through === 'ioctl'}, ` +
    `query: ${query ?? 0}, counts_fin: ${sendQueue?.countsFin === true}, untransmitted: ${untransmitted ?? 0} },`
  return [
    line(id, row, sendQueue?.number, numbers?.SIOCOUTQNSD?.value),
    // A machine that has its own numbers may have its own for the queries too; what nobody looked up is not assumed.
    ...(arches ?? []).map((arch) => line(`${id}-${arch.id}`, arch.row, arch.sendQueue?.number, undefined)),
  ]
}

/** The bytes as a literal in lines; a space at the beginning of a line would be dropped, so none is written. */
function byteLines(wasm: Buffer): string[] {
  const written = [...wasm].map((byte) => {
    const letter = String.fromCharCode(byte)
    return /[A-Za-z0-9]/.test(letter) ? letter : `\\x${byte.toString(16).padStart(2, '0')}`
  })
  const lines = ['']
  for (const each of written) {
    if (lines[lines.length - 1]!.length + each.length > 110) lines.push('')
    lines[lines.length - 1] += each
  }
  return lines.map((line) => `${line}\\`)
}

export function renderRust(abi: Abi, rules: RuleFile, platforms: Platform[], wasm: Buffer): string {
  const systems = platforms.filter(isSystem).sort((a, b) => (a.id < b.id ? -1 : 1))
  const words = [...flatten(abi)].map(([name]) => `    (${quoted(name)}, ${name}),`)
  return `${[
    '// Generated from spec and embed/finrst-pure.wasm by scripts/generate/rust.ts; do not edit.',
    '//! The numbers of the ABI, the rules, the platforms and the Wasm.',
    '',
    'use crate::engine::{Platform, Rule};',
    '',
    '/// The version of the interface of the Wasm.',
    `pub const ABI_VERSION: i32 = ${abi.version};`,
    ...constants(abi),
    '',
    '/// Every number above by its name.',
    'pub const WORDS: &[(&str, i32)] = &[',
    ...words,
    '];',
    '',
    '/// The rules of the engine in the order of their numbers, which begin at 1.',
    'pub const RULES: &[Rule] = &[',
    ...rules.rules.map(ruleLine),
    '];',
    '',
    '/// The systems of the table, and the machines that have a row of their own.',
    'pub const PLATFORMS: &[Platform] = &[',
    ...systems.flatMap(platformLines),
    '];',
    '',
    '/// The module without imports, byte for byte embed/finrst-pure.wasm of the repository.',
    'pub const WASM: &[u8] = b"\\',
    ...byteLines(wasm),
    '";',
  ].join('\n')}\n`
}

export function generateRust(): Map<string, string> {
  const wasm = readFileSync('embed/finrst-pure.wasm')
  return new Map([['embed/rust/src/spec.rs', renderRust(readAbi(), readRules(), readPlatforms(), wasm)]])
}
