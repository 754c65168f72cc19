// The settings that are explored: every kernel with every host and policy.
import { CAN_SEE_ACKED, TRAIT_SEES_ACKED } from '../../assembly/abi.ts'
import { CAN, CONFIRM, POLICY } from '../../adapters/core/names.js'
import { parsePolicy, presets } from '../../adapters/core/policy.js'
import type { PresetName } from '../../adapters/core/types.js'
import type { Exports } from '../invariants/machine.ts'
import { everyKernel, type Kernel } from './kernels.ts'

/** What a host can and knows. */
export interface HostKind {
  title: string
  /** Its CAN_*. */
  can: readonly string[]
  /** Another process holds the socket, and the host knows. */
  shared?: true
  /** Its budget for draining is always exhausted. */
  budget?: true
}

/** One kernel, one kind of host, one policy. */
export interface Setting {
  id: string
  kernel: Kernel
  host: HostKind
  /** The context word of the engine. */
  context: number
  /** Whether the send queue can be asked. */
  sees: boolean
  bounds: Bounds
}

/** How much is tried. */
export interface Bounds {
  /** Units of ours that the program may write: 1 or 2. */
  units: number
  /** Calls that may fail in one connection for no reason that the model knows. */
  failures: number
}

// Where no call fails: another holder, a budget and a queue that cannot be asked change nothing in how a failure is
// taken.
const neverFailing = new Set(['shared', 'no budget', 'blind'])

const everything = ['ARM', 'DISCONNECT', 'RESET', 'HOLD', 'DRAIN', 'SEE_ACKED']

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
  return everyKernel().flatMap((kernel) =>
    hosts.flatMap((host, index) =>
      (index === 0 ? [...plain, ...changed] : plain).map(({ title, word }) => {
        const context = kernel.row | word | host.can.reduce((bits, name) => bits | (CAN[name] ?? 0), 0)
        const sees = (context & CAN_SEE_ACKED) !== 0 && (engine.column(kernel.row, 0) & TRAIT_SEES_ACKED) !== 0
        const failures = neverFailing.has(host.title) ? 0 : 1
        return {
          id: `${kernel.id}/${host.title}/${title}`,
          kernel,
          host,
          context,
          sees,
          bounds: { units: 1, failures },
        }
      }),
    ),
  )
}
