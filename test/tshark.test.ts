// Tests the capture by tshark: it tells what our own capture tells, of the same connection and of whole scripts.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { LineProcess, type Reply } from '../conformance/line-process.js'
import { flagBits } from '../conformance/system/segment.js'
import { parseLine } from '../conformance/system/tshark.js'
import { buildCommandLine, finrst, folder, run } from './support/command-line.js'
import { fact, factIf } from './support/deadline.js'
import { factWith } from './support/tools.js'

const longMs = 180_000
await buildCommandLine()
const cli = join(folder, 'cli.mjs')
const temporary = join(folder, 'temporary')
mkdirSync(temporary)
process.env.TMPDIR = temporary
test.after(() => rmSync(folder, { recursive: true, force: true }))

fact('a line of tshark is a segment, or a datagram of ours', () => {
  const { FIN, ACK } = flagBits
  const line = '1795716458.904802277\t\t40000\t4294967295\t7\t0x0011\t5\t2,7\t1'
  assert.equal(parseLine(line, 40000), {
    from: 'us',
    sequence: 0xffffffff,
    acknowledged: 7,
    flags: FIN | ACK,
    bytes: 5,
    multipath: ['MP_FASTCLOSE', 'DATA_FIN'],
    at: 1795716458904.8022,
  })
  assert.is(parseLine('1.5\t51\t\t\t\t\t\t\t', 40000), 43)
  assert.throws(() => parseLine('1.5\t\t40000\tx\t7\t0x0011\t5\t\t', 40000), /told something that is no segment/)
  assert.throws(() => parseLine('something else', 40000), /tshark told 1 fields: something else/)
})

fact('without tshark the exit code is 3, and the sentence says how to get it', async () => {
  const path = process.env.PATH
  process.env.PATH = temporary
  try {
    const { code, errors } = await finrst('test', 'reset.sequence', '--capture', 'tshark')
    assert.is(code, 3)
    assert.match(errors, /--capture tshark needs tshark: there is no such program/)
    assert.match(errors, /apt-get install -y --no-install-recommends tshark/)
  } finally {
    process.env.PATH = path
  }
})

fact('another program that captures is bad usage', async () => {
  const { code, errors } = await finrst('test', '--capture', 'tcpdump')
  assert.is(code, 2)
  assert.match(errors, /Allowed choices are own, tshark/)
})

/** Both sides of one connection, and what either is told. */
const connect = async () => {
  const start = (name: string): Promise<LineProcess> =>
    LineProcess.start(name, [process.execPath, cli, '__system'], { notice: () => undefined, trace: () => undefined })
  const [us, peer] = [await start('testee'), await start('peer')]
  const ask = async (side: LineProcess, request: { do: string; [field: string]: unknown }): Promise<Reply> => {
    const reply = await side.request(request)
    assert.ok(reply.ok, `${request.do}: ${String(reply.error ?? reply.why)}`)
    return reply
  }
  const { place } = await ask(us, { do: 'listen', as: 'l' })
  await ask(peer, { do: 'connect', as: 's', to: place })
  await ask(us, { do: 'accept', on: 'l', as: 's' })
  return { us, peer, ask }
}

const withoutTime = (lines: unknown): string[] => (lines as string[]).map((line) => line.replace(/^\S+ ms /, ''))
const times = (lines: unknown): number[] => (lines as string[]).map((line) => Number(/^(\S+) ms /.exec(line)?.[1]))

/** A capture of either kind needs a privilege; which one is not there is told. */
const { packet } = await (async (): Promise<Record<string, { can: boolean; why: string } | undefined>> => {
  if (process.platform !== 'linux') return {}
  const { out } = await finrst('test', 'shutdown.write-twice', '--json', '-')
  return JSON.parse(out).system.abilities
})()
const capturing = (title: string, body: () => Promise<void>): void => {
  if (packet?.can) return factWith('tshark', 'tshark', title, body, longMs)
  factIf(`no capture: ${packet?.why ?? 'no system calls'}`, title, body)
}

