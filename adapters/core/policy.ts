// Turns a caller's policy into the bits of the context and the numbers that stay with the host.
import {
  CONFIRM_ACKED,
  CONFIRM_KERNEL,
  CONFIRM_MASK,
  CONFIRM_NONE,
  CONFIRM_PEER,
  CONFIRM_SHIFT,
  POLICY_CRASH_LEAVES,
  POLICY_DEADLINE_DETACHES,
  POLICY_DROP_ABORTS,
  POLICY_EXIT_CLOSES,
  POLICY_FAILURE_CLOSES,
  POLICY_HANDS_OFF,
  POLICY_PEER_FIN_CLOSES,
  POLICY_UNREAD_ABORTS,
  RECEIVE_DISCARD,
  RECEIVE_HOLD,
  RECEIVE_REFUSE,
} from '../../assembly/abi.js'
import { oneOf, record, wholeNumber } from './check.js'
import type { Confirm, Policy, PolicyOptions, PresetName, StopReceiving } from './types.js'

/** The largest delay of a timer, in milliseconds. */
export const longestMs = 2_147_483_647

/** A policy as the engine and the host use it. */
export interface ParsedPolicy {
  /** POLICY_* and the field CONFIRM_*, to be joined with platform and capabilities. */
  bits: number
  flushMs: number
  drainIdleMs: number
  drainMs: number
  drainBytes: number
}

/** What a preset answers; what is not there the socket or the platform answers. */
export type PresetAnswers = Required<Omit<PolicyOptions, 'preset' | 'onPeerFin' | 'confirm'>> &
  Pick<PolicyOptions, 'onPeerFin' | 'confirm'>

/** The numbers of a policy, and what they are unless it says otherwise. */
export const policyNumbers = { flushMs: 30_000, drainIdleMs: 5_000, drainMs: 30_000, drainBytes: 2 * 1024 * 1024 }

/** The presets: `undefined` means that the socket or the platform gives the answer. */
export const presets: Readonly<Record<PresetName, PresetAnswers>> = {
  compatible: {
    onDrop: 'close',
    onFailure: 'abort',
    onExit: 'abort',
    onCrash: 'abort',
    onUnread: 'drain',
    onDeadline: 'abort',
    ...policyNumbers,
  },
  strict: {
    onDrop: 'abort',
    onFailure: 'abort',
    onExit: 'abort',
    onCrash: 'abort',
    onPeerFin: 'keep',
    onUnread: 'drain',
    onDeadline: 'abort',
    ...policyNumbers,
  },
  manual: {
    onDrop: 'close',
    onFailure: 'close',
    onExit: 'close',
    onCrash: 'leave',
    onUnread: 'drain',
    onDeadline: 'detach',
    ...policyNumbers,
  },
}

const answers = {
  onDrop: ['close', 'abort'],
  onFailure: ['abort', 'close'],
  onExit: ['abort', 'close'],
  onCrash: ['abort', 'leave'],
  onPeerFin: ['keep', 'close'],
  onUnread: ['drain', 'abort'],
  onDeadline: ['abort', 'detach'],
  confirm: ['none', 'kernel', 'acked', 'peer'],
} as const

/** Everything that a policy can say. */
export const policyFields: readonly string[] = ['preset', ...Object.keys(answers), ...Object.keys(policyNumbers)]
const presetNames = Object.keys(presets) as PresetName[]
const confirms: Record<Confirm, number> = {
  none: CONFIRM_NONE,
  kernel: CONFIRM_KERNEL,
  acked: CONFIRM_ACKED,
  peer: CONFIRM_PEER,
}

function check(options: PolicyOptions): void {
  for (const name of Object.keys(options)) oneOf('policy field', name, policyFields)
  if (options.preset !== undefined) oneOf('policy.preset', options.preset, presetNames)
  for (const [name, allowed] of Object.entries(answers)) {
    const value = options[name as keyof PolicyOptions]
    if (value !== undefined) oneOf(`policy.${name}`, value, allowed)
  }
  for (const name of Object.keys(policyNumbers) as (keyof typeof policyNumbers)[]) {
    const value = options[name]
    if (value === undefined) continue
    if (name === 'drainBytes') wholeNumber(`policy.${name}`, value, 0, Number.MAX_SAFE_INTEGER, 'bytes')
    else wholeNumber(`policy.${name}`, value, 1, longestMs, 'milliseconds')
  }
}

/** The bits of the confirmation in a context. */
export function confirmBits(confirm: Confirm): number {
  return confirms[oneOf('confirm', confirm, answers.confirm)] << CONFIRM_SHIFT
}

/** RECEIVE_* of what is to become of what the peer still sends. */
export function receiveMode(how: StopReceiving): number {
  const modes = { discard: RECEIVE_DISCARD, hold: RECEIVE_HOLD, refuse: RECEIVE_REFUSE }
  return modes[oneOf('how', how, ['discard', 'hold', 'refuse'])]
}

/** A context that waits for this confirmation instead of its own. */
export function withConfirm(context: number, confirm: Confirm): number {
  return (context & ~(CONFIRM_MASK << CONFIRM_SHIFT)) | confirmBits(confirm)
}

// The presets, parsed: of sockets that may be half-open, and of others.
const parsed = { half: new Map<string | undefined, ParsedPolicy>(), full: new Map<string | undefined, ParsedPolicy>() }

/**
 * Checks a policy and packs it.
 * @throws TypeError or RangeError that names the field, its value and what is allowed.
 */
export function parsePolicy(policy: Policy | undefined, allowHalfOpen: boolean): ParsedPolicy {
  if (policy !== undefined && typeof policy !== 'string') return parse(policy, allowHalfOpen)
  const known = parsed[allowHalfOpen ? 'half' : 'full']
  const before = known.get(policy)
  if (before !== undefined) return before
  const made = parse(policy, allowHalfOpen)
  known.set(policy, made)
  return made
}

function parse(policy: Policy | undefined, allowHalfOpen: boolean): ParsedPolicy {
  const given: PolicyOptions =
    policy === undefined
      ? {}
      : typeof policy === 'string'
        ? { preset: oneOf('policy', policy, presetNames) }
        : record('policy', policy, 'an object or the name of a preset')
  check(given)
  const preset = given.preset ?? 'compatible'
  const chosen: PresetAnswers = { ...presets[preset] }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && name !== 'preset') Object.assign(chosen, { [name]: value })
  }
  const onPeerFin = chosen.onPeerFin ?? (allowHalfOpen ? 'keep' : 'close')
  const bits =
    (chosen.onDrop === 'abort' ? POLICY_DROP_ABORTS : 0) |
    (chosen.onFailure === 'close' ? POLICY_FAILURE_CLOSES : 0) |
    (chosen.onExit === 'close' ? POLICY_EXIT_CLOSES : 0) |
    (chosen.onCrash === 'leave' ? POLICY_CRASH_LEAVES : 0) |
    (onPeerFin === 'close' ? POLICY_PEER_FIN_CLOSES : 0) |
    (chosen.onUnread === 'abort' ? POLICY_UNREAD_ABORTS : 0) |
    (chosen.onDeadline === 'detach' ? POLICY_DEADLINE_DETACHES : 0) |
    (preset === 'manual' ? POLICY_HANDS_OFF : 0) |
    confirmBits(chosen.confirm ?? 'acked')
  const { flushMs, drainIdleMs, drainMs, drainBytes } = chosen
  return { bits, flushMs, drainIdleMs, drainMs, drainBytes }
}
