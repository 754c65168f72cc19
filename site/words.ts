// The words for what the host of the simulation does, as calls of a real one.
import type { Strength } from './kernels.ts'

const disconnects: Readonly<Record<string, string>> = {
  linux: 'connect(AF_UNSPEC)',
  macos: 'disconnectx()',
}

const steps: Readonly<Record<string, string>> = {
  arm: 'setsockopt(SO_LINGER, {1, 0})',
  disarm: 'setsockopt(SO_LINGER, {0, 0})',
  'shut write': 'shutdown(SHUT_WR)',
  close: 'close(duplicate)',
  flush: 'flush the buffers of the runtime',
  clock: 'start a clock',
  watch: 'watch the send queue',
  drain: 'read and throw away',
  discard: 'read and throw away',
  hold: 'stop reading',
  release: 'let the runtime close its socket',
  reset: "the runtime's own reset",
  report: 'the verdict is final',
}

/** Whether a step of the engine is no system call. */
export const isRequest = (step: string): boolean =>
  ['flush', 'clock', 'watch', 'drain', 'discard', 'hold', 'release', 'report'].includes(step)

/** A call as the platform has it. */
export function callWords(text: string, platform: string): string {
  if (text === 'disconnect') return disconnects[platform] ?? 'disconnect'
  const [, level, option, bytes] = /^linger (\S+) (\S+) (.+)$/.exec(text) ?? []
  if (level !== undefined) return `setsockopt(${level}, ${option}, ${bytes})`
  return steps[text] ?? text
}

/** A mark for how well something is known; the words stand beside it. */
export const strengthMarks: Readonly<Record<Strength, string>> = {
  measured: '●',
  documented: '◐',
  assumed: '○',
  unknown: '?',
}

export const strengthWords: Readonly<Record<Strength, string>> = {
  measured: 'measured: at least one run of the real system gave this answer',
  documented: 'documented: read in a source, a maintained test or a manual',
  assumed: 'assumed: somebody reports it, and nothing better is known',
  unknown: 'unknown: there is no evidence',
}

export const judgementWords = {
  open: 'Still open',
  true: 'The peer knows',
  lie: 'The peer is deceived',
  loss: 'The answer is destroyed',
  doubt: 'The peer is in doubt',
} as const

export const judgementMarks = { open: '…', true: '✓', lie: '✗', loss: '✗', doubt: '?' } as const
