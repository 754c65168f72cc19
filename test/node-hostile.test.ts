// Tests what hostile peers can do to guards: not drain without bound, not hold memory or descriptors, not starve
// others, and not make an end of file of what is not complete. FINRST_CONNECTIONS sets how many of them there are.
import net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { guard, guardServer, type PolicyOptions, type Verdict } from '#adapter/index'
import type { ConnectionGuard } from '../adapters/core/guard.js'
import { fact, factIf, isVariant, soon, throughBackend } from './support/deadline.js'
import { cannotCount, descriptors, eventually } from './support/descriptors.js'
import type { HostileOrder, HostileReport, Malice, Seen } from './support/hostile-peer-program.js'
import { accept, listening, portOf } from './support/pair.js'
import { type Running, startProgram, stopPrograms } from './support/programs.js'

const many = Number(process.env.FINRST_CONNECTIONS ?? 80)
const noCalls = backend().name === 'none' && 'no system calls'
const whole = 50_000
const patient = { flushMs: 600_000, drainIdleMs: 600_000, drainMs: 600_000 } as const

let peers: Running
test.before(async () => {
  peers = await startProgram('hostile-peer-program')
})
test.after(stopPrograms)

const told = <K extends 'connected' | 'seen'>(key: K): Promise<HostileReport> =>
  new Promise((resolve) => {
    peers.hear((message) => {
      if (key in (message as object)) resolve(message as HostileReport)
    })
  })

const order = (it: HostileOrder): void => peers.tell(it)

/** Lets the peers go, and tells what they saw. */
const theEnd = async (): Promise<Seen> => {
  const seen = told('seen')
  order('end')
  return ((await soon('the peers tell what they saw', seen, 60_000)) as { seen: Seen }).seen
}

/** One hostile peer, and our guarded end of its connection. */
const one = async (kind: Malice, policy: PolicyOptions): Promise<{ socket: net.Socket; held: ConnectionGuard }> => {
  const { socket } = await accept({ halfOpen: true }, async (port) => {
    const connected = told('connected')
    order({ port, kinds: [kind], each: 1 })
    await connected
  })
  return { socket, held: guard(socket, { ...patient, ...policy }) as ConnectionGuard }
}

const tell = ({ ended, cause }: Verdict): string => `${ended}, cause ${cause}`

// ---- One peer -----------------------------------------------------------------------------------------------------

fact('a peer that sends as fast as it can is drained up to the bound, and then reset', async () => {
  const drainBytes = 1_000_000
  const { socket, held } = await one('flood', { drainBytes, confirm: 'peer' })
  const before = process.memoryUsage()
  socket.write(Buffer.alloc(whole))
  const verdict = await soon('the verdict', held.close(), 60_000)
  assert.is(verdict.cause, 'limit')
  const beyond = held.drainedBytes - drainBytes
  assert.ok(beyond > 0 && beyond < 1_000_000, `${held.drainedBytes} bytes were drained`)
  const { heapUsed, external } = process.memoryUsage()
  const grown = heapUsed + external - before.heapUsed - before.external
  assert.ok(grown < 64_000_000, `the memory grew by ${grown} bytes`)
  const { flood } = await theEnd()
  assert.is(flood?.most, whole)
})

fact('finalise keeps of what such a peer sends no more than its limit', async () => {
  const { held } = await one('flood', {})
  const { rest, verdict } = await soon('it is over', held.finalise({ limit: 10_000 }), 60_000)
  assert.is(rest.length, 10_000)
  assert.is(verdict.cause, 'limit')
  await theEnd()
})

fact('a peer that sends a byte now and then breaks the silence, and not the total time', async () => {
  const { socket, held } = await one('drip', { drainMs: 700, confirm: 'peer' })
  socket.write(Buffer.alloc(whole))
  const verdict = await soon('the verdict', held.close(), 60_000)
  assert.is(verdict.cause, 'deadline')
  assert.ok(held.drainedBytes > 1, 'nothing came that could have broken the silence')
  await theEnd()
})