capturing('of one connection both captures tell the same segments, with times', async () => {
  const { us, peer, ask } = await connect()
  try {
    await ask(us, { do: 'capture', on: 's', side: 'us', with: 'tshark' })
    // Both have the same side's eyes, so that both say "us" of the same segments.
    await ask(peer, { do: 'capture', on: 's', side: 'peer', with: 'own' })
    await ask(us, { do: 'send', on: 's', bytes: 5 })
    await ask(peer, { do: 'recv', on: 's' })
    await ask(peer, { do: 'send', on: 's', bytes: 7000 })
    await ask(us, { do: 'recv', on: 's' })
    await ask(us, { do: 'shutdown', on: 's', how: 1 })
    await ask(peer, { do: 'recv', on: 's' })
    await ask(peer, { do: 'linger', on: 's', onoff: 1, seconds: 0 })
    await ask(peer, { do: 'close', on: 's' })
    const seen = await ask(us, { do: 'segments-and-acks' })
    const own = await ask(peer, { do: 'segments-and-acks' })
    assert.is(seen.is, own.is)
    assert.match(String(own.is), /^us:data\+.*peer:data\+.*us:FIN\+.*peer:RST$/)
    assert.equal(withoutTime(seen.captured), withoutTime(own.captured))
    for (const at of [times(seen.captured), times(own.captured)]) {
      assert.is(at[0], 0)
      assert.equal(
        at,
        [...at].sort((a, b) => a - b),
      )
      assert.ok((at.at(-1) ?? 0) > 0)
    }
  } finally {
    await Promise.all([us.stop(), peer.stop()])
  }
})

capturing('a capture leaves out what came before it, and nothing of it is left behind', async () => {
  const { us, peer, ask } = await connect()
  try {
    await ask(us, { do: 'send', on: 's', bytes: 1 })
    await ask(us, { do: 'capture', on: 's', side: 'us', with: 'tshark' })
    assert.is((await ask(us, { do: 'segments' })).is, 'nothing')
    // Its file has lost its name as soon as it captures: whatever ends it, nothing stays.
    assert.equal(readdirSync(temporary), [])
    await ask(peer, { do: 'send', on: 's', bytes: 1 })
    await ask(us, { do: 'capture', on: 's', side: 'us', with: 'tshark' })
    await ask(us, { do: 'shutdown', on: 's', how: 1 })
    assert.is((await ask(us, { do: 'segments' })).is, 'us:FIN')
  } finally {
    await Promise.all([us.stop(), peer.stop()])
  }
  assert.equal(readdirSync(temporary), [])
})

/** Waits until a tshark has its file, which it makes when its filter stands. */
const untilOpened = async (): Promise<void> => {
  const end = performance.now() + longMs / 4
  while (performance.now() < end) {
    const [made] = readdirSync(temporary)
    if (made !== undefined && readdirSync(join(temporary, made)).length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  throw new Error('tshark made no file')
}

capturing('what comes in while tshark is starting is not of the capture', async () => {
  const seen: unknown[] = []
  // On a busy machine the byte can come too late: then it is, rightly, captured.
  for (let attempt = 0; attempt < 5 && !seen.includes('nothing'); attempt += 1) {
    const { us, peer, ask } = await connect()
    try {
      const begun = ask(us, { do: 'capture', on: 's', side: 'us', with: 'tshark' })
      await untilOpened()
      await ask(peer, { do: 'send', on: 's', bytes: 1 })
      await begun
      seen.push((await ask(us, { do: 'segments' })).is)
    } finally {
      await Promise.all([us.stop(), peer.stop()])
    }
  }
  assert.ok(seen.includes('nothing'), seen.join(', '))
})

/** Scripts in which no time decides what is sent. */
const ids = [
  'abort.sequence',
  'close.linger-zero.closing',
  'close.linger-zero.fin-wait-one',
  'close.linger-zero.fin-wait-two',
  'close.repair',
  'mptcp.shutdown-write',
  'reset.sequence',
  'shut-rd.wire',
]

capturing('scripts keep the same, whoever captures', async () => {
  const play = async (capture: string) => {
    const command = [process.execPath, cli, 'test', ...ids, '--capture', capture, '--json', '-']
    const { code, out, errors } = await run(command, longMs / 2)
    assert.is(code, 0, `${out}${errors}`)
    const { results } = JSON.parse(out) as { results: { id: string; outcome: string; values?: object }[] }
    return results.map(({ id, outcome, values }) => ({ id, outcome, values }))
  }
  const own = await play('own')
  assert.equal(
    own.map(({ id }) => id),
    ids,
  )
  assert.ok(own.some(({ outcome }) => outcome === 'pass'))
  assert.equal(await play('tshark'), own)
  assert.equal(readdirSync(temporary), [])
})

test.run()
