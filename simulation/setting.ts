// What one connection of the simulation is set up with: a kernel, a kind of host, and a policy.
import { CAN_SEE_ACKED, TRAIT_SEES_ACKED } from '../assembly/abi.ts'
import { CAN } from '../adapters/core/names.js'
import type { Exports } from './engine.ts'
import type { Kernel } from './kernels.ts'

/** The CAN_* of a host that can do everything. */
export const everything: readonly string[] = ['ARM', 'DISCONNECT', 'RESET', 'HOLD', 'DRAIN', 'SEE_ACKED']

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

/** A setting for the bits of a policy; the context joins them with the platform and what the host can do. */
export function settingOf(
  engine: Exports,
  id: string,
  kernel: Kernel,
  host: HostKind,
  policy: number,
  bounds: Bounds,
): Setting {
  const context = kernel.row | policy | host.can.reduce((bits, name) => bits | (CAN[name] ?? 0), 0)
  const sees = (context & CAN_SEE_ACKED) !== 0 && (engine.column(kernel.row, 0) & TRAIT_SEES_ACKED) !== 0
  return { id, kernel, host, context, sees, bounds }
}
