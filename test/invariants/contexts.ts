// The hosts and policies over which the invariants are explored.
import { CAN, COLUMN, CONFIRM, POLICY } from '../../adapters/core/names.js'
import { platforms } from '../../adapters/core/platforms.js'
import { parsePolicy, presets } from '../../adapters/core/policy.js'
import type { PresetName } from '../../adapters/core/types.js'
import type { Exports } from '../../simulation/engine.ts'

const capabilities: Readonly<Record<string, string[]>> = {
  everything: ['ARM', 'DISCONNECT', 'RESET', 'HOLD', 'DRAIN', 'SEE_ACKED'],
  'no disconnect': ['ARM', 'RESET', 'HOLD', 'DRAIN', 'SEE_ACKED'],
  'no duplicate': ['ARM', 'DISCONNECT', 'RESET', 'DRAIN', 'SEE_ACKED'],
  'reset only': ['RESET', 'DRAIN'],
  nothing: [],
}

/** A context word and what it stands for. */
export interface Context {
  word: number
  title: string
}

/** The policies: each preset as it is, and with every single answer changed. */
function policies(): Context[] {
  const found = new Map<number, string>()
  const shift = CONFIRM.SHIFT ?? 0
  const add = (word: number, title: string): void => {
    if (!found.has(word)) found.set(word, title)
  }
  for (const preset of Object.keys(presets) as PresetName[]) {
    const word = parsePolicy(preset, true).bits
    add(word, preset)
    for (const [name, bit] of Object.entries(POLICY)) add(word ^ bit, `${preset}, ${name} turned`)
    for (const name of ['NONE', 'KERNEL', 'PEER']) {
      add((word & ~(3 << shift)) | ((CONFIRM[name] ?? 0) << shift), `${preset}, confirm ${name}`)
    }
  }
  return [...found].map(([word, title]) => ({ word, title }))
}

// Hosts with every policy; the others, whose plans are parts of theirs, with the presets.
const withEveryPolicy = new Set(['everything', 'no duplicate'])

/** Every context; platforms whose traits are alike are explored once, under the names of all of them. */
export function everyContext(engine: Exports): Context[] {
  const alike = new Map<number, { row: number; names: string[] }>()
  const arches = Object.entries(platforms).flatMap(([id, { row, arch }]) => [
    [id, row] as const,
    ...Object.entries(arch).map(([machine, numbers]) => [`${id}-${machine}`, numbers.row] as const),
  ])
  for (const [name, row] of arches) {
    const traits = engine.column(row, COLUMN.TRAITS ?? 0) & 31
    const known = alike.get(traits)
    if (known === undefined) alike.set(traits, { row, names: [name] })
    else known.names.push(name)
  }
  return [...alike.values()].flatMap(({ row, names }) =>
    Object.entries(capabilities).flatMap(([host, list]) => {
      const can = list.reduce((bits, name) => bits | (CAN[name] ?? 0), 0)
      const some = policies().filter(({ title }) => withEveryPolicy.has(host) || Object.hasOwn(presets, title))
      return some.map(({ word, title }) => ({
        word: row | can | word,
        title: `${names.join(', ')}; host: ${host}; policy: ${title}`,
      }))
    }),
  )
}
