// Tests that nothing a peer sends or an owner does makes a guard throw, leak or lie: random sequences of both.
import type net from 'node:net'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, type PolicyOptions, type Verdict } from '#adapter/index'
import { fact, isVariant, soon, throughBackend } from './support/deadline.js'
import { cannotCount, descriptors, eventually, hiddenReset } from './support/descriptors.js'
import { emitted, pair } from './support/pair.js'

const runs = Number(process.env.FINRST_RUNS ?? 4) * 50

/** One connection under test: what was written, and what the peer's program saw. */
interface World {
  socket: net.Socket
  other: net.Socket
  held: Guard
  written: number
  arrived: number
  /** How the stream ended for the peer's program, if it has. */
  saw: 'eof' | 'reset' | undefined
  /** The peer has left by itself: what it did not read proves nothing. */
  left: boolean
  rejections: Promise<unknown>[]
}

type Step = { do: keyof typeof steps; bytes: number; tick: boolean }

const modes = ['discard', 'hold', 'refuse'] as const

/** A promise that may reject as documented; anything but an Error of ours is a fault. */
const mayReject = (world: World, promise: Promise<unknown>): void => {
  world.rejections.push(
    promise.catch((error: Error) => {
      if (!error.message.startsWith('finrst: our FIN was not sent')) throw error
    }),
  )
}

const steps = {
  // Not nothing: an empty write takes the error of a reset, and Deno then tells an unguarded socket an end of file.
  'peer writes': ({ other }: World, bytes: number) => void other.write(Buffer.alloc(Math.max(bytes, 1))),
  'peer finishes': ({ other }: World) => void other.end(),
  'peer resets': (world: World) => {
    const { other } = world
    world.left = true
    // The unguarded socket would leak its descriptor if it were reset while its FIN is pending.
    if (other.writableEnded && !other.writableFinished) other.destroy()
    else other.resetAndDestroy()
  },
  'peer closes': (world: World) => {
    world.left = true
    world.other.destroy()
  },
  'peer pauses': ({ other }: World) => void other.pause(),
  'peer resumes': ({ other }: World) => void other.resume(),
  write: (world: World, bytes: number) => {
    if (!world.socket.writable) return
    world.written += bytes
    world.socket.write(Buffer.alloc(bytes))
  },
  'write after all': ({ socket }: World) => void (socket.writable || socket.write('late')),
  'end()': (world: World) => void world.socket.end(),
  'destroy()': ({ socket }: World) => void socket.destroy(),
  'destroy(error)': ({ socket }: World) => void socket.destroy(new Error('broken')),
  'destroySoon()': ({ socket }: World) => void socket.destroySoon(),
  'resetAndDestroy()': ({ socket }: World) => void socket.resetAndDestroy(),
  'pause()': ({ socket }: World) => void socket.pause(),
  'resume()': ({ socket }: World) => void socket.resume(),
  close: ({ held }: World, bytes: number) => void held.close({ within: 1 + (bytes % 50) }),
  'close without a bound': ({ held }: World) => void held.close(),
  abort: ({ held }: World) => void held.abort(new Error('reason')),
  fail: ({ held }: World) => void held.fail(undefined),
  'finish sending': (world: World) => mayReject(world, world.held.finishSending()),
  'stop receiving': ({ held }: World, bytes: number) => held.stopReceiving(modes[bytes % 3]),
  finalise: (world: World, bytes: number) => mayReject(world, world.held.finalise({ within: 20, limit: bytes })),
  dispose: ({ held }: World) => held[Symbol.dispose](),
  'dispose asynchronously': (world: World) => mayReject(world, Promise.resolve(world.held[Symbol.asyncDispose]())),
  look: ({ held }: World) => void [held.armed, held.unsent(), held.capabilities],
} as const

const names = Object.keys(steps) as (keyof typeof steps)[]
const anyStep = fc.record<Step>({
  do: fc.constantFrom(...names, 'write', 'write', 'write', 'write'),
  bytes: fc.oneof(fc.nat(10), fc.nat(100_000), fc.nat(12_000_000)),
  tick: fc.boolean(),
})
const anyPolicy = fc.oneof(
  fc.constantFrom<{ preset: 'compatible' | 'strict' }>({ preset: 'compatible' }, { preset: 'strict' }),
  fc.record(
    {
      preset: fc.constantFrom('compatible' as const, 'strict' as const),
      onDrop: fc.constantFrom('close' as const, 'abort' as const),
      onFailure: fc.constantFrom('close' as const, 'abort' as const),
      onPeerFin: fc.constantFrom('keep' as const, 'close' as const),
      onUnread: fc.constantFrom('drain' as const, 'abort' as const),
      onDeadline: fc.constantFrom('abort' as const, 'detach' as const),
      confirm: fc.constantFrom('none' as const, 'kernel' as const, 'acked' as const, 'peer' as const),
      drainBytes: fc.nat(100_000),
    },
    { requiredKeys: [] },
  ),
)

