// Tests that a guard of a runtime's own sockets keeps its promise, or says that it cannot, when system calls fail: the
// same in Deno and in Bun. FINRST_RUNS tries every error of each call, FINRST_SEED which without it.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, type PolicyOptions } from '#adapter/index'
import { platform } from '#adapter/platform'
import type { Libc } from '../../adapters/core/libc.js'
import { generator } from '../twin/random.js'
import { factIf, soon } from './deadline.js'
import { cannotCount, descriptors, eventually } from './descriptors.js'
import { candidatesOf, describeFaults, everyErrno, type Fault, FaultyLibc, someErrno } from './faults.js'
import { type AcceptOptions, accepted, type Endpoint, type Kit, peerFor } from './native-kit.js'
import type { Link, LinkOptions, Peer } from './peer.js'
import { stopPrograms } from './programs.js'
import { seedOf } from './seed.js'

const every = process.env.FINRST_RUNS !== undefined
const seed = seedOf()
const next = generator(seed)
const counts = { runs: 0, refused: 0 }
const bounds = { flushMs: 300, drainIdleMs: 100, drainMs: 300 } as const

interface Situation extends AcceptOptions, LinkOptions {
  policy?: PolicyOptions
  /** The stream is given up: nobody may read it to its end. */
  givenUp?: boolean
  /** Answers how many bytes were written. */
  act(it: { end: Endpoint; link: Link; held: Guard }): Promise<number>
}

const sent = async (end: Endpoint, bytes: number): Promise<number> => {
  await end.send(new Uint8Array(bytes))
  return bytes
}

/** Much more than the kernel takes at once. */
const much = 12_000_000

const situations: Readonly<Record<string, Situation>> = {
  close: {
    act: async ({ end, held }) => {
      const bytes = await sent(end, 1000)
      void held.close()
      return bytes
    },
  },
  'the ordinary end of sending': {
    act: async ({ end }) => {
      const bytes = await sent(end, 1000)
      await end.finish()
      return bytes
    },
  },
  abort: {
    givenUp: true,
    act: async ({ end, held }) => {
      const bytes = await sent(end, 1000)
      void held.abort()
      return bytes
    },
  },
  fail: {
    givenUp: true,
    act: async ({ end, held }) => {
      const bytes = await sent(end, 1000)
      void held.fail(new Error('failed'))
      return bytes
    },
  },
  'the ordinary close': {
    act: async ({ end }) => {
      const bytes = await sent(end, 1000)
      await end.drop()
      return bytes
    },
  },
  'the ordinary close that aborts': {
    givenUp: true,
    policy: { preset: 'strict' },
    act: async ({ end }) => {
      const bytes = await sent(end, 1000)
      await end.drop()
      return bytes
    },
  },
  'abort of much': {
    givenUp: true,
    paused: true,
    act: async ({ end, held }) => {
      end.overfill(new Uint8Array(much))
      void held.abort()
      return much
    },
  },
  'close in time': {
    paused: true,
    act: async ({ end, held }) => {
      end.overfill(new Uint8Array(much))
      void held.close({ within: 30 })
      return much
    },
  },
  finalise: {
    halfOpen: true,
    keep: true,
    act: async ({ end, link, held }) => {
      const bytes = await sent(end, 10)
      held.finalise().catch(() => undefined)
      await link.tell('write', 5000)
      await link.tell('finish')
      return bytes
    },
  },
  'the peer resets': {
    act: async ({ end, link }) => {
      end.read()
      const bytes = await sent(end, 10)
      await link.tell('reset')
      return bytes
    },
  },
}

/** A runtime tells some failures by its own errors, which are no faults of the guard. */
const quietly = async (act: Promise<number>): Promise<number> => act.catch(() => 0)

/** The peer has read an ending, or has made one itself. */
const hasEnded = (link: Link): boolean => link.ending !== undefined || link.sights.includes('closed')

const judge = async (it: { end: Endpoint; link: Link; held: Guard }, situation: Situation): Promise<void> => {
  const { end, link, held } = it
  const written = await soon('what is done returns', quietly(situation.act(it)), 20_000)
  if (!situation.paused) await eventually(() => hasEnded(link), 500)
  await link.tell('resume')
  // Whoever is still there lets go.
  await letGo(end)
  const verdict = await soon('the verdict', held.verdict, 20_000)
  await eventually(() => hasEnded(link), 10_000)
  const saw = link.ending
  const told = `${link.bytes} of ${written} bytes, then ${saw ?? 'nothing'}: ${JSON.stringify(verdict)}`
  if (verdict.ended === 'reset' && verdict.by === 'us') assert.is.not(saw, 'eof', `a silent FIN: ${told}`)
  if (saw === 'eof' && situation.givenUp) assert.is(verdict.ended, 'unknown', `given up: ${told}`)
  if (verdict.delivery === 'confirmed') assert.is(link.bytes, written, told)
}

/** It may have closed already. */
const letGo = async (end: Endpoint): Promise<void> => {
  try {
    await end.drop()
  } catch {
    return
  }
}

const play = async (kit: Kit, peer: Peer, situation: Situation, faults: readonly Fault[]): Promise<FaultyLibc> => {
  const libc = platform().libc as Libc
  const real = { ...libc }
  const faulty = new FaultyLibc(real, faults)
  const before = descriptors()
  const { end, link } = await accepted(kit, peer, situation)
  Object.assign(libc, faulty.libc)
  try {
    const held = guard(end.socket, { ...bounds, ...situation.policy })
    await judge({ end, link, held }, situation)
  } catch (error) {
    const { message, stack } = error as Error
    const refused = faulty.failed > 0 && /^finrst: (?:the descriptor|socket is closed)/.test(message)
    if (!refused) throw new Error(`${describeFaults(faults)}, seed ${seed}: ${stack}`)
    counts.refused += 1
  } finally {
    Object.assign(libc, real)
    await letGo(end)
    await link.tell('close')
    peer.forget(link)
  }
  counts.runs += 1
  assert.ok(await eventually(() => descriptors() <= before, 5000), `${describeFaults(faults)}: a descriptor is left`)
  return faulty
}

/** The facts about a kit. */
export const faultFacts = (kit: Kit): void => {
  const missing = (platform().libc === undefined && 'no system calls') || cannotCount
  let peer: Peer
  test.before(async () => {
    peer = await peerFor(kit)
    // What the runtime opens with its first connection it keeps: that is no leak.
    const { end, link } = await accepted(kit, peer)
    await letGo(end)
    await link.saw('closed')
  })
  test.after(stopPrograms)
  for (const [name, situation] of Object.entries(situations)) {
    const body = async (): Promise<void> => {
      const { calls } = await play(kit, peer, situation, [])
      const candidates = candidatesOf(calls)
      const faults = every ? candidates.flatMap(everyErrno) : candidates.map((it) => someErrno(it, next))
      for (const fault of faults) await play(kit, peer, situation, [fault])
    }
    factIf(missing, `calls fail, and nothing hangs, leaks or is claimed in vain: ${name}`, body, 600_000)
  }
  test.after(() => console.log(`\nnote: ${counts.runs} connections, ${counts.refused} guards refused, seed ${seed}`))
}
