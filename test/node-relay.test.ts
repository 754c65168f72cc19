// Tests relay(): for every ending of one peer, what the other one reads, and both verdicts.
import { createHash, randomBytes } from 'node:crypto'
import type net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard, relay } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, isVariant, soon, throughBackend } from './support/deadline.js'
import { emitted, pair, plain } from './support/pair.js'
import { type Link, Peer } from './support/peer.js'
import { startProgram, stopPrograms } from './support/programs.js'
import { relayed } from './support/relayed.js'

const noCalls = backend().name === 'none' && 'no system calls'
const bytes = 100_000
const large = 4_000_000
let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

// ---- FIN for FIN ----------------------------------------------------------------------------------------------------

fact('a half-close is a half-close on the other side, and the answer still comes: both ways round', async () => {
  for (const way of ['ab', 'ba'] as const) {
    const { [way[0] as 'a']: one, [way[1] as 'b']: other, verdicts } = await relayed(peer)
    await one.tell('write', bytes)
    await one.tell('finish')
    assert.is(await other.ended(), 'eof')
    assert.is(other.bytes, bytes)
    await other.tell('write', 2 * bytes)
    await other.tell('finish')
    assert.is(await one.ended(), 'eof')
    assert.is(one.bytes, 2 * bytes)
    for (const verdict of await verdicts()) {
      assert.is(verdict.ended, 'fin')
      assert.is(verdict.received, 'complete')
      assert.is(verdict.error, undefined)
    }
  }
})

fact('both sides may finish at the same time', async () => {
  const { a, b, verdicts } = await relayed(peer)
  for (const link of [a, b]) void link.tell('write', bytes)
  for (const link of [a, b]) void link.tell('finish')
  assert.equal([await a.ended(), await b.ended()], ['eof', 'eof'])
  assert.equal([a.bytes, b.bytes], [bytes, bytes])
  assert.equal(
    (await verdicts()).map(({ ended, received }) => `${ended} ${received}`),
    ['fin complete', 'fin complete'],
  )
})

fact('a peer that had finished before the relay began has finished', async () => {
  const [left, right] = await Promise.all([plain(peer, { keep: true, halfOpen: true }), plain(peer, { keep: true })])
  left.socket.resume()
  await left.link.tell('finish')
  await emitted(left.socket, 'end')
  const verdicts = relay(left.socket, right.socket)
  assert.is(await right.link.ended(), 'eof')
  await right.link.tell('write', bytes)
  await right.link.tell('finish')
  assert.is(await left.link.ended(), 'eof')
  assert.is(left.link.bytes, bytes)
  assert.equal(
    (await verdicts).map(({ ended }) => ended),
    ['fin', 'fin'],
  )
})

fact('the policy of a guard that closes with the peer yields to the relay: half-open stays half-open', async () => {
  const { a, b, verdicts } = await relayed(peer, { guarded: { onPeerFin: 'close' } })
  await a.tell('finish')
  assert.is(await b.ended(), 'eof')
  await b.tell('write', bytes)
  await a.got(bytes)
  await b.tell('finish')
  assert.is(await a.ended(), 'eof')
  await verdicts()
})

// ---- Reset for reset ------------------------------------------------------------------------------------------------

fact('a reset is a reset on the other side, after what was read before it: both ways round', async () => {
  for (const way of ['ab', 'ba'] as const) {
    const { [way[0] as 'a']: one, [way[1] as 'b']: other, verdicts } = await relayed(peer)
    await one.tell('write', bytes)
    await other.got(bytes)
    await one.tell('reset')
    assert.is(await other.ended(), 'reset')
    assert.is(other.bytes, bytes)
    const [first, second] = await verdicts()
    const [theirs, ours] = way === 'ab' ? [first, second] : [second, first]
    assert.is(theirs.by, 'peer')
    assert.is(theirs.ended, 'reset')
    assert.is(ours.cause, 'abort')
    assert.is(ours.error, theirs.error, 'the reason is what happened to the other connection')
  }
})