const begin = async (policy: PolicyOptions, halfOpen: boolean): Promise<World> => {
  const { socket, other } = await pair({ halfOpen })
  const bounds = { flushMs: 200, drainIdleMs: 50, drainMs: 100 }
  const world: World = {
    socket,
    other,
    held: guard(socket, { ...policy, ...bounds }),
    written: 0,
    arrived: 0,
    saw: undefined,
    left: false,
    rejections: [],
  }
  socket.resume()
  other.on('data', (chunk) => {
    world.arrived += chunk.length
  })
  other.on('end', () => {
    // Bun tells an end also of what the peer closes itself: it has seen nothing then.
    if (!world.left) world.saw ??= hiddenReset(other) ? 'reset' : 'eof'
  })
  other.on('error', () => {
    world.saw ??= 'reset'
  })
  return world
}

/** What must be so at the end, whatever was done. */
const judge = (world: World, verdict: Verdict): void => {
  const { saw, written, arrived, left } = world
  if (saw === 'eof')
    assert.is(arrived, written, `end of file after ${arrived} of ${written} bytes: ${JSON.stringify(verdict)}`)
  if (verdict.delivery === 'confirmed' && !left) assert.is(arrived, written, `confirmed: ${JSON.stringify(verdict)}`)
  if (verdict.ended === 'reset' && verdict.by === 'us') assert.is.not(saw, 'eof', JSON.stringify(verdict))
  assert.is(world.held.armed, false)
}

const play = async (policy: PolicyOptions, halfOpen: boolean, sequence: Step[]): Promise<void> => {
  const before = descriptors()
  const world = await begin(policy, halfOpen)
  try {
    await follow(world, sequence)
    assert.ok(await eventually(() => descriptors() <= before, 3000), `${descriptors() - before} descriptors are left`)
  } finally {
    world.socket.destroy()
    world.other.destroy()
  }
}

const follow = async (world: World, sequence: Step[]): Promise<void> => {
  let verdicts = 0
  const verdict = world.held.verdict.finally(() => {
    verdicts += 1
  })
  const closed = [world.socket, world.other].map((it) => new Promise((resolve) => it.once('close', resolve)))
  for (const { do: what, bytes, tick } of sequence) {
    steps[what](world, bytes)
    if (tick) await new Promise((resolve) => setImmediate(resolve))
  }
  // Everybody lets go; a peer that can still read does so to its end.
  world.socket.resume().destroy()
  if (!world.other.destroyed) {
    world.other.resume()
    await eventually(() => world.saw !== undefined, 5000)
    world.other.destroy()
  }
  const given = await soon('the verdict', verdict, 5000)
  await soon('both sockets close', Promise.all(closed), 5000)
  await soon('every command settles', Promise.all(world.rejections), 5000)
  judge(world, given)
  assert.is(verdicts, 1)
}

const property = async (): Promise<void> => {
  // What the runtime opens with its first server it keeps: that is no leak.
  const { socket, other } = await pair()
  await Promise.all([socket, other].map((it) => emitted(it.destroy(), 'close')))
  const faults: unknown[] = []
  const note = (fault: unknown): void => void faults.push(fault)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  try {
    const anySequence = fc.array(anyStep, { maxLength: 6 })
    const holds = fc.asyncProperty(anyPolicy, fc.boolean(), anySequence, async (policy, halfOpen, sequence) => {
      await play(policy, halfOpen, sequence)
      assert.equal(faults.splice(0), [])
    })
    await fc.assert(holds, { numRuns: runs, endOnFailure: true, includeErrorInReport: true })
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note)
  }
}

const name = 'random peers and owners: one verdict, no error, no descriptor left, and end of file means complete'
if (cannotCount === false) fact(name, property, 100_000)
if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 110_000)
}

test.run()
