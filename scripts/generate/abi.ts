// Writes assembly/abi.ts, the constants of the boundary, from spec/abi.json.
import { readAbi } from '../../adapters/spec/files.ts'
import type { Abi } from '../../adapters/spec/types.ts'

/** Every constant by its full name, GROUP_NAME. Throws where two groups make the same name. */
export function flatten(abi: Abi): Map<string, number> {
  const constants = new Map<string, number>()
  for (const [group, { values }] of Object.entries(abi.groups)) {
    for (const [name, value] of Object.entries(values)) {
      const full = `${group}_${name}`
      if (constants.has(full)) throw new Error(`spec/abi.json: the name ${full} is made twice`)
      constants.set(full, value)
    }
  }
  return constants
}

/** The words of a comment in lines of at most 110 columns. */
export function comment(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last !== undefined && last.length + 1 + word.length <= 110) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`// ${word}`)
  }
  return lines
}

// Plain constants without a type: AssemblyScript infers i32 and TypeScript infers the number.
export function renderAbi(abi: Abi): string {
  flatten(abi)
  const lines = ['// Generated from spec/abi.json by scripts/generate/abi.ts; do not edit.', ...comment(abi.title)]
  lines.push('', `export const ABI_VERSION = ${abi.version};`)
  for (const [group, { about, values, describe }] of Object.entries(abi.groups)) {
    lines.push('', ...comment(`${group}: ${about}`))
    for (const [name, value] of Object.entries(values)) {
      const text = describe?.[name]
      if (text) lines.push(`/** ${text} */`)
      lines.push(`export const ${group}_${name} = ${value};`)
    }
  }
  return `${lines.join('\n')}\n`
}

// The groups by their names, for what shows numbers to people: traces, vectors, documentation.
export function renderNames(abi: Abi): string {
  const lines = [
    '// Generated from spec/abi.json by scripts/generate/abi.ts; do not edit.',
    '// The numbers of the ABI by name.',
  ]
  for (const [group, { about, values }] of Object.entries(abi.groups)) {
    const entries = Object.entries(values).map(([name, value]) => `  ${name}: ${value},`)
    lines.push('', ...comment(about), `export const ${group}: Readonly<Record<string, number>> = {`, ...entries, '}')
  }
  return `${lines.join('\n')}\n`
}

export function generateAbi(): Map<string, string> {
  const abi = readAbi()
  return new Map([
    ['assembly/abi.ts', renderAbi(abi)],
    ['adapters/core/names.ts', renderNames(abi)],
  ])
}
