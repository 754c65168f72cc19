// Tests that a guard keeps its promise, or says that it cannot, when system calls fail: each call of each situation
// with each documented error, alone and in pairs. FINRST_RUNS sets how many pairs, FINRST_SEED which.
import type net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { platform } from '#adapter/platform'
import { netHost } from '#adapter/socket'
import type { ConnectionGuard } from '../adapters/core/guard.js'
import type { Libc } from '../adapters/core/libc.js'
import { guardNetSocket } from '../adapters/net/guards.js'
import { factIf } from './support/deadline.js'
import { cannotCount, withDescriptor } from './support/descriptors.js'
import { enter, follow, type Situation, situations } from './support/fault-situations.js'
import { candidatesOf, describeFaults, everyErrno, type Fault, FaultyLibc, someErrno } from './support/faults.js'
import { emitted, pair } from './support/pair.js'
import { seedOf } from './support/seed.js'
import { end, type GuardOf, honest, judge, type World, withWorld } from './support/world.js'
import { generator } from './twin/random.js'

/** With it every single fault is tried with each of its errors, and so many pairs of them for each situation. */
const pairs = Number(process.env.FINRST_RUNS ?? 0)
const seed = seedOf()
const next = generator(seed)
const below = (most: number): number => (next() >>> 1) % most

const here = platform()
const missing =
  (here.libc === undefined && 'no system calls') ||
  (here.id !== 'linux' && 'the errors are those that Linux documents') ||
  cannotCount

/** A guard whose calls are these. */
const guardWith =
  (libc: Libc): GuardOf =>
  (socket, policy) =>
    guardNetSocket(socket, policy, { ...netHost, platform: () => ({ ...here, libc }) })

const strays: unknown[] = []
const counts = { runs: 0, refused: 0, unclaimed: 0 }

const isArmed = (socket: net.Socket): boolean => {
  const words = new Int32Array(2)
  withDescriptor(socket, (fd) => here.libc?.getsockopt(fd, 1, 13, new Uint8Array(words.buffer)))
  return words[0] === 1 && words[1] === 0
}

/** What must be so although calls fail. */
const judgeFaulty = async (world: World, situation: Situation, faulty: FaultyLibc): Promise<void> => {
  // The kernel may say at once that there is no peer.
  if (!(world.held as ConnectionGuard).over) {
    const { armed, capabilities } = world.held
    assert.is(armed, isArmed(world.socket), 'armed is what the kernel knows')
    assert.is(capabilities.arm.can, armed, 'what could not be armed is said')
  }
  await follow(world, situation)
  const verdict = await end(world)
  if (faulty.failed === 0) judge(world, verdict)
  else honest(world, verdict)
  if (world.expected.mustReset && world.saw === 'eof') counts.unclaimed += 1
}

/** Plays one situation with some faults; answers how often each call was made. */
const play = async (situation: Situation, faults: readonly Fault[]): Promise<ReadonlyMap<string, number>> => {
  const faulty = new FaultyLibc(here.libc as Libc, faults)
  counts.runs += 1
  try {
    await withWorld(
      () => enter(situation, guardWith(faulty.libc)),
      (world) => judgeFaulty(world, situation, faulty),
    )
  } catch (error) {
    // A guard that cannot be had is refused, and whoever asked for it knows.
    const { message, stack } = error as Error
    const refused = faulty.failed > 0 && message.startsWith('finrst: the descriptor ')
    if (!refused) throw new Error(`${describeFaults(faults)}, seed ${seed}: ${stack}`)
    counts.refused += 1
  }
  assert.equal(strays.splice(0), [], describeFaults(faults))
  return faulty.calls
}

const tryAll = async (situation: Situation): Promise<void> => {
  const candidates = candidatesOf(await play(situation, []))
  const some = (it: Omit<Fault, 'errno'>): Fault => someErrno(it, next)
  for (const fault of pairs > 0 ? candidates.flatMap(everyErrno) : candidates.map(some)) await play(situation, [fault])
  for (let nth = 0; nth < Math.max(pairs, 3); nth += 1) {
    const [one, other] = [below(candidates.length), below(candidates.length)].map((at) => candidates[at])
    if (one !== undefined && other !== undefined) await play(situation, [some(one), some(other)])
  }
}

test.before(async () => {
  process.on('uncaughtException', (fault) => strays.push(fault)).on('unhandledRejection', (fault) => strays.push(fault))
  // What the runtime opens with its first server it keeps: that is no leak.
  const { socket, other } = await pair()
  await Promise.all([socket, other].map((it) => emitted(it.destroy(), 'close')))
})

for (const [name, situation] of Object.entries(situations)) {
  const ms = Math.max(60_000, pairs * 1000)
  factIf(missing, `calls fail, and nothing hangs, leaks or is claimed in vain: ${name}`, () => tryAll(situation), ms)
}

test.after(() => {
  const { runs, refused, unclaimed } = counts
  if (runs === 0) return
  console.log(
    `\nnote: ${runs} connections whose system calls failed: ${refused} guards refused, ` +
      `${unclaimed} endings of file that could not be helped, of which no verdict said reset; seed ${seed}`,
  )
})

test.run()
