// Tests what a guard on Node tells of its connection: SO_LINGER, what is unsent, whether it is armed, what can be done.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Guard } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { emitted, flushed, guarded } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { factsThroughBackends } from './support/variants.js'

const calls = backend().name !== 'none'
const noCalls = calls ? false : 'no system calls'
const linux = process.platform === 'linux' ? false : 'a fact of Linux'
const big = 12_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

factIf(noCalls, 'linger is set and read in seconds', async () => {
  const { held } = await guarded(peer)
  const seen = [null, 0, 1, 5, 327, null].map((seconds) => {
    held.setLinger(seconds)
    return held.linger()
  })
  assert.equal(seen, [null, 0, 1, 5, 327, null])
  await held.abort()
  assert.throws(() => held.setLinger(1), /connection has ended/)
  assert.throws(() => held.linger(), /connection has ended/)
})

factIf(noCalls, 'linger 0 arms and any other linger disarms', async () => {
  const { held } = await guarded(peer)
  assert.is(held.linger(), 0, 'a guarded connection is armed')
  held.setLinger(5)
  assert.is(held.armed, false)
  held.setLinger(0)
  assert.is(held.armed, true)
  await held.abort()
})

for (const [way, act] of [
  ['close', (held: Guard) => held.close({ confirm: 'kernel', within: 200 })],
  ['a deadline that detaches', (held: Guard) => held.close({ within: 50 })],
  ['abort', (held: Guard) => held.abort()],
] as const) {
  factIf(noCalls, `a linger of 5 s never blocks the event loop: ${way}`, async () => {
    const policy = { onDeadline: 'detach', drainIdleMs: 100 } as const
    const { socket, link, held } = await guarded(peer, { paused: true, policy })
    socket.write(Buffer.alloc(100_000))
    await flushed(socket)
    held.setLinger(5)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const closed = emitted(socket, 'close')
    await act(held)
    await closed
    delay.disable()
    assert.ok(delay.max < 1.5e9, `the event loop stood still for ${delay.max / 1e6} ms`)
    await link.tell('resume')
    assert.is(await link.ended(), way === 'abort' ? 'reset' : 'eof')
  })
}

factIf(noCalls || linux, 'unsent counts the buffers of runtime and kernel until they are acknowledged', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true })
  assert.is(held.unsent(), 0)
  socket.write(Buffer.alloc(big))
  const unsent = held.unsent() ?? 0
  assert.ok(unsent > big / 2 && unsent <= big, `unsent ${unsent}`)
  await link.tell('resume')
  await link.got(big)
  assert.ok(await eventually(() => held.unsent() === 0))
  await held.close()
  assert.is(held.unsent(), 0)
})

fact('a guard is armed from the start, and no longer once our FIN is out', async () => {
  const { held } = await guarded(peer, { keep: true })
  assert.is(held.armed, calls)
  await held.finishSending()
  assert.is(held.armed, false)
  if (calls) assert.is(held.linger(), null)
  await held.abort()
  assert.is(held.armed, false, 'after the end')
})

fact('the capabilities say in words what can be done', async () => {
  const { held } = await guarded(peer)
  const { platform, backend: name, ...rest } = held.capabilities
  assert.is(name, backend().name)
  assert.ok(platform.length > 0)
  for (const [what, { can, why }] of Object.entries(rest)) {
    assert.type(can, 'boolean', what)
    assert.ok(why.length > 10, `${what}: ${why}`)
  }
  assert.is(rest.abort.can, true)
  assert.is(rest.halfClose.can, true)
  for (const what of ['arm', 'hold', 'linger'] as const) assert.is(rest[what].can, calls, what)
  if (!calls) assert.match(rest.arm.why, /FINRST_BACKEND=none/)
  else assert.match(rest.arm.why, new RegExp(`system calls through ${name}`))
  await held.abort()
})

factIf(
  calls ? 'there are system calls' : false,
  'without system calls linger is an error and unsent unknown',
  async () => {
    const { held } = await guarded(peer)
    assert.throws(() => held.setLinger(5), /SO_LINGER cannot be set.*FINRST_BACKEND=none/)
    assert.throws(() => held.linger(), /SO_LINGER cannot be read.*FINRST_BACKEND=none/)
    assert.is(held.unsent(), undefined)
    await held.abort()
  },
)

factsThroughBackends(import.meta.url)

test.run()
