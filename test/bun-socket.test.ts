// Tests what only a native socket of Bun has: observed handlers, end() with bytes, half-open listeners, and what is
// refused in its place.
import { rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard, type Policy } from '#adapter/index'
import { backend } from '#adapter/libc'
import { observe } from '../adapters/bun/index.js'
import type { BunSocket } from '../adapters/bun/runtime.js'
import { fact, factIf } from './support/deadline.js'
import { descriptors, eventually } from './support/descriptors.js'
import { type BunEndpoint, bunKit, bunKitWith } from './support/native-bun.js'
import { accepted, connected, guardedEnd } from './support/native-kit.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { refusalOf, told } from './support/words.js'

const noCalls = backend().name === 'none' && 'no system calls'
const big = 12_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

const bunOf = (end: unknown): BunSocket => (end as BunEndpoint).bun

interface Listener {
  readonly port: number
  stop(force?: boolean): void
}
const bun = (
  globalThis as unknown as {
    Bun: {
      listen(options: { port?: number; hostname?: string; unix?: string; socket: object }): Listener
      connect(options: { unix: string; socket: object }): Promise<BunSocket>
    }
  }
).Bun

// ---- the owner's calls ----------------------------------------

fact(
  'the harm: end() with more than the kernel takes is a part and an end of file, and guarded it is whole',
  async () => {
    const bare = await accepted(bunKit, peer, { paused: true })
    assert.ok(bunOf(bare.end).end(new Uint8Array(big)) < big)
    await bare.link.tell('resume')
    assert.is(await bare.link.ended(), 'eof')
    assert.ok(bare.link.bytes < big)
    const { end, link, held } = await guardedEnd(bunKit, peer, { paused: true })
    assert.is(bunOf(end).end(new Uint8Array(big)), big)
    assert.is(bunOf(end).end(new Uint8Array(1)), -1, 'a second end()')
    assert.is(bunOf(end).write('late'), -1)
    await link.tell('resume')
    assert.is(await link.ended(), 'eof')
    assert.is(link.bytes, big)
    assert.is(told(await held.verdict), 'fin by us, cause close')
  },
)

fact('end() takes strings, views and parts of them', async () => {
  const bytes = new Uint8Array([1, 2, 3, 4, 5, 6])
  for (const [values, sent] of [
    [['grüße'], 7],
    [[bytes, 2], 4],
    [[bytes.subarray(1), 1, 2], 2],
    [[bytes.buffer], 6],
    [[], 0],
  ] as [Parameters<BunSocket['end']>, number][]) {
    const { end, link } = await guardedEnd(bunKit, peer)
    assert.is(bunOf(end).end(...values), sent)
    assert.is(await link.ended(), 'eof')
    assert.is(link.bytes, sent)
  }
})

fact('terminate() is an abort, with and without system calls', async () => {
  const { end, link, held } = await guardedEnd(bunKit, peer)
  bunOf(end).terminate()
  assert.is(told(await held.verdict), 'reset by us, cause abort')
  assert.is(await link.ended(), 'reset')
})

fact('shutdown() sends our FIN, and what the peer sends still arrives', async () => {
  const { end, link, held } = await guardedEnd(bunKit, peer, { keep: true, halfOpen: true })
  bunOf(end).shutdown()
  assert.is(await link.ended(), 'eof')
  await link.tell('write', 100)
  assert.ok(await eventually(() => end.received === 100))
  await link.tell('finish')
  assert.is(told(await held.verdict), 'fin by us, cause close')
})

fact('a paused socket that is drained is read again', async () => {
  const { end, link, held } = await guardedEnd(bunKit, peer, { keep: true, halfOpen: true })
  bunOf(end).pause()
  const closing = held.finalise()
  bunOf(end).pause()
  await link.tell('write', 1000)
  await link.tell('finish')
  assert.is((await closing).rest.length, 1000)
})

// ---- half-open or not ----------------------------------------

for (const policy of [{}, 'strict', { onPeerFin: 'close' }] as Policy[]) {
  const reset = policy === 'strict'
  factIf(reset && noCalls, `not half-open, ${JSON.stringify(policy)}: the peer's FIN closes, as Bun does`, async () => {
    const { end, link, held } = await guardedEnd(bunKit, peer, { policy })
    await end.send(new Uint8Array(100))
    await link.tell('finish')
    // Strict keeps our side, and Bun lets go of it: nobody has declared it complete.
    assert.is(await link.ended(), reset ? 'reset' : 'eof')
    assert.is(link.bytes, 100)
    assert.is((await held.verdict).cause, reset ? 'drop' : 'peer')
  })
}

