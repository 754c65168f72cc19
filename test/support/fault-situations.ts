// The situations in which calls are made to fail: what the owner and the peer do, one step after the other.
import type { PolicyOptions } from '#adapter/index'
import { eventually } from './descriptors.js'
import { begin, type GuardOf, type StepName, steps, type World } from './world.js'

/** Waits that a sequence of steps can contain. */
const waits = {
  /** Everything written is in the kernel. */
  'until flushed': ({ socket }: World) => socket.writableLength === 0 || socket.destroyed,
  /** The peer has read everything, or an ending. */
  'until read': ({ arrived, written, saw }: World) => arrived >= written || saw !== undefined,
  /** What the peer wrote has arrived here. */
  'until arrived': ({ other }: World) => other.writableLength === 0 || other.destroyed,
  'until the end': ({ saw }: World) => saw !== undefined,
  'until the peer has ended': ({ socket }: World) => socket.readableEnded || socket.destroyed,
  'until closed': ({ socket }: World) => socket.closed,
} as const

type WaitName = keyof typeof waits
/** A step with its number of bytes, or a wait. */
type Act = StepName | WaitName | [StepName, number]

export interface Situation {
  acts: readonly Act[]
  policy?: PolicyOptions
  halfOpen?: boolean
  /** Our side does not read. */
  unread?: boolean
}

const backlog: readonly Act[] = ['peer pauses', ['write', 8_000_000]]

/** Every way in which system calls of a guard come about. */
export const situations: Readonly<Record<string, Situation>> = {
  close: { acts: [['write', 1000], 'close without a bound', 'until the end'] },
  'close that confirms nothing': {
    policy: { confirm: 'none' },
    acts: [['write', 1000], 'close without a bound', 'until the end'],
  },
  'close that waits for the peer': {
    policy: { confirm: 'peer' },
    acts: [['write', 1000], 'close without a bound', 'until the end', 'peer finishes', 'until closed'],
  },
  'end()': { acts: [['write', 1000], 'end()', 'until the end'] },
  'end() of much': { acts: [['write', 3_000_000], 'end()', 'until the end', 'peer finishes'] },
  'close in time': { acts: [...backlog, ['close', 19], 'until closed'] },
  'close detached': { policy: { onDeadline: 'detach' }, acts: [...backlog, ['close', 19], 'until closed'] },
  abort: { acts: [['write', 1000], 'until read', 'abort', 'until the end'] },
  'abort at once': { acts: [['write', 1000], 'abort', 'until the end'] },
  'abort of much': { acts: [...backlog, 'abort', 'until closed'] },
  'abort behind a close': { acts: [['write', 1000], 'close without a bound', 'abort'] },
  'resetAndDestroy()': { acts: [['write', 1000], 'until read', 'resetAndDestroy()', 'until the end'] },
  fail: { acts: [['write', 1000], 'until read', 'fail', 'until the end'] },
  'destroy(error)': { acts: [['write', 1000], 'until read', 'destroy(error)', 'until the end'] },
  'destroy()': { acts: [['write', 1000], 'until flushed', 'destroy()', 'until the end'] },
  'destroy() of much': { acts: [...backlog, 'destroy()', 'until closed'] },
  'destroy() that aborts': {
    policy: { preset: 'strict' },
    acts: [['write', 1000], 'until read', 'destroy()', 'until the end'],
  },
  'destroy() behind end()': { acts: [['write', 1000], 'end()', 'destroy()', 'until the end'] },
  'destroy() while the peer goes on': {
    halfOpen: true,
    policy: { confirm: 'peer' },
    acts: [['write', 1000], 'end()', 'until the end', 'destroy()', ['peer writes', 5000], 'peer finishes'],
  },
  dispose: { acts: [['write', 1000], 'dispose', 'until the end'] },
  'unread bytes and close': {
    unread: true,
    acts: [['peer writes', 5000], 'until arrived', 'close without a bound', 'until the end'],
  },
  'unread bytes that abort': {
    unread: true,
    policy: { onUnread: 'abort' },
    acts: [['peer writes', 5000], 'until arrived', ['write', 10], 'close without a bound', 'until the end'],
  },
  'unread bytes and destroy()': {
    unread: true,
    acts: [['peer writes', 5000], 'until arrived', ['write', 10], 'until flushed', 'destroy()', 'until the end'],
  },
  'a linger time': { acts: [['linger', 2], ['write', 1000], 'close without a bound', 'until the end'] },
  'a linger time, and abort': { acts: [['linger', 2], ...backlog, 'abort', 'until closed'] },
  finalise: {
    halfOpen: true,
    acts: [['write', 10], ['finalise', 10_000], ['peer writes', 5000], 'peer finishes', 'until the end'],
  },
  'finish sending': {
    halfOpen: true,
    acts: [['write', 1000], 'finish sending', 'until the end', ['peer writes', 100], 'peer finishes', 'until closed'],
  },
  'the peer finishes': { acts: [['write', 1000], 'peer finishes', 'until the end'] },
  'the peer finishes, and we go on': {
    policy: { onPeerFin: 'keep' },
    acts: ['peer finishes', 'until the peer has ended', ['write', 1000], 'end()', 'until the end'],
  },
  'the peer resets': { acts: [['write', 1000], 'until read', 'peer resets', 'until closed'] },
  'the peer resets behind its bytes': {
    acts: [['peer writes', 100_000], 'until arrived', 'peer resets', 'until closed'],
  },
  'the peer closes': { acts: [['write', 1000], 'until read', 'peer closes'] },
  'what comes is refused': {
    acts: [['write', 10], 'until read', ['stop receiving', 2], ['peer writes', 1000], 'until the end'],
  },
  'what comes is too much': {
    unread: true,
    policy: { drainBytes: 1000, confirm: 'peer' },
    acts: ['close without a bound', ['peer writes', 500_000], 'until closed'],
  },
}

/** The connection that a situation begins with. */
export const enter = ({ policy = {}, halfOpen = false, unread = false }: Situation, guardOf: GuardOf): Promise<World> =>
  begin(policy, halfOpen, guardOf, unread)

/** Does what a situation consists of. A wait that is in vain does no harm: its end comes all the same. */
export const follow = async (world: World, { acts }: Situation): Promise<void> => {
  for (const act of acts) {
    if (typeof act === 'string' && Object.hasOwn(waits, act)) {
      await eventually(() => waits[act as WaitName](world), 500)
      continue
    }
    const [name, bytes] = typeof act === 'string' ? [act, 0] : act
    steps[name as StepName](world, bytes)
  }
}
