// Tests the guard of a TLS socket: what TLS tells the peer, and what the connection below it does.
import { createHash } from 'node:crypto'
import tls from 'node:tls'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, run, type Verdict } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, isVariant, soon, throughBackend } from './support/deadline.js'
import { cannotCount, descriptors, eventually } from './support/descriptors.js'
import { emitted, flushed, listening, pair, portOf } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { certificate, type SecureLink, type SecureOptions, secure, secured, versions } from './support/secure-pair.js'
import { refusalOf, told } from './support/words.js'

const noCalls = backend().name === 'none' && 'no system calls'
const big = 12_000_000
const size = 10_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start('tls-peer-program')
})
test.after(stopPrograms)

/** How the other direction ended where nothing is missing: a runtime may not be able to know it. */
const wholly = ({ capabilities }: Guard): Verdict['received'] => (capabilities.seesPeerEnd.can ? 'complete' : 'unknown')

const sides: [name: string, options: SecureOptions][] = versions.flatMap((version) => [
  [`${version}, the server`, { version }] as [string, SecureOptions],
  [`${version}, the client`, { version, client: true }] as [string, SecureOptions],
])

// ---- The life cycle ----------------------------------------

for (const [side, options] of sides) {
  fact(`a close sends everything, close_notify and our FIN: ${side}`, async () => {
    const { socket, link, held } = await secured(peer, options)
    assert.is(held.armed, !noCalls)
    socket.write(Buffer.alloc(1000))
    const verdict = await held.close({ confirm: 'peer' })
    assert.is(told(verdict), 'fin by us, cause close')
    assert.is(verdict.received, wholly(held))
    await link.saw('closed')
    assert.equal(
      link.sights.filter((saw) => saw !== 'listening'),
      ['connected', 'notified', 'eof', 'closed'],
    )
    assert.is(link.bytes, 1000)
  })

  fact(`end() right after the handshake still sends close_notify: ${side}`, async () => {
    const { socket, link, held } = await secured(peer, options)
    socket.resume().end()
    await link.saw('closed')
    assert.ok(link.sights.includes('notified'), link.sights.join())
    assert.is(link.ending, 'eof')
    assert.is((await held.verdict).received, wholly(held))
  })

  fact(`an abort resets at once: ${side}`, async () => {
    const { link, held } = await secured(peer, options)
    const verdict = await held.abort(new Error('enough'))
    await link.saw('closed')
    assert.is(verdict.cause, 'abort')
    assert.not.ok(link.sights.includes('notified'))
    assert.is(verdict.ended, held.capabilities.abort.can ? 'reset' : 'unknown')
    // Without a reset of ours the kernel may still send one: a client has often not read what TLS 1.3 sends it.
    if (held.capabilities.abort.can) assert.is(link.ending, 'reset')
    else if (options.client !== true) assert.is(link.ending, 'eof')
  })

  fact(`our FIN leaves the other direction open: ${side}`, async () => {
    const { socket, link, held } = await secured(peer, { ...options, keep: true, halfOpen: true })
    socket.write(Buffer.alloc(5000))
    await held.finishSending()
    await link.saw('notified')
    await link.saw('eof')
    const data = emitted(socket, 'data')
    await link.tell('write', 100)
    await data
    await link.tell('finish')
    const verdict = await held.close({ confirm: 'peer' })
    assert.is(told(verdict), 'fin by us, cause close')
    assert.is(verdict.received, wholly(held))
  })

  fact(`a FIN without close_notify is not a complete stream: ${side}`, async () => {
    const { socket, link, held } = await secured(peer, options)
    await link.tell('write', 100)
    const ended = emitted(socket.resume(), 'end')
    await link.tell('close')
    await ended
    const verdict = await held.close()
    assert.is(verdict.received, 'unknown')
    assert.is(verdict.ended, 'fin')
  })

  fact(`the peer's close_notify is a complete stream: ${side}`, async () => {
    const { socket, link, held } = await secured(peer, options)
    const ended = emitted(socket.resume(), 'end')
    await link.tell('finish')
    await ended
    assert.is((await held.close()).received, wholly(held))
    await link.saw('notified')
  })
}

fact("the peer's reset is told", async () => {
  const { socket, link, held } = await secured(peer)
  socket.resume()
  await link.tell('reset')
  const verdict = await held.verdict
  assert.is(`${verdict.ended} by ${verdict.by}, received ${verdict.received}`, 'reset by peer, received reset')
})

fact('a close whose FIN finds the peer gone lets go of a socket that nobody reads', async () => {
  const { socket, link, held } = await secured(peer)
  socket.pause()
  // More than the runtime takes while it pauses: what is behind it, the reset too, lies unread.
  await link.tell('write', 1_000_000)
  await link.tell('reset')
  // One that reads ahead has seen the reset by now.
  const closed = socket.closed ? undefined : emitted(socket, 'close')
  assert.is(told(await held.close()), 'reset by peer, cause peer')
  await soon('the runtime closes', closed)
})

