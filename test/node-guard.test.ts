// Tests every member of a guard, and run(), on Node: what the peer's process sees and what the verdict says.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard, run } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf } from './support/deadline.js'
import { descriptors, readNow } from './support/descriptors.js'
import { emitted, guarded, pair, plain } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { told } from './support/words.js'
import { factsThroughBackends } from './support/variants.js'

const calls = backend().name !== 'none'
const noCalls = calls ? false : 'no system calls'
const big = 12_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

// ---- close ----------------------------------------

fact('a close sends everything and then our FIN', async () => {
  const { socket, link, held } = await guarded(peer)
  socket.write(Buffer.alloc(1000))
  const verdict = await held.close()
  assert.is(told(verdict), 'fin by us, cause close')
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 1000)
})

fact('a second close changes nothing and gives the same verdict', async () => {
  const { link, held } = await guarded(peer)
  const first = held.close()
  const second = held.close({ within: 5000, confirm: 'none' })
  const verdict = await first
  assert.is(await second, verdict)
  assert.is(await held.verdict, verdict)
  assert.is(await held.close(), verdict, 'a close after the end')
  assert.is(await link.ended(), 'eof')
})

fact('a close that cannot flush within its time resets', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true })
  socket.write(Buffer.alloc(big))
  const verdict = await held.close({ within: 50 })
  assert.is(told(verdict), 'reset by us, cause deadline')
  assert.is(verdict.delivery, 'lost')
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
  assert.ok(link.bytes < big)
})

fact('a close within its time is not disturbed by its clock', async () => {
  const { link, held } = await guarded(peer)
  assert.is(told(await held.close({ within: 60_000 })), 'fin by us, cause close')
  assert.is(await link.ended(), 'eof')
})

fact('a close that confirms nothing gives its verdict before anything is flushed', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true })
  socket.write(Buffer.alloc(big))
  const verdict = await held.close({ confirm: 'none' })
  assert.is(verdict.cause, 'close')
  assert.ok(['unknown', 'handed'].includes(verdict.delivery), verdict.delivery)
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, big)
})

fact('a close that confirms the kernel does not wait for the peer', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true })
  socket.write(Buffer.alloc(100_000))
  const verdict = await held.close({ confirm: 'kernel' })
  assert.is(told(verdict), 'fin by us, cause close')
  assert.is(link.ending, undefined)
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 100_000)
})

factIf(noCalls, 'a close that confirms the acknowledgement waits for it', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true, keep: true })
  socket.write(Buffer.alloc(3_000_000))
  let given = false
  const closing = held.close({ confirm: 'acked' }).finally(() => {
    given = true
  })
  await emitted(socket, 'finish')
  assert.is(given, false)
  assert.ok((held.unsent() ?? 0) > 0)
  await link.tell('resume')
  const verdict = await closing
  assert.is(verdict.delivery, 'acked')
  assert.is(verdict.unsent, 0)
  assert.is(await link.ended(), 'eof')
  await link.tell('finish')
})

factIf(noCalls, 'a close that confirms the peer waits until it has ended too', async () => {
  const { link, held } = await guarded(peer, { keep: true })
  const closing = held.close({ confirm: 'peer' })
  assert.is(await link.ended(), 'eof')
  const early = await Promise.race([closing, link.tell('pause').then(() => 'pending')])
  assert.is(early, 'pending')
  await link.tell('resume')
  await link.tell('finish')
  const verdict = await closing
  assert.is(verdict.delivery, 'confirmed')
  assert.is(verdict.received, 'complete')
})

// ---- abort and fail ----------------------------------------

fact('the reset has left when abort() returns', async () => {
  const { socket, other } = await pair()
  const held = guard(socket)
  other.pause()
  const done = held.abort()
  assert.is(readNow(other), 'ECONNRESET')
  assert.is(told(await done), 'reset by us, cause abort')
  other.destroy()
})

fact('an abort with bytes unsent resets and tells how many were lost', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true })
  socket.write(Buffer.alloc(big))
  const verdict = await held.abort(new Error('enough'))
  assert.is(told(verdict), 'reset by us, cause abort')
  assert.is(verdict.delivery, 'lost')
  assert.is(verdict.error?.message, 'enough')
  if (calls) assert.ok((verdict.unsent ?? 0) > big / 2, `unsent ${verdict.unsent}`)
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
})

fact('a second abort and a close after an abort change nothing', async () => {
  const { link, held } = await guarded(peer)
  const verdict = await held.abort()
  assert.is(await held.abort(), verdict)
  assert.is(await held.close(), verdict)
  assert.is(await held.fail(new Error('late')), verdict)
  assert.is(await link.ended(), 'reset')
})

fact('a failure resets and its error is in the verdict', async () => {
  const { link, held } = await guarded(peer)
  const verdict = await held.fail('no answer')
  assert.is(told(verdict), 'reset by us, cause failure')
  assert.is(verdict.error?.message, 'no answer')
  assert.is(await link.ended(), 'reset')
})

// ---- finish sending, stop receiving ----------------------------------------