for (const how of ['reset', 'close'] as const) {
  fact(`a peer that leaves with bytes unread resets, and so does the other side: ${how}`, async () => {
    const { a, b, verdicts } = await relayed(peer, { a: { paused: true } })
    await b.tell('write', bytes)
    await b.saw('sent')
    // Something must lie there.
    await a.until('it is sent', () => true)
    await a.tell('write', 10)
    await b.got(10)
    await a.tell(how)
    // More bytes meet the connection that is gone, wherever the first ones were.
    await b.tell('write', bytes)
    assert.is(await b.ended(), 'reset')
    await verdicts()
  })
}

fact('after one stream is complete a reset of the other is still a reset', async () => {
  const { a, b, verdicts } = await relayed(peer)
  await a.tell('write', bytes)
  await a.tell('finish')
  assert.is(await b.ended(), 'eof')
  await b.tell('write', 10)
  await a.got(10)
  await b.tell('reset')
  assert.is(await a.ended(), 'reset')
  assert.is(a.bytes, 10)
  const [first] = await verdicts()
  assert.is(first.ended, 'reset')
  assert.is(first.by, 'us')
})

// ---- What is complete is delivered ----------------------------------------------------------------------------------

fact('the reset of a peer whose FIN has come destroys nothing of what is still being delivered', async () => {
  // More than a peer takes that does not read: the rest is in the relay's hands when its sender resets.
  const { a, b, sockets, verdicts } = await relayed(peer, { b: { paused: true }, deliverMs: 0 })
  const end = emitted(sockets[0], 'end')
  await a.tell('write', 10 * bytes)
  await a.tell('finish')
  await soon('the relay reads the FIN', end)
  await b.tell('write', 10)
  await a.got(10)
  await a.tell('reset')
  // What meets the reset makes the relay notice it.
  await b.tell('write', 10)
  await soon('the verdict', guard(sockets[0]).verdict)
  await b.tell('resume')
  assert.is(await b.ended(), 'eof')
  assert.is(b.bytes, 10 * bytes)
  await b.tell('finish')
  const [first, second] = await verdicts()
  assert.not.equal(first.ended, 'fin')
  assert.is(second.ended, 'fin')
})

fact('a whole message that ends in a reset instead of a FIN reaches a slow peer, and then the reset', async () => {
  const { a, b, sockets, verdicts } = await relayed(peer, { b: { slow: true }, deliverMs: 60_000 })
  let read = 0
  const all = new Promise<void>((resolve) => {
    sockets[0].on('data', (chunk) => {
      read += chunk.length
      if (read === large) resolve()
    })
  })
  await a.tell('write', large)
  await soon('the relay has read it', all)
  await a.tell('reset')
  assert.is(await b.ended(), 'reset')
  // Without system calls a reset can only wait until the kernel has everything, and throws away what is there.
  if (!noCalls) assert.is(b.bytes, large)
  const [first, second] = await verdicts()
  assert.is(first.by, 'peer')
  assert.is(second.ended, 'reset')
  if (!noCalls) assert.is(second.unsent, 0)
})

fact('a reset that does not wait for what is being delivered overtakes it', async () => {
  const { a, b, sockets, verdicts } = await relayed(peer, { b: { paused: true }, deliverMs: 0 })
  const first = emitted(sockets[0], 'data')
  await a.tell('write', bytes)
  await first
  await a.tell('reset')
  await verdicts()
  await b.tell('resume')
  assert.is(await b.ended(), 'reset')
})

fact('who goes on sending to a peer that has reset is reset behind the complete stream, by the policy', async () => {
  const { a, b, verdicts } = await relayed(peer, { policy: { drainBytes: 100_000 } })
  await a.tell('write', bytes)
  await a.tell('finish')
  assert.is(await b.ended(), 'eof')
  await a.tell('reset')
  while (!b.sights.includes('closed')) await b.tell('write', 10_000)
  assert.is(b.bytes, bytes)
  const [first] = await verdicts()
  assert.not.equal(first.ended, 'fin')
})

// ---- Back pressure and bytes ----------------------------------------------------------------------------------------

