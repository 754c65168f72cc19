// Tests that what the explorer shows is what the model says: the same engine, host, kernels and network, driven here
// move by move, and for whoever has no guard the cells of the table.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadParts } from '../scripts/site-parts.ts'
import { parsePolicy } from '../adapters/core/policy.js'
import { verdictOf } from '../adapters/core/verdict.js'
import { cellsOf } from '../adapters/spec/cells.js'
import { readPlatforms, readRows } from '../adapters/spec/files.js'
import { loadWasm } from '../simulation/engine.ts'
import { Host } from '../simulation/host.ts'
import { KernelAtWork } from '../simulation/kernel.ts'
import { asked, everyKernel } from '../simulation/kernels.ts'
import { moves } from '../simulation/moves.ts'
import { checkWorld } from '../simulation/promises.ts'
import { everything, settingOf } from '../simulation/setting.ts'
import { Fin, newWorld, Rst, Unit } from '../simulation/world.ts'

import { generator } from './twin/random.ts'

const parts = await loadParts()

const kernels = everyKernel(readPlatforms(), readRows(), asked)

/** Makes these moves in the model, on a host that can do everything; each must be possible and keep all promises. */
function drive(platform: string, preset: 'compatible' | 'strict' | 'manual', names: readonly string[]): Host {
  const kernel = kernels.find(({ id }) => id.split(' ', 1)[0] === platform)
  assert.ok(kernel)
  const host = new Host(loadWasm)
  const bounds = { units: 2, failures: 0 }
  const { bits } = parsePolicy(preset, true)
  host.setting = settingOf(host.engine, '', kernel, { title: '', can: everything }, bits, bounds)
  host.work = new KernelAtWork(kernel, newWorld(), () => 0)
  for (const name of names) {
    const move = moves.find(([each]) => each === name)?.[1]
    host.steps = 0
    assert.ok(move?.(host), `${name} is not possible in the model`)
    assert.is(checkWorld(host), undefined, name)
  }
  return host
}

const writes = ['we open', 'we write a unit', 'the runtime flushes a unit', 'our kernel sends a unit']
const confirmed = 'our kernel gets an acknowledgement'

/** The guarded lanes of the scenarios, each as moves of the model. */
const asMoves: Readonly<Record<string, readonly string[]>> = {
  'truncated-answer': [...writes, confirmed, 'destroy(error)', 'the runtime closes', 'the peer gets our reset'],
  'lost-413': [
    'we open',
    'our kernel gets a unit',
    ...writes.slice(1),
    'close()',
    'the runtime has flushed',
    'our kernel sends our FIN',
    'we read a unit',
    'the peer gets our FIN',
    confirmed,
    'the send queue is seen empty',
    "our kernel gets the peer's FIN",
    "we read the peer's FIN",
    'the runtime closes',
  ],
  'armed-crash': [...writes, confirmed, 'the process crashes', 'the peer gets our reset'],
  'shut-rd': ['we open', "stopReceiving('discard')", 'our kernel gets a unit', 'we read a unit'],
  'second-shutdown': [
    ...writes,
    confirmed,
    'finishSending()',
    'the runtime has flushed',
    'our kernel sends our FIN',
    'the peer gets our FIN',
    confirmed,
    'finishSending()',
    'our kernel gets a unit',
    'we read a unit',
  ],
}

/** What the peer has read, out of the world of the model alone. */
function readsOf({ world }: Host): string {
  const here = (unit: number): boolean => unit === Unit.ACKED || (unit === Unit.FLYING && world.fin >= Fin.DELIVERED)
  const bytes = here(world.unitA) ? 'part 1' : 'nothing'
  if (world.fin >= Fin.DELIVERED) return `${bytes}, then end of file`
  return world.rst === Rst.DELIVERED ? `${bytes}, then a reset` : bytes
}

for (const { id, link, variant } of parts.scenarios) {
  const lanes = [link, ...(variant === undefined ? [] : [variant.link])].flatMap((each) => {
    const { situation } = parts.readLink(each)
    return (situation?.lanes ?? []).map((lane) => ({ lane, events: situation?.events ?? [] }))
  })
  const guarded = lanes.filter(({ lane }) => lane.policy !== undefined && id !== 'linger-ticks')
  if (guarded.length === 0) continue
  test(`the guarded lanes of ${id} end as the model says`, () => {
    for (const { lane, events } of guarded) {
      const platform = lane.platform.split('-', 1)[0] ?? ''
      const host = drive(platform, lane.policy?.preset ?? 'compatible', asMoves[id] ?? [])
      const played = parts.play(parts.loadWasm, lane, events)
      assert.is(played.outcome.reads, readsOf(host), lane.platform)
      const ended = played.verdict !== undefined
      assert.is(ended, host.reported !== -1 && host.world.alive === 1, lane.platform)
      if (ended) assert.equal(played.verdict, verdictOf(host.context, host.state), lane.platform)
      for (const field of ['unitA', 'fin', 'rst', 'data', 'peerFin', 'linger', 'declared', 'aborted'] as const)
        assert.is(played.world[field], host.world[field], `${lane.platform}: ${field}`)
    }
  })
}