fact('destroy() with everything in the kernel sends close_notify and our FIN, as far as the runtime can', async () => {
  const { socket, link, held } = await secured(peer)
  await new Promise((resolve) => socket.write(Buffer.alloc(1000), resolve))
  socket.destroy()
  await link.saw('closed')
  assert.is(link.bytes, 1000)
  assert.is(link.ending, 'eof')
  const verdict = await held.verdict
  const { can } = held.capabilities.endsWhenDropped
  // A peer may answer a stream that was cut with a reset.
  if (can) assert.is(told(verdict), 'fin by us, cause drop')
  if (!noCalls) assert.is(link.sights.includes('notified'), can, link.sights.join())
})

const failures: [name: string, fail: (it: SecureLink & { held: Guard }) => unknown][] = [
  ['destroy(error)', ({ socket }) => socket.destroy(new Error('half way'))],
  ['fail()', ({ held }) => held.fail(new Error('half way'))],
  ['resetAndDestroy()', ({ socket }) => socket.resetAndDestroy()],
  ['destroy() with bytes unsent', ({ socket }) => socket.write(Buffer.alloc(big)) || socket.destroy()],
  ['end() and destroy() with bytes unsent', ({ socket }) => socket.end(Buffer.alloc(big)).destroy()],
  [
    'a close that runs out of time',
    ({ socket, held }) => socket.write(Buffer.alloc(big)) || held.close({ within: 20 }),
  ],
]
for (const [name, fail] of failures) {
  factIf(noCalls, `${name} resets`, async () => {
    const it = await secured(peer, { paused: true })
    await fail(it)
    assert.is((await it.held.verdict).ended, 'reset')
    await it.link.tell('resume')
    assert.is(await it.link.ended(), 'reset')
    assert.not.ok(it.link.sights.includes('notified'))
    assert.ok(it.link.bytes < big)
  })
}

factIf(noCalls, 'run() closes when its function returns, and resets when it throws', async () => {
  const good = await secure(peer)
  await run(good.socket, () => void good.socket.write('answer'))
  await good.link.saw('notified')
  assert.is(good.link.bytes, 6)
  const bad = await secure(peer)
  const error = new Error('half way')
  assert.is(await run(bad.socket, () => Promise.reject(error)).catch((it: unknown) => it), error)
  assert.is(await bad.link.ended(), 'reset')
})

fact('finalise() hands back the plain bytes that the peer still sends', async () => {
  const { link, held } = await secured(peer, { keep: true })
  const done = held.finalise()
  await link.saw('notified')
  await link.tell('write', 3000)
  await link.tell('finish')
  const { rest, verdict } = await done
  assert.equal(rest, new Uint8Array(Buffer.alloc(3000, 'p')))
  assert.is(verdict.ended, 'fin')
})

// ---- No byte is lost ----------------------------------------

const bytes = Buffer.alloc(size)
for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at)
const whole = createHash('sha256').update(bytes).digest('hex')

const writing = (socket: tls.TLSSocket): Guard => {
  const held = guard(socket)
  for (let at = 0; at < size; at += 65_536) socket.write(bytes.subarray(at, at + 65_536))
  return held
}

const ways: Record<string, (socket: tls.TLSSocket) => unknown> = {
  'end()': (socket) => writing(socket) && socket.end(),
  'end(chunk)': (socket) => guard(socket) && socket.end(bytes),
  'guard.close()': (socket) => writing(socket).close(),
  'finishSending() and then close()': async (socket) => {
    const held = writing(socket)
    await held.finishSending()
    await held.close()
  },
  'run()': (socket) => run(socket, () => void writing(socket)),
  'dispose after everything was flushed': async (socket) => {
    const held = writing(socket)
    await flushed(socket)
    held[Symbol.dispose]()
  },
  'destroySoon()': (socket) => writing(socket) && socket.destroySoon(),
  "end() and destroy() on 'finish'": (socket) => writing(socket) && socket.end().once('finish', () => socket.destroy()),
  'finalise()': (socket) => writing(socket).finalise(),
}

for (const [name, close] of Object.entries(ways)) {
  const body = async (options: SecureOptions): Promise<void> => {
    const { socket, link } = await secure(peer, { ...options, slow: true })
    const errors: string[] = []
    socket.on('error', (error) => errors.push(error.message)).resume()
    const closing = close(socket)
    await link.until('the peer sees an ending of TLS', () => /notified|cut|reset/.test(link.sights.join()), 60_000)
    await link.saw('closed')
    await closing
    const verdict = await guard(socket).verdict
    const trace = `${name}: ${link.bytes} bytes, ${link.sights.join(', ')}; ${JSON.stringify(verdict)}`
    // Of the bytes none may be missing. A runtime may lose close_notify when it destroys what it has just ended.
    const destroys = /destroy/.test(name) && !guard(socket).capabilities.endsWhenDropped.can
    if (!destroys) assert.ok(link.sights.includes('notified'), trace)
    assert.is(link.ending, 'eof', trace)
    assert.is(link.hash, whole, trace)
    assert.not.ok(link.sights.includes('reset'), trace)
    assert.is(verdict.ended, 'fin', trace)
    assert.equal(errors, [], trace)
  }
  fact(
    `every byte arrives, then close_notify and end of file: ${name}`,
    async () => void (await Promise.all(versions.map((version) => body({ version })))),
    90_000,
  )
}