factIf(noCalls, 'not half-open: bytes in hand are lost when the peer half-closes, and it is a reset', async () => {
  const { end, link, held } = await guardedEnd(bunKit, peer, { paused: true })
  end.overfill(new Uint8Array(big))
  await link.tell('finish')
  assert.is((await held.verdict).delivery, 'lost')
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
  assert.ok(link.bytes < big)
})

fact('half-open: our side stays when the peer half-closes, by default', async () => {
  const { end, link, held } = await guardedEnd(bunKit, peer, { halfOpen: true })
  await link.tell('finish')
  await end.readToEnd
  await end.send(new Uint8Array(10))
  await link.got(10)
  await held.close()
  assert.is(await link.ended(), 'eof')
})

// ---- handlers ----------------------------------------

const refusal = (socket: unknown, policy?: unknown): string => refusalOf(() => guard(socket as never, policy as never))

fact('a socket whose handlers nobody observes is refused, and told how', async () => {
  const { end, link } = await accepted(
    bunKitWith((it) => it),
    peer,
  )
  assert.match(refusal(end.socket), /^TypeError: finrst: socket is not observed.*observe\(/)
  end.drop()
  assert.is(await link.ended(), 'eof')
})

fact('observed handlers keep their this, their arguments, and their methods of a class', async () => {
  const calls: string[] = []
  class Echo {
    name = 'echo'
    open(socket: BunSocket): void {
      calls.push(`${this.name} open`)
      guard(socket as never)
    }
    data(socket: BunSocket, chunk: Uint8Array): void {
      calls.push(`${this.name} data ${chunk.length}`)
      socket.end(chunk)
    }
    error(_: BunSocket, error: Error): void {
      calls.push(`${this.name} ${error.message}`)
    }
    close(): void {
      calls.push(`${this.name} close`)
      throw new Error('of the owner')
    }
  }
  const listener = bun.listen({ port: 0, hostname: '127.0.0.1', socket: observe(new Echo()) })
  const link = await peer.connect(listener.port)
  await link.tell('write', 5)
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 5)
  assert.ok(await eventually(() => calls.includes('echo close')))
  await eventually(() => calls.length === 4, 200)
  assert.equal(calls.slice(0, 3), ['echo open', 'echo data 5', 'echo close'])
  listener.stop(true)
})

fact('observe() takes an object and nothing else, and adds no handler for errors', () => {
  for (const value of [undefined, null, 7, 'handlers', []]) {
    assert.throws(() => observe(value as never), /^finrst: handlers is .*; expected the handlers of a socket of Bun$/)
  }
  assert.not.ok('error' in observe({}))
  assert.not.ok('connectError' in observe({}))
  assert.is(observe({ binaryType: 'uint8array' }).binaryType, 'uint8array')
})

// ---- what is refused ----------------------------------------

fact('what is no TCP connection is refused, and what would be is named', async () => {
  const unix = `build/test/bun-socket-${process.pid}.sock`
  const listener = bun.listen({ unix, socket: observe({ data() {} }) })
  const local = await bun.connect({ unix, socket: observe({ data() {} }) })
  assert.match(refusal(local), /^TypeError: .*; expected .*Bun\.connect\(\)$/)
  local.terminate()
  listener.stop(true)
  rmSync(unix, { force: true })
  for (const value of [undefined, null, 7, 'socket', {}, listener]) assert.match(refusal(value), /Bun\.connect\(\)/)
})

fact('a closed socket and a bad policy are refused, and the socket is left as it was', async () => {
  const { end, other } = await connected(bunKit)
  const before = descriptors()
  assert.match(refusal(end.socket, { onDrop: 'shout' }), /^TypeError: finrst: policy\.onDrop is "shout"/)
  assert.match(refusal(end.socket, { flushMs: 0 }), /^RangeError: finrst: policy\.flushMs is 0/)
  assert.equal(Object.getOwnPropertyNames(end.socket), [])
  assert.is(descriptors(), before)
  end.drop()
  assert.match(refusal(end.socket), /^TypeError: finrst: socket is closed/)
  other.destroy()
})

test.run()