/** What the program can do, as moves of the model. */
const acts: Readonly<Record<string, string>> = {
  close: 'close()',
  finish: 'finishSending()',
  throw: 'destroy(error)',
  drop: 'destroy()',
  abort: 'abort()',
  exit: 'the process exits',
  stop: "stopReceiving('discard')",
  hold: "stopReceiving('hold')",
  refuse: "stopReceiving('refuse')",
}

test('whatever the program does fires the rule that it fires in the model, in every preset', () => {
  for (const preset of ['compatible', 'strict', 'manual'] as const) {
    for (const [event, move] of Object.entries(acts)) {
      const host = drive('linux', preset, [...writes, confirmed, move])
      const lane = parts.readLink(`#lanes=linux,node,${preset}`).situation?.lanes[0]
      assert.ok(lane)
      const { steps } = parts.play(parts.loadWasm, lane, ['write', event])
      const decision = steps.at(-1)?.items.find((item) => item.kind === 'decision')
      assert.is(decision?.kind === 'decision' && decision.rule, host.rule, `${preset}: ${event}`)
    }
  }
})

const answer = (row: string, platform: string): string => {
  const found = readRows().find(({ id }) => id === row)
  return cellsOf(found ?? { cells: {} }, platform)[0]?.is ?? ''
}
const playBare = (platform: string, events: string[], runtime = 'node'): ReturnType<typeof parts.play> =>
  parts.play(
    parts.loadWasm,
    { platform: `${platform}-${newest(platform)}`, runtime, policy: undefined, choices: {} },
    events,
  )
const newest = (platform: string): string => {
  const found = readPlatforms().find(({ id }) => id === platform)
  return found?.releases[0]?.id ?? ''
}
const systems = ['linux', 'freebsd', 'openbsd', 'netbsd', 'illumos', 'macos', 'windows', 'gvisor']
const endings: Readonly<Record<string, string>> = { fin: 'part 1, then end of file', reset: 'part 1, then a reset' }

test('without a guard a close, a death and SHUT_RD come to what the table says, or to all that is possible', () => {
  for (const platform of systems) {
    for (const [row, events] of [
      ['close.plain', ['write', 'throw']],
      ['exit.default', ['write', 'kill']],
    ] as const) {
      const { outcomes } = playBare(platform, [...events])
      const is = answer(row, platform)
      const reads = outcomes.map((each) => each.reads).sort()
      assert.equal(reads, is === 'unknown' ? Object.values(endings).sort() : [endings[is]], `${row}/${platform}`)
    }
    const late = answer('shut-rd.late-data', platform)
    const { steps, outcome } = playBare(platform, ['stop', 'peer-data', 'read'])
    const told = steps.flatMap(({ items }) =>
      items.flatMap((item) => (item.kind === 'read' && item.side === 'us' ? [item.text] : [])),
    )
    assert.equal(
      told,
      late === 'kept' ? ['the data of the peer'] : late === 'discarded' ? ['0, end of file'] : [],
      platform,
    )
    assert.is(outcome.reads, late === 'reset' ? 'nothing, then a reset' : 'nothing', platform)
  }
})

test('without a guard a linger of five is as long, and ends as the table says', () => {
  for (const platform of systems) {
    const { steps, outcomes } = playBare(
      platform,
      ['linger', 'hold-packets', 'write', 'close', 'deadline', 'deliver-reset'],
      'python',
    )
    const notes = steps.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'note' ? [item.text] : [])))
    const unit = answer('linger.unit', platform)
    if (unit !== 'unknown')
      assert.ok(notes.includes(`close() waits, at most ${unit === 'ticks' ? 0.05 : 5} s`), `${platform}: ${notes}`)
    const timeout = answer('linger.timeout', platform)
    const lost = outcomes.some(({ reads }) => reads === 'nothing, then a reset')
    assert.is(lost, timeout === 'aborts' || timeout === 'unknown', platform)
  }
})

test('whatever is played on whatever lane, the engine is followed and no promise is broken', () => {
  const random = generator(Number(process.env.FINRST_SEED ?? 20261126))
  const pick = <T>(list: readonly T[]): T => list[(random() >>> 0) % list.length] as T
  const ids = parts.events.map(({ id }) => id)
  const policies = ['compatible', 'strict', 'manual', 'compatible+onDrop:abort', 'strict+onUnread:abort']
  const runtimes = ['node', 'node-alone', 'deno-conn', 'deno-alone', 'go', 'python', 'bun']
  let events = 0
  for (let sample = 0; sample < 3000; sample += 1) {
    const platform = pick(systems)
    const word = `#lanes=${platform},${pick(runtimes)},${pick(policies)}`
    const lane = parts.readLink(word).situation?.lanes[0]
    assert.ok(lane, word)
    const list = Array.from({ length: 1 + (sample % 9) }, () => pick(ids))
    const played = parts.playLane(parts.loadWasm, lane, list, () => 0)
    assert.is(played.broken, undefined, `${word}&events=${list}`)
    assert.is(played.followed, true, `${word}&events=${list}: the decisions that are told are not those of the engine`)
    events += list.length
  }
  assert.ok(events > 10_000)
})

test.run()
