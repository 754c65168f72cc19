// The settings that are explored: every kernel with every host and policy.
import { CONFIRM, POLICY } from '../../adapters/core/names.js'
import { parsePolicy, presets } from '../../adapters/core/policy.js'
import type { PresetName } from '../../adapters/core/types.js'
import { readPlatforms, readRows } from '../../adapters/spec/files.ts'
import type { Exports } from '../../simulation/engine.ts'
import { asked, everyKernel } from '../../simulation/kernels.ts'
import { everything, type HostKind, type Setting, settingOf } from '../../simulation/setting.ts'

// Where no call fails: another holder, a budget and a queue that cannot be asked change nothing in how a failure is
// taken.
const neverFailing = new Set(['shared', 'no budget', 'blind'])

/** The host that can do everything, and then what can be missing. */
export const hosts: readonly HostKind[] = [
  { title: 'everything', can: everything },
  { title: 'shared', can: everything, shared: true },
  { title: 'no budget', can: everything, budget: true },
  { title: 'no disconnect', can: everything.filter((can) => can !== 'DISCONNECT') },
  { title: 'blind', can: everything.filter((can) => can !== 'SEE_ACKED') },
  { title: 'no duplicate', can: everything.filter((can) => can !== 'HOLD') },
  { title: 'reset only', can: ['RESET', 'DRAIN'] },
  { title: 'nothing', can: [] },
]

interface PolicyWord {
  title: string
  word: number
}

/** Each preset as it is, and then each with a single answer changed. */
export function policies(): { presets: PolicyWord[]; changed: PolicyWord[] } {
  const shift = CONFIRM.SHIFT ?? 0
  const names = Object.keys(presets) as PresetName[]
  const asTheyAre = names.map((preset) => ({ title: preset, word: parsePolicy(preset, true).bits }))
  const found = new Map<number, string>(asTheyAre.map(({ word, title }) => [word, title]))
  for (const { title, word } of asTheyAre) {
    const variants: [string, number][] = [
      ...Object.entries(POLICY).map(([name, bit]): [string, number] => [`${title} ${name}`, word ^ bit]),
      ...['NONE', 'KERNEL', 'PEER'].map((name): [string, number] => [
        `${title} CONFIRM_${name}`,
        (word & ~(3 << shift)) | ((CONFIRM[name] ?? 0) << shift),
      ]),
    ]
    for (const [name, changed] of variants) if (!found.has(changed)) found.set(changed, name)
  }
  const all = [...found].map(([word, title]) => ({ word, title }))
  return { presets: asTheyAre, changed: all.slice(asTheyAre.length) }
}

/**
 * Every setting: all kernels with the presets and every single change of them on the full host, and with the presets on
 * every lesser one. One unit is written in each; with two there is more of the same (npm run model -- --units 2).
 */
export function everySetting(engine: Exports): Setting[] {
  const { presets: plain, changed } = policies()
  return everyKernel(readPlatforms(), readRows(), asked).flatMap((kernel) =>
    hosts.flatMap((host, index) =>
      (index === 0 ? [...plain, ...changed] : plain).map(({ title, word }) => {
        const bounds = { units: 1, failures: neverFailing.has(host.title) ? 0 : 1 }
        return settingOf(engine, `${kernel.id}/${host.title}/${title}`, kernel, host, word, bounds)
      }),
    ),
  )
}