fact('finish sending resolves when the FIN is out, and receiving goes on', async () => {
  const { socket, link, held } = await guarded(peer, { keep: true, halfOpen: true })
  socket.write(Buffer.alloc(5000))
  await held.finishSending()
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 5000)
  const data = emitted(socket, 'data')
  await link.tell('write', 100)
  await data
  await held.finishSending()
  await link.tell('finish')
  assert.is(told(await held.close()), 'fin by us, cause close')
})

fact('finish sending rejects when the connection is aborted first', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true })
  socket.write(Buffer.alloc(big))
  const finishing = held.finishSending().then(
    () => 'resolved',
    (error: Error) => error.message,
  )
  await held.abort()
  assert.match(await finishing, /FIN was not sent.*abort/)
  const late = await held.finishSending().catch((error: Error) => error.message)
  assert.match(String(late), /FIN was not sent/)
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
})

fact('discarding throws away what arrives and keeps the peer sending', async () => {
  const { socket, link, held } = await guarded(peer, { unread: true, policy: { drainBytes: big } })
  socket.on('data', () => assert.unreachable('a discarded byte reached the owner'))
  held.stopReceiving('discard')
  held.stopReceiving('discard')
  await link.tell('write', 3_000_000)
  await link.saw('sent')
  const closing = held.close()
  assert.is(await link.ended(), 'eof')
  const verdict = await closing
  assert.is(told(verdict), 'fin by us, cause close')
})

fact('holding leaves what arrives unread until the peer stalls', async () => {
  const { socket, link, held } = await guarded(peer)
  let arrived = 0
  socket.on('data', (chunk) => {
    arrived += chunk.length
  })
  held.stopReceiving('hold')
  await link.tell('write', big)
  socket.write('x')
  await link.got(1)
  assert.not.ok(link.sights.includes('sent'))
  assert.ok(arrived < 1_000_000, `${arrived} bytes reached the owner`)
  await held.abort()
  assert.is(await link.ended(), 'reset')
})

fact('refusing resets when more arrives and not before', async () => {
  const { socket, link, held } = await guarded(peer)
  held.stopReceiving('refuse')
  socket.write('x')
  await link.got(1)
  assert.is(link.ending, undefined)
  await link.tell('write', 1)
  assert.is(await link.ended(), 'reset')
  assert.is((await held.verdict).ended, 'reset')
})

fact('a reset after a refusal tells what it threw away', async () => {
  const { socket, link, held } = await guarded(peer, { paused: true })
  socket.write(Buffer.alloc(big))
  held.stopReceiving('refuse')
  await link.tell('write', 1)
  const verdict = await held.verdict
  assert.is(told(verdict), 'reset by us, cause abort')
  assert.is(verdict.delivery, 'lost')
  if (calls) assert.ok((verdict.unsent ?? 0) > big / 2, `unsent ${verdict.unsent}`)
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
})

// ---- one guard, its verdict, dispose, run ----------------------------------------

fact('a socket has one guard, and a second policy is ignored', async () => {
  const { socket, link, held } = await guarded(peer, { policy: 'strict' })
  const fds = descriptors()
  assert.is(guard(socket, 'manual'), held)
  assert.is(guard(socket), held)
  assert.is(descriptors(), fds)
  socket.destroy()
  assert.is(told(await held.verdict), 'reset by us, cause drop')
  assert.is(guard(socket), held, 'after the end too')
  assert.is(await link.ended(), 'reset')
})

fact('the verdict resolves however it ends', async () => {
  const { socket, held } = await guarded(peer)
  socket.destroy(new Error('broken'))
  const verdict = await held.verdict
  assert.is(told(verdict), 'reset by us, cause failure')
  assert.is(verdict.error?.message, 'broken')
})

fact('a reset by the peer is told in the verdict', async () => {
  const { socket, link, held } = await guarded(peer)
  socket.resume()
  await link.tell('reset')
  const verdict = await held.verdict
  assert.is(told(verdict), 'reset by peer, cause peer')
  assert.is(verdict.received, 'reset')
})

fact('disposing without a decision is a drop', async () => {
  const { link, held } = await guarded(peer)
  {
    using it = held
    assert.is(it, held)
  }
  assert.is(told(await held.verdict), 'fin by us, cause drop')
  assert.is(await link.ended(), 'eof')
})

fact('disposing asynchronously waits for the verdict, and after a decision it changes nothing', async () => {
  const { held, link } = await guarded(peer)
  {
    await using it = held
    void it.abort()
  }
  assert.is(told(await held.verdict), 'reset by us, cause abort')
  assert.is(await link.ended(), 'reset')
})

fact('run() closes when the function returns and gives its result', async () => {
  const { socket, link } = await plain(peer)
  const result = await run(socket, async (held) => {
    socket.write('answer')
    assert.is(held, guard(socket))
    return 42
  })
  assert.is(result, 42)
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 6)
})

fact('run() resets when the function throws, and rejects with the same error', async () => {
  const { socket, link } = await plain(peer)
  const error = new Error('half way')
  const caught = await run(socket, () => {
    socket.write('answ')
    throw error
  }).catch((it: unknown) => it)
  assert.is(caught, error)
  assert.is(await link.ended(), 'reset')
})

fact('a command given inside run() stands', async () => {
  const { socket, link } = await plain(peer)
  await run(socket, (held) => void held.abort())
  assert.is(await link.ended(), 'reset')
})

factsThroughBackends(import.meta.url)

test.run()
