// Tests that no sequence of endings makes relay() lie, hang or leak: random peers on both sides.
import type net from 'node:net'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard, relay } from '#adapter/index'
import { fact, factIf, isVariant, soon, throughBackend } from './support/deadline.js'
import { cannotCount, descriptors, eventually, hiddenReset } from './support/descriptors.js'
import { emitted, pair } from './support/pair.js'

const runs = Number(process.env.FINRST_RUNS ?? 4) * 30

/** One peer of the relay, what it did and what it read. */
interface End {
  /** The relay's own socket. */
  socket: net.Socket
  other: net.Socket
  /** How many bytes it has written, and from which byte on they count. */
  written: number
  read: number
  /** Something came that the other peer had not written there. */
  wrong: boolean
  saw: 'eof' | 'reset' | undefined
  did: Set<string>
}

/** The byte at a position of a stream, another on each side. */
const byteAt = (position: number, side: number): number => (Math.imul(position, 31) + (position >> 8) + 97 * side) & 255

const content = (from: number, length: number, side: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => byteAt(from + index, side))

const steps = {
  write: (end: End, bytes: number, side: number) => {
    if (!end.other.writable) return
    end.other.write(content(end.written, bytes + 1, side))
    end.written += bytes + 1
  },
  finish: ({ other, did }: End) => {
    if (other.writable) did.add('finish')
    other.end()
  },
  reset: (end: End) => {
    end.did.add('leave')
    // The unguarded socket would leak its descriptor if it were reset while its FIN is pending.
    if (end.other.writableEnded && !end.other.writableFinished) end.other.destroy()
    else end.other.resetAndDestroy()
  },
  close: (end: End) => {
    // With nothing in the runtime and nothing unread it is a FIN like any other; else the kernel decides.
    end.did.add('leave')
    if (end.other.writable && end.other.writableLength === 0) end.did.add('finish')
    end.other.destroy()
  },
  pause: ({ other }: End) => void other.pause(),
  resume: ({ other }: End) => void other.resume(),
  'the owner drops': ({ socket, did }: End) => {
    did.add('dropped')
    socket.destroy()
  },
  'the owner fails': ({ socket, did }: End) => {
    did.add('dropped')
    void guard(socket).fail(new Error('broken'))
  },
} as const

type Step = { do: keyof typeof steps; side: 0 | 1; bytes: number; tick: boolean }
const names = Object.keys(steps) as (keyof typeof steps)[]
const anyStep = fc.record<Step>({
  do: fc.constantFrom(...names, 'write', 'write', 'write', 'finish', 'reset'),
  side: fc.constantFrom(0 as const, 1 as const),
  bytes: fc.oneof(fc.nat(10), fc.nat(100_000), fc.nat(1_000_000)),
  tick: fc.boolean(),
})

const makeEnd = async (otherSide: number): Promise<End> => {
  const { socket, other } = await pair({ halfOpen: true })
  const end: End = { socket, other, written: 0, read: 0, wrong: false, saw: undefined, did: new Set() }
  other.on('data', (chunk: Uint8Array) => {
    const sample = [0, chunk.length >> 1, chunk.length - 1]
    end.wrong ||= sample.some((at) => chunk[at] !== byteAt(end.read + at, otherSide))
    end.read += chunk.length
  })
  other.on('end', () => {
    // Bun tells an end also of what the peer resets or closes itself: it has seen nothing then.
    if (!end.did.has('leave')) end.saw ??= hiddenReset(other) ? 'reset' : 'eof'
  })
  other.on('error', () => {
    end.saw ??= 'reset'
  })
  return end
}

const judge = (from: End, to: End, sequence: string): void => {
  assert.not(to.wrong, `other bytes than were written: ${sequence}`)
  assert.ok(to.read <= from.written, `more bytes than were written: ${sequence}`)
  if (to.saw !== 'eof') return
  assert.ok(from.did.has('finish'), `end of file, and the other peer never finished: ${sequence}`)
  assert.is(to.read, from.written, `end of file after ${to.read} of ${from.written} bytes: ${sequence}`)
}

const play = async (sequence: Step[]): Promise<void> => {
  const before = descriptors()
  const ends = [await makeEnd(1), await makeEnd(0)] as const
  const bounds = { flushMs: 2000, drainIdleMs: 200, drainMs: 2000 }
  const verdicts = relay(ends[0].socket, ends[1].socket, { policy: bounds, idleMs: 4000, deliverMs: 500 })
  try {
    for (const { do: what, side, bytes, tick } of sequence) {
      steps[what](ends[side], bytes, side)
      if (tick) await new Promise((resolve) => setImmediate(resolve))
    }
    // Whoever still can finishes and reads to the end.
    for (const end of ends) {
      steps.finish(end)
      end.other.resume()
    }
    await soon('both verdicts', verdicts, 10_000)
    const here = ends.filter(({ other }) => !other.destroyed)
    await soon('both ends', Promise.all(here.map(({ other }) => emitted(other, 'close'))), 10_000)
    const told = JSON.stringify(sequence)
    judge(ends[0], ends[1], told)
    judge(ends[1], ends[0], told)
    assert.ok(await eventually(() => descriptors() <= before, 5000), `${descriptors() - before} descriptors are left`)
  } finally {
    for (const { socket, other } of ends) for (const it of [socket, other]) it.destroy()
  }
}

const property = async (): Promise<void> => {
  // What the runtime opens with its first server it keeps: that is no leak.
  const { socket, other } = await pair()
  await Promise.all([socket, other].map((it) => emitted(it.destroy(), 'close')))
  const faults: unknown[] = []
  const note = (fault: unknown): void => void faults.push(fault)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  try {
    const holds = fc.asyncProperty(fc.array(anyStep, { maxLength: 7 }), async (sequence) => {
      await play(sequence)
      assert.equal(faults.splice(0), [])
    })
    await fc.assert(holds, { numRuns: runs, endOnFailure: true, includeErrorInReport: true })
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note)
  }
}

factIf(
  cannotCount,
  'random endings of both peers: end of file means complete, and nothing hangs or leaks',
  property,
  100_000,
)
if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 110_000)
}

test.run()