fact('a peer that does not read stops the other one, and what was sent before comes when it reads', async () => {
  const { a, b, sockets, verdicts } = await relayed(peer, { b: { paused: true } })
  const paused = emitted(sockets[0], 'pause')
  await a.tell('write', 30_000_000)
  await soon('the relay reads no more', paused)
  assert.ok(sockets[1].writableLength < 1_000_000, `${sockets[1].writableLength} bytes are held`)
  assert.not(a.sights.includes('sent'))
  await b.tell('resume')
  await a.tell('finish')
  assert.is(await b.ended(), 'eof')
  assert.is(b.bytes, 30_000_000)
  await b.tell('finish')
  await verdicts()
})

fact('ten million bytes both ways at once arrive as they were, at peers that read at their own pace', async () => {
  const [left, right] = await Promise.all([pair({ halfOpen: true }), pair({ halfOpen: true })])
  const verdicts = relay(left.socket, right.socket)
  const hashes = [left.other, right.other].map((socket, index) => {
    const content = randomBytes(10_000_000)
    socket.end(content)
    const hash = createHash('sha256')
    socket.on('data', (chunk) => {
      hash.update(chunk)
      if (index === 0) return
      socket.pause()
      setImmediate(() => socket.resume())
    })
    const sent = createHash('sha256').update(content).digest('hex')
    return { sent, got: emitted(socket, 'end').then(() => hash.digest('hex')) }
  })
  assert.is(await hashes[0].got, hashes[1].sent)
  assert.is(await hashes[1].got, hashes[0].sent)
  for (const { ended, received } of await verdicts) assert.equal([ended, received], ['fin', 'complete'])
})

// ---- Death of the relay ---------------------------------------------------------------------------------------------

const relayProgram = async (): Promise<{ a: Link; b: Link; kill(): Promise<void> }> => {
  const program = await startProgram('relay-program')
  const port = ((await soon('a port', program.next())) as { port: number }).port
  const relays = program.next()
  const [a, b] = await Promise.all([peer.connect(port, { keep: true }), peer.connect(port, { keep: true })])
  await soon('the relay', relays)
  const kill = async (): Promise<void> => {
    program.child.kill('SIGKILL')
    await soon('the death', program.died)
  }
  return { a, b, kill }
}

factIf(noCalls, 'a relay that is killed in the middle resets both', async () => {
  const { a, b, kill } = await relayProgram()
  await a.tell('write', bytes)
  await b.got(bytes)
  await kill()
  assert.equal([await a.ended(), await b.ended()], ['reset', 'reset'])
})

factIf(
  noCalls,
  'a relay that is killed behind a complete stream resets what is not complete, and nothing else',
  async () => {
    const { a, b, kill } = await relayProgram()
    await a.tell('write', bytes)
    await a.tell('finish')
    assert.is(await b.ended(), 'eof')
    await kill()
    assert.is(await a.ended(), 'reset')
    assert.is(b.bytes, bytes)
  },
)

// ---- The owner ------------------------------------------------------------------------------------------------------

for (const [what, act] of Object.entries<(socket: net.Socket) => unknown>({
  'destroy()': (socket) => socket.destroy(),
  'destroy(error)': (socket) => socket.destroy(new Error('broken')),
  'resetAndDestroy()': (socket) => socket.resetAndDestroy(),
  'guard.abort()': (socket) => guard(socket).abort(),
  'guard.fail()': (socket) => guard(socket).fail(new Error('broken')),
  'guard.close()': (socket) => guard(socket).close(),
})) {
  fact(`an owner that ends one side resets the other, whose stream is cut: ${what}`, async () => {
    const { a, b, sockets, verdicts } = await relayed(peer)
    await a.tell('write', bytes)
    await b.got(bytes)
    act(sockets[0])
    assert.is(await b.ended(), 'reset')
    // A close is a declaration.
    assert.is(await a.ended(), what === 'guard.close()' ? 'eof' : 'reset')
    await a.tell('close')
    await verdicts()
  })
}

