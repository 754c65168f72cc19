// Tests that every field of a policy, and every preset, has its effect on Node.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PolicyOptions, Verdict } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, isVariant, throughBackend } from './support/deadline.js'
import { emitted, type Guarded, guarded } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { told } from './support/words.js'

const calls = backend().name !== 'none'
const noCalls = calls ? false : 'no system calls'
const big = 12_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

type Ending = 'eof' | 'reset'
type Act = (it: Guarded) => void

const drop: Act = ({ socket }) => socket.destroy()
const dispose: Act = ({ held }) => held[Symbol.dispose]()
const fail: Act = ({ socket }) => socket.destroy(new Error('failed'))

const cases: [name: string, policy: PolicyOptions, act: Act, ending: Ending, cause: Verdict['cause']][] = [
  ['onDrop close, destroy()', { onDrop: 'close' }, drop, 'eof', 'drop'],
  ['onDrop abort, destroy()', { onDrop: 'abort' }, drop, 'reset', 'drop'],
  ['onDrop close, dispose', { onDrop: 'close' }, dispose, 'eof', 'drop'],
  ['onDrop abort, dispose', { onDrop: 'abort' }, dispose, 'reset', 'drop'],
  ['onFailure abort, destroy(error)', { onFailure: 'abort' }, fail, 'reset', 'failure'],
  ['onFailure close, destroy(error)', { onFailure: 'close' }, fail, 'eof', 'failure'],
  ['onFailure close, fail()', { onFailure: 'close' }, ({ held }) => void held.fail(new Error('x')), 'eof', 'failure'],
  ['compatible, destroy()', { preset: 'compatible' }, drop, 'eof', 'drop'],
  ['compatible, destroy(error)', { preset: 'compatible' }, fail, 'reset', 'failure'],
  ['strict, destroy()', { preset: 'strict' }, drop, 'reset', 'drop'],
  ['strict, destroy(error)', { preset: 'strict' }, fail, 'reset', 'failure'],
  ['strict with onDrop close, destroy()', { preset: 'strict', onDrop: 'close' }, drop, 'eof', 'drop'],
  ['strict, end()', { preset: 'strict' }, ({ socket }) => socket.end(), 'eof', 'close'],
  ['manual, destroy()', { preset: 'manual' }, drop, 'eof', 'drop'],
  ['manual, destroy(error)', { preset: 'manual' }, fail, 'eof', 'failure'],
  ['manual, abort()', { preset: 'manual' }, ({ held }) => void held.abort(), 'reset', 'abort'],
  ['manual, resetAndDestroy()', { preset: 'manual' }, ({ socket }) => socket.resetAndDestroy(), 'reset', 'abort'],
]

for (const [name, policy, act, ending, cause] of cases) {
  fact(`${name}: the peer sees ${ending}`, async () => {
    const it = await guarded(peer, { policy })
    it.socket.write('x')
    await it.link.got(1)
    act(it)
    assert.is(await it.link.ended(), ending)
    assert.is(it.link.sights.filter((saw) => saw === 'eof' || saw === 'reset').length, 1)
    assert.is((await it.held.verdict).cause, cause)
  })
}

for (const preset of ['compatible', 'strict'] as const) {
  fact(`${preset}: a drop that discards bytes resets`, async () => {
    const { socket, link, held } = await guarded(peer, { paused: true, policy: { preset, onDrop: 'close' } })
    socket.write(Buffer.alloc(big))
    socket.destroy()
    const verdict = await held.verdict
    assert.is(verdict.delivery, 'lost')
    await link.tell('resume')
    assert.is(await link.ended(), 'reset')
    assert.ok(link.bytes < big)
  })
}

fact('manual: a drop that discards bytes is the end of file that the OS sends', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true, policy: 'manual' })
  socket.write(Buffer.alloc(big))
  socket.destroy()
  assert.is((await held.verdict).delivery, 'lost')
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
  assert.ok(link.bytes < big)
})

fact('manual: the socket is not armed', async () => {
  const { held } = await guarded(peer, { policy: 'manual' })
  assert.is(held.armed, false)
  if (calls) assert.is(held.linger(), null)
  await held.abort()
})

factIf(noCalls, 'onCrash leave does not arm, onCrash abort does', async () => {
  const left = await guarded(peer, { policy: { onCrash: 'leave' } })
  const armed = await guarded(peer, { policy: { preset: 'manual', onCrash: 'abort' } })
  assert.is(left.held.armed, false)
  assert.is(armed.held.armed, true)
  await Promise.all([left.held.abort(), armed.held.abort()])
})