// ---- Input and descriptors ----------------------------------------

fact('a TLS socket that is still negotiating is refused, and goes on', async () => {
  const link = await peer.listen({ tls: { ...certificate, version: 'TLSv1.3' } })
  const socket = tls.connect({ host: '127.0.0.1', port: link.port, ca: certificate.cert })
  assert.match(
    refusalOf(() => guard(socket)),
    /TypeError: finrst: socket is still connecting/,
  )
  await emitted(socket, 'secureConnect')
  await guard(socket).close()
  await link.saw('notified')
  const raw = await pair()
  const half = new tls.TLSSocket(raw.socket)
  assert.match(
    refusalOf(() => guard(half)),
    /still negotiating TLS; expected .*'secureConnect' or 'secureConnection'/,
  )
  half.on('error', () => undefined).destroy()
  raw.other.destroy()
})

fact('a destroyed TLS socket and an ended one are refused', async () => {
  const { socket } = await secure(peer)
  socket.end()
  assert.match(
    refusalOf(() => guard(socket)),
    /already ended/,
  )
  socket.destroy()
  assert.match(
    refusalOf(() => guard(socket)),
    /socket is closed/,
  )
})

fact('the connection under TLS is refused before TLS has a guard, and has the same guard afterwards', async () => {
  const server = tls.createServer(certificate)
  const below = emittedWith(server, 'connection')
  const above = emittedWith(server, 'secureConnection')
  await listening(server)
  const connecting = peer.connect(portOf(server), { tls: { ...certificate, version: 'TLSv1.3' } })
  const raw = await below
  assert.match(
    refusalOf(() => guard(raw)),
    /under TLS; expected its TLS socket|still negotiating TLS/,
  )
  const socket = await above
  const held = guard(socket)
  assert.is(guard(socket), held)
  server.close()
  await connecting
  await held.abort()
})

const emittedWith = (server: tls.Server, event: string): Promise<tls.TLSSocket> =>
  new Promise((resolve) => server.once(event, resolve))

factIf(
  cannotCount,
  'nothing is left of 300 connections',
  async () => {
    const server = tls.createServer(certificate)
    await listening(server)
    const port = portOf(server)
    const endings: ((it: SecureLink & { held: Guard }) => unknown)[] = [
      ({ held }) => held.close(),
      ({ held }) => held.abort(),
      ({ socket }) => socket.end(),
      ({ socket }) => socket.destroy(),
      ({ socket }) => socket.destroy(new Error('destroyed')),
      ({ socket }) => socket.end('last').destroy(),
      ({ socket }) => socket.destroySoon(),
      ({ held }) => held[Symbol.dispose](),
      ({ link }) => link.tell('reset'),
      ({ link }) => link.tell('finish'),
      ({ link }) => link.tell('close'),
    ]
    let before = 0
    let turn: Promise<unknown> = Promise.resolve()
    const one = async (index: number): Promise<void> => {
      const opened = turn.then(async () => {
        const accepted = emittedWith(server, 'secureConnection')
        const link = await peer.connect(port, { tls: { ...certificate, version: versions[index % 2] ?? 'TLSv1.3' } })
        return { socket: (await accepted).on('error', () => undefined).resume(), link }
      })
      turn = opened
      const { socket, link } = await opened
      const it = { socket, link, held: guard(socket, { flushMs: 500, drainIdleMs: 200, drainMs: 500 }) }
      const closed = emitted(socket, 'close')
      if (index % 3 === 0) socket.write('some bytes')
      await endings[index % endings.length]?.(it)
      await soon(`ending ${index % endings.length}: the verdict`, it.held.verdict)
      await soon(`ending ${index % endings.length}: the socket closes`, closed)
      await link.saw('closed')
      peer.forget(link)
    }
    await one(0)
    before = descriptors()
    for (let index = 1; index <= 300; index += 20)
      await Promise.all(Array.from({ length: 20 }, (_, offset) => one(index + offset)))
    await eventually(() => descriptors() <= before)
    assert.is(descriptors() - before, 0)
    server.close()
  },
  60_000,
)

fact('the capabilities say what TLS lacks here', async () => {
  const { held } = await secured(peer)
  const { abort, arm, hold } = held.capabilities
  if (!noCalls) assert.ok(abort.can)
  assert.is(arm.can, !noCalls)
  assert.is(hold.can, !noCalls)
  if (!abort.can) assert.match(abort.why, /the runtime has no reset; no duplicate/)
  await held.close()
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 120_000)
}

test.run()