factIf(noCalls, 'a peer that finishes behind a side that its owner has dropped has finished nothing', async () => {
  // Its guard sees the end of file then, behind bytes that went to nobody.
  const { a, b, sockets, verdicts } = await relayed(peer, { policy: { confirm: 'peer' } })
  await b.tell('finish')
  assert.is(await a.ended(), 'eof')
  sockets[0].destroy()
  await a.tell('write', bytes)
  await a.tell('finish')
  assert.is(await b.ended(), 'reset')
  const [dropped] = await verdicts()
  assert.is(dropped.ended, 'fin')
})

fact('a signal resets both, also if it was aborted before', async () => {
  for (const before of [true, false]) {
    const controller = new AbortController()
    const reason = new Error('enough')
    if (before) controller.abort(reason)
    const { a, b, verdicts } = await relayed(peer, { signal: controller.signal })
    controller.abort(reason)
    assert.equal([await a.ended(), await b.ended()], ['reset', 'reset'])
    for (const { cause, error } of await verdicts()) assert.equal([cause, error], ['abort', reason])
  }
})

fact('a bound resets both: silence, and the time of all of it', async () => {
  const { a, b, verdicts } = await relayed(peer, { idleMs: 40 })
  assert.equal([await a.ended(), await b.ended()], ['reset', 'reset'])
  for (const { error } of await verdicts()) assert.match(String(error), /TimeoutError: .*silent for 40 ms/)
  const second = await relayed(peer, { within: 40 })
  assert.equal([await second.a.ended(), await second.b.ended()], ['reset', 'reset'])
  for (const { error } of await second.verdicts()) assert.match(String(error), /TimeoutError: .*within 40 ms/)
})

// ---- Bad input ------------------------------------------------------------------------------------------------------

const rejection = async (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('it did not reject'),
    (error: Error) => error,
  )

fact('what cannot be relayed is refused in words, and nothing is touched by bad options', async () => {
  const { socket, other } = await pair()
  const second = await pair()
  const sockets = [socket, second.socket] as const
  for (const [options, message] of [
    [{ idleMs: 0 }, /RangeError: finrst: idleMs is 0; expected a whole number of milliseconds, 1/],
    [{ deliverMs: -1 }, /RangeError: finrst: deliverMs is -1/],
    [{ within: 1.5 }, /RangeError: finrst: within is 1.5/],
    [{ signal: {} }, /TypeError: finrst: signal is an object .*; expected an AbortSignal/],
    [{ policy: 'loose' }, /TypeError: finrst: .*"loose"/],
    [7, /TypeError: finrst: options is 7; expected an object/],
  ] as const) {
    if (options === 7 || !('policy' in options)) {
      assert.match(String(await rejection(relay(...sockets, options as never))), message)
      assert.not(socket.destroyed)
    }
  }
  assert.match(String(await rejection(relay(socket, socket))), /finrst: b is the socket that a is/)
  assert.not(socket.destroyed)
  for (const it of [socket, other, second.socket, second.other]) it.destroy()
})

fact('if one of the two is refused the other is reset', async () => {
  const [closed, encoded] = [await pair(), await pair()]
  const [gone, text] = [closed.socket, encoded.socket]
  gone.destroy()
  text.setEncoding('utf8')
  for (const [bad, message] of [
    [gone, /TypeError: finrst: a is closed; expected a connected TCP net.Socket/],
    [text, /TypeError: finrst: a has setEncoding\('utf8'\); expected one that gives bytes/],
    ['socket', /TypeError: finrst: a is "socket"; expected a connected TCP net.Socket/],
  ] as const) {
    const { socket, link } = await plain(peer)
    const error = await rejection(relay(bad as net.Socket, socket))
    assert.match(String(error), message)
    assert.is(await link.ended(), 'reset')
    const again = await plain(peer)
    assert.match(String(await rejection(relay(again.socket, bad as net.Socket))), /finrst: b /)
    assert.is(await again.link.ended(), 'reset')
  }
  for (const it of [closed.other, text, encoded.other]) it.destroy()
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 110_000)
}

test.run()