for (const [halfOpen, onPeerFin, ends] of [
  [false, undefined, true],
  [true, undefined, false],
  [false, 'keep', false],
  [true, 'close', true],
] as const) {
  const given = onPeerFin === undefined ? 'by default' : `with ${onPeerFin}`
  fact(
    `onPeerFin ${given}, ${halfOpen ? 'half-open' : 'not half-open'}: our side ${ends ? 'ends' : 'stays'}`,
    async () => {
      const policy = onPeerFin === undefined ? {} : { onPeerFin }
      const { socket, link, held } = await guarded(peer, { halfOpen, policy })
      const ended = emitted(socket.resume(), 'end')
      await link.tell('finish')
      await ended
      if (ends) {
        assert.is(await link.ended(), 'eof')
        assert.is(told(await held.verdict), 'fin by us, cause peer')
      } else {
        socket.write('still here')
        await link.got(10)
        assert.is(link.ending, undefined)
        assert.is(told(await held.close()), 'fin by us, cause close')
      }
    },
  )
}

fact('onUnread drain: a close with unread bytes is a FIN', async () => {
  const { link, held } = await guarded(peer, { unread: true })
  await link.tell('write', 1000)
  await link.saw('sent')
  const closing = held.close()
  assert.is(await link.ended(), 'eof')
  assert.is(told(await closing), 'fin by us, cause close')
})

factIf(noCalls, 'onUnread abort: a close with unread bytes resets', async () => {
  const { link, held } = await guarded(peer, { unread: true, policy: { onUnread: 'abort' } })
  await link.tell('write', 1000)
  await link.saw('sent')
  await held.close()
  assert.is(await link.ended(), 'reset')
})

fact('onDeadline abort: a flush out of time resets', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true, policy: { flushMs: 50 } })
  socket.write(Buffer.alloc(big))
  const verdict = await held.close()
  assert.is(told(verdict), 'reset by us, cause deadline')
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
})

factIf(noCalls, 'onDeadline detach: what is in the kernel is still delivered', async () => {
  const policy = { onDeadline: 'detach', drainIdleMs: 50 } as const
  const { socket, link, held } = await guarded(peer, { paused: true, policy })
  socket.write(Buffer.alloc(3_000_000))
  const verdict = await held.close()
  assert.is(told(verdict), 'fin by us, cause deadline')
  assert.is(verdict.delivery, 'handed')
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 3_000_000)
})

factIf(noCalls, 'drainIdleMs: a silent peer is waited for no longer than that', async () => {
  const { held } = await guarded(peer, { keep: true, policy: { drainIdleMs: 100 } })
  const started = performance.now()
  const verdict = await held.close({ confirm: 'peer' })
  const ms = performance.now() - started
  assert.ok(ms > 50 && ms < 3000, `${ms} ms`)
  assert.is(verdict.cause, 'deadline')
  assert.is(verdict.ended, 'fin', 'the FIN was acknowledged')
})

fact('drainMs: a peer that never stops is not drained for ever', async () => {
  const policy = { drainIdleMs: 60_000, drainMs: 150, drainBytes: 2 ** 40 }
  const { link, held } = await guarded(peer, { keep: true, policy })
  const started = performance.now()
  const closing = held.close({ confirm: 'peer' })
  await link.ended()
  void link.tell('write', 50_000_000).catch(() => undefined)
  assert.is((await closing).cause, 'deadline')
  assert.ok(performance.now() - started < 5000)
})

fact('drainBytes: more than that resets', async () => {
  const { link, held } = await guarded(peer, { keep: true, policy: { drainBytes: 100_000 } })
  const closing = held.close({ confirm: 'peer' })
  await link.ended()
  void link.tell('write', 50_000_000).catch(() => undefined)
  const verdict = await closing
  assert.is(verdict.cause, 'limit')
  assert.is(verdict.received, 'discarded')
  await link.saw('reset')
})

fact('confirm none: the verdict is given with the call', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true, policy: { confirm: 'none' } })
  socket.write(Buffer.alloc(big))
  assert.is((await held.close()).cause, 'close')
  assert.ok(socket.writableLength > 0)
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, big)
})

fact('confirm kernel: the verdict is given when the FIN is out', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true, policy: { confirm: 'kernel' } })
  socket.write(Buffer.alloc(200_000))
  const verdict = await held.close()
  assert.ok(['handed', 'acked'].includes(verdict.delivery), verdict.delivery)
  assert.is(socket.writableLength, 0)
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
})

factIf(noCalls, 'confirm acked is the default, and confirm peer waits for the peer', async () => {
  const acked = await guarded(peer, { keep: true })
  assert.is((await acked.held.close()).delivery, 'acked')
  await acked.link.tell('finish')
  const confirmed = await guarded(peer, { policy: { confirm: 'peer' } })
  assert.is((await confirmed.held.close()).delivery, 'confirmed')
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 60_000)
}

test.run()
