// Tests that a verdict on Node claims no more than was observed: resets that the runtime does not tell, or tells late.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, type Verdict } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf } from './support/deadline.js'
import { readNow } from './support/descriptors.js'
import { emitted, flushed, pair } from './support/pair.js'

const noCalls = backend().name === 'none' && 'no system calls'

const told = (verdict: Verdict): string => `${verdict.ended} by ${verdict.by}, received ${verdict.received}`

const commands: [name: string, act: (held: Guard) => unknown][] = [
  ['close()', (held) => held.close()],
  ['a close that confirms the kernel', (held) => held.close({ confirm: 'kernel' })],
  ['finishSending()', (held) => held.finishSending().catch(() => undefined)],
  ['finalise()', (held) => held.finalise()],
  ['dispose', (held) => held[Symbol.dispose]()],
]

for (const [name, act] of commands) {
  factIf(noCalls, `${name} behind a reset that nobody has seen yet is no end of ours`, async () => {
    const { socket, other } = await pair({ unread: true })
    const held = guard(socket)
    socket.write('x')
    await flushed(socket)
    other.resetAndDestroy()
    act(held)
    const verdict = await held.verdict
    assert.is(told(verdict), 'reset by peer, received reset')
    assert.ok(['unknown', 'lost'].includes(verdict.delivery), verdict.delivery)
    socket.destroy()
  })
}

factIf(noCalls, 'destroy() behind a reset that nobody has seen yet claims no end of ours', async () => {
  const { socket, other } = await pair({ unread: true })
  const held = guard(socket)
  other.resetAndDestroy()
  socket.destroy()
  const verdict = await held.verdict
  assert.ok(['reset', 'unknown'].includes(verdict.ended), told(verdict))
  assert.is.not(verdict.by, 'us')
  assert.ok(['unknown', 'lost'].includes(verdict.delivery), verdict.delivery)
})

// Nobody reads behind the peer's FIN, and the queue of what it has reset stays as it was.
for (const left of ['open', 'destroyed'] as const) {
  factIf(
    noCalls,
    `a reset behind the peer's FIN ends a close that waits for the acknowledgement: ${left}`,
    async () => {
      const { socket, other } = await pair({ halfOpen: true })
      const held = guard(socket, { flushMs: 60_000, onPeerFin: 'keep' })
      other.end()
      await emitted(socket.resume(), 'end')
      // More than the window of a peer that does not read, and less than the kernel takes.
      socket.write(Buffer.alloc(400_000))
      await flushed(socket)
      const closing = held.close()
      if (left === 'destroyed') socket.destroy()
      await new Promise((resolve) => setImmediate(resolve))
      other.resetAndDestroy()
      const verdict = await closing
      assert.is(told(verdict), 'reset by peer, received complete')
      assert.ok(['unknown', 'lost'].includes(verdict.delivery) && (verdict.unsent ?? 0) > 0, JSON.stringify(verdict))
    },
  )
}

fact('data and a reset that arrive together are a reset', async () => {
  const { socket, other } = await pair({ unread: true })
  const held = guard(socket)
  other.write(Buffer.alloc(1000))
  await flushed(other)
  other.resetAndDestroy()
  socket.resume()
  assert.is(told(await held.verdict), 'reset by peer, received reset')
})

// An empty write takes the error of the reset: Deno then tells an end of file, the others tell the error.
factIf(noCalls, 'a reset is one although an empty write took its error', async () => {
  const { socket, other } = await pair()
  const held = guard(other, { onPeerFin: 'keep' })
  other.on('error', () => {}).resume()
  await new Promise(setImmediate)
  socket.resetAndDestroy()
  other.write(new Uint8Array(0))
  assert.is(told(await held.verdict), 'reset by peer, received reset')
})

factIf(noCalls, 'what the runtime had read and nobody took is discarded, though the peer then finishes', async () => {
  const { socket, other } = await pair({ halfOpen: true })
  const held = guard(socket, { confirm: 'peer' })
  await held.finishSending()
  const there = new Promise((resolve) => socket.once('readable', resolve))
  other.write(Buffer.alloc(1000))
  await there
  assert.is(socket.readableLength, 1000)
  socket.destroy()
  await emitted(socket, 'close')
  other.end()
  const verdict = await held.verdict
  assert.is(`${verdict.ended}, received ${verdict.received}`, 'fin, received discarded')
})

factIf(noCalls, 'data and a reset that arrive together behind a half-close are a reset', async () => {
  const { socket, other } = await pair({ unread: true, halfOpen: true })
  const held = guard(socket)
  await held.finishSending()
  other.write(Buffer.alloc(1000))
  await flushed(other)
  other.resetAndDestroy()
  socket.resume()
  const verdict = await held.verdict
  assert.is(verdict.received, 'reset')
})

factIf(noCalls, 'data and a reset that arrive together are a reset when the duplicate drains', async () => {
  const { socket, other } = await pair({ unread: true })
  const held = guard(socket, { confirm: 'peer', drainIdleMs: 1000 })
  socket.destroy()
  await emitted(socket, 'close')
  other.write(Buffer.alloc(1000))
  await flushed(other)
  other.resetAndDestroy()
  const verdict = await held.verdict
  assert.is(verdict.received === 'complete', false, told(verdict))
  assert.is.not(verdict.delivery, 'confirmed')
})

factIf(noCalls, 'a reset after the peer had half-closed is told as such', async () => {
  const { socket, other } = await pair({ halfOpen: true })
  const held = guard(socket)
  const ended = emitted(socket.resume(), 'end')
  other.end()
  await ended
  other.resetAndDestroy()
  const verdict = await held.close()
  assert.is(verdict.ended, 'reset', told(verdict))
  assert.is(verdict.by, 'peer')
})

fact('a peer that reads everything and half-closes gives a delivery that is confirmed', async () => {
  const { socket, other } = await pair()
  const held = guard(socket)
  socket.write(Buffer.alloc(100_000))
  other.resume().once('end', () => other.end())
  const verdict = await held.close({ confirm: noCalls ? 'kernel' : 'peer' })
  assert.is(verdict.delivery, noCalls ? 'handed' : 'confirmed')
  if (!noCalls) assert.is(verdict.unsent, 0)
})

fact('every verdict names a rule, and an error only if there was one', async () => {
  const { socket, other } = await pair()
  const verdict = await guard(socket).abort()
  assert.type(verdict.rule, 'string')
  assert.is('error' in verdict, false)
  assert.is(readNow(other), 'ECONNRESET')
  other.destroy()
})

test.run()
