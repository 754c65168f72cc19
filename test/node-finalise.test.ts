// Tests finalise() on Node: what it hands back, its bounds, and which account the verdict gives of it.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, isVariant, throughBackend } from './support/deadline.js'
import { emitted, guarded, pair } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { told } from './support/words.js'

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

const alphabet = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(1000))

/** A guarded socket whose runtime has buffered some bytes that nobody read. */
const withUnread = async (bytes: Uint8Array) => {
  const { socket, other } = await pair({ unread: true })
  const held = guard(socket)
  const arrived = emitted(socket, 'readable')
  other.write(bytes)
  await arrived
  while (socket.readableLength < bytes.length) await emitted(socket, 'readable')
  socket.removeAllListeners('readable')
  return { socket, other, held }
}

fact('finalise hands back what the peer still sends until its FIN', async () => {
  const { socket, link, held } = await guarded(peer, { keep: true })
  socket.write('answer')
  const finalising = held.finalise()
  assert.is(await link.ended(), 'eof')
  await link.tell('write', 100_000)
  await link.tell('finish')
  const { rest, verdict } = await finalising
  assert.is(rest.length, 100_000)
  assert.ok(rest.every((byte) => byte === 'p'.charCodeAt(0)))
  assert.is(told(verdict), 'fin by us, cause close')
  assert.is(verdict.received, 'complete')
})

fact('finalise hands back what the runtime had buffered unread, in order', async () => {
  const { other, held } = await withUnread(alphabet)
  const finalising = held.finalise()
  await emitted(other.resume(), 'end')
  other.end(alphabet)
  const { rest, verdict } = await finalising
  assert.ok(Buffer.concat([alphabet, alphabet]).equals(rest), `${rest.length} bytes`)
  assert.is(verdict.received, 'complete')
})

fact('finalise hands back bytes although the socket decodes text', async () => {
  const { socket, other } = await pair({ unread: true })
  const held = guard(socket.setEncoding('latin1'))
  const bytes = Buffer.from([0, 65, 128, 200, 255])
  other.write(bytes)
  await emitted(socket, 'readable')
  socket.removeAllListeners('readable')
  const finalising = held.finalise()
  await emitted(other.resume(), 'end')
  other.end(bytes)
  const { rest } = await finalising
  assert.equal([...rest], [...bytes, ...bytes])
})

fact('finalise of a peer that has nothing to say hands back nothing', async () => {
  const { link, held } = await guarded(peer)
  const { rest, verdict } = await held.finalise()
  assert.is(rest.length, 0)
  assert.is(told(verdict), 'fin by us, cause close')
  assert.is(await link.ended(), 'eof')
})

fact('a second finalise gives the same verdict', async () => {
  const { link, held } = await guarded(peer, { keep: true })
  const both = Promise.all([held.finalise(), held.finalise()])
  await link.ended()
  await link.tell('write', 10)
  await link.tell('finish')
  const [first, second] = await both
  assert.is(first.verdict, second.verdict)
  assert.is(first.rest.length, 10)
  assert.is(second.rest.length, 10)
})

fact('finalise stops at its limit with a reset', async () => {
  const { link, held } = await guarded(peer, { keep: true })
  const finalising = held.finalise({ limit: 1000 })
  await link.ended()
  await link.tell('write', 1_000_000)
  const { rest, verdict } = await finalising
  assert.is(verdict.cause, 'limit')
  assert.ok(rest.length <= 1000, `${rest.length} bytes handed back`)
})

fact('what the runtime had buffered unread counts for the limit of finalise', async () => {
  const { other, held } = await withUnread(alphabet)
  other.resume()
  const { rest, verdict } = await held.finalise({ limit: 1000 })
  assert.is(verdict.cause, 'limit')
  assert.ok(rest.length <= 1000, `${rest.length} bytes handed back`)
  other.destroy()
})

fact('exactly as many bytes as the limit of finalise are no excess', async () => {
  const { link, held } = await guarded(peer, { keep: true })
  const finalising = held.finalise({ limit: 1000 })
  await link.ended()
  await link.tell('write', 1000)
  await link.tell('finish')
  const { rest, verdict } = await finalising
  assert.is(rest.length, 1000)
  assert.is(told(verdict), 'fin by us, cause close')
})

fact('finalise hands back what came in time when its time is up', async () => {
  const { link, held } = await guarded(peer, { keep: true })
  const finalising = held.finalise({ within: 200 })
  await link.ended()
  await link.tell('write', 500)
  const { rest, verdict } = await finalising
  assert.is(rest.length, 500)
  assert.is(told(verdict), `${backend().name === 'none' ? 'unknown' : 'fin'} by us, cause deadline`)
  assert.is(verdict.received, 'unknown')
})

fact('a finalise with a bad bound rejects and changes nothing', async () => {
  const { socket, link, held } = await guarded(peer)
  for (const bad of [{ within: 0 }, { within: Number.NaN }, { limit: -1 }, { limit: 1.5 }]) {
    const error = await held.finalise(bad).catch((it: unknown) => it)
    assert.instance(error, RangeError)
    assert.match((error as Error).message, new RegExp(`${Object.keys(bad)[0]} is ${Object.values(bad)[0]}`))
  }
  socket.on('data', (chunk) => socket.write(chunk))
  await link.tell('write', 10)
  await link.got(10)
  const closing = held.close()
  assert.is(await link.ended(), 'eof')
  assert.is(told(await closing), 'fin by us, cause close')
})

fact('a reset by the peer during finalise is told, and what came before is handed back', async () => {
  const { link, held } = await guarded(peer, { keep: true })
  const finalising = held.finalise()
  await link.ended()
  await link.tell('write', 500)
  await link.saw('sent')
  await link.tell('reset')
  const { rest, verdict } = await finalising
  assert.ok(rest.length <= 500)
  assert.is(verdict.received, 'reset')
  assert.is.not(verdict.delivery, 'confirmed')
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 60_000)
}

test.run()