fact(
  'a peer that never reads holds a close no longer than its bound, and never reads it to an end of file',
  async () => {
    const { socket, held } = await one('mute', { flushMs: 300 })
    socket.write(Buffer.alloc(20_000_000))
    assert.is(tell(await soon('the verdict', held.close(), 60_000)), 'reset, cause deadline')
    const { mute } = await theEnd()
    assert.equal([mute?.eof, mute?.reset], [0, 1])
  },
)

for (const [what, kind] of [
  ['ends its own side first', 'half'],
  ['only waits', 'wait'],
  ['never reads', 'mute'],
] as const) {
  fact(`a peer that ${what} makes no end of file of an abort`, async () => {
    const { socket, held } = await one(kind, { onPeerFin: 'keep' })
    socket.write(Buffer.alloc(whole))
    await new Promise<void>((resolve) => socket.write('x', () => resolve()))
    const verdict = await held.abort()
    assert.is(verdict.ended, 'reset')
    const seen = (await theEnd())[kind]
    assert.equal([seen?.eof, seen?.reset], [0, 1])
  })
}

// ---- Many of them -------------------------------------------------------------------------------------------------

const kinds: readonly Malice[] = ['flood', 'drip', 'mute', 'hold', 'half', 'wait', 'cut', 'quiet']

/** Answers a whole to `c`, and a part of one to `i`, which nobody ever finishes. */
const answer = (socket: net.Socket): void => {
  socket.on('error', () => undefined)
  socket.once('data', (request) => {
    socket.write(Buffer.alloc(whole))
    // The guard is the one that the server has made.
    if (request[0] === 0x63) void guard(socket).close()
    else socket.on('data', () => undefined)
  })
}

/** One client that means well; how many bytes it read up to the end of file. */
const honest = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let bytes = 0
    const client = net.connect({ port, host: '127.0.0.1' }, () => client.write('c'))
    client.on('data', (chunk) => {
      bytes += chunk.length
    })
    client.once('end', () => resolve(bytes)).once('error', reject)
  })

factIf(
  cannotCount || noCalls,
  `${many} hostile peers hold no more of a server than its budget, honest clients are served, and all ends in time`,
  async () => {
    const each = Math.ceil(many / kinds.length)
    const server = net.createServer({ allowHalfOpen: true }, answer)
    const drainConnections = Math.max(2, each >> 1)
    const budget = { drainConnections, drainTotalBytes: 16_000_000 }
    const guards = guardServer(server, { ...patient, confirm: 'peer' }, budget)
    const limited = { count: 0 }
    guards.on('verdict', ({ cause }) => {
      if (cause === 'limit') limited.count += 1
    })
    await listening(server)
    const before = descriptors()
    const connected = told('connected')
    order({ port: portOf(server), kinds: [...kinds], each })
    for (let client = 0; client < 5; client += 1) {
      assert.is(await soon('an honest client is served', honest(portOf(server)), 60_000), whole)
    }
    await soon('all have connected', connected, 60_000)
    // Three kinds drain for as long as they may: most of them have to go.
    const most = each * 3 - drainConnections
    assert.ok(await eventually(() => limited.count >= most, 60_000), `${limited.count} of ${most} were reset`)
    assert.is(await soon('an honest client is served', honest(portOf(server)), 60_000), whole)
    const summary = await soon('the server closes', guards.close({ within: 1000 }), 60_000)
    assert.is(guards.guards.size, 0)
    assert.ok(await eventually(() => descriptors() <= before), `${descriptors() - before} descriptors are left`)
    const seen = await theEnd()
    for (const kind of ['half', 'wait', 'quiet'] as const) assert.is(seen[kind]?.eof, 0, `${kind}: an end of file`)
    for (const { eof, bytes } of [seen.flood, seen.drip, seen.hold].map((it) => it ?? { eof: 0, bytes: 0 })) {
      assert.ok(bytes >= eof * whole, `${eof} ends of file behind ${bytes} bytes`)
    }
    console.log(
      `\nnote: ${each * kinds.length} hostile peers: ${limited.count} reset for the budget of ${drainConnections}; ` +
        `a close gave ${JSON.stringify(summary.ended)}`,
    )
  },
  Math.max(120_000, many * 200),
)

if (!isVariant) {
  fact(
    'what one peer can do is the same with FINRST_BACKEND=none',
    () => throughBackend(import.meta.url, 'none'),
    130_000,
  )
}

test.run()
