// Tests relay() with Deno's own connections, among themselves and with a net.Socket.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard, relay } from '#adapter/index'
import { fact, soon } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { plain } from './support/pair.js'
import { accepted, connected, type NativeSocket, patterned } from './support/native-kit.js'
import { denoKit } from './support/native-deno.js'
import { type Link, type LinkOptions, Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'

const bytes = 100_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

type Kind = 'Deno.TcpConn' | 'net.Socket'

const oneOf = async (kind: Kind, options: LinkOptions): Promise<{ socket: NativeSocket; link: Link }> => {
  if (kind === 'net.Socket') return plain(peer, { keep: true, ...options })
  const { end, link } = await accepted(denoKit, peer, { keep: true, ...options })
  return { socket: end.socket, link }
}

for (const [left, right] of [
  ['Deno.TcpConn', 'Deno.TcpConn'],
  ['Deno.TcpConn', 'net.Socket'],
  ['net.Socket', 'Deno.TcpConn'],
] as [Kind, Kind][]) {
  const relayed = async (options: { b?: LinkOptions } = {}) => {
    const [a, b] = [await oneOf(left, {}), await oneOf(right, options.b ?? {})]
    const both = relay(a.socket as never, b.socket as never)
    // Our FIN to `b` is out, so the relay has read that of `a`.
    const told = (): Promise<boolean> => eventually(() => !guard(b.socket).armed)
    return { a: a.link, b: b.link, told, verdicts: () => soon('both verdicts', both) }
  }
  const between = `${left} and ${right}`

  fact(`a half-close is a half-close, and the answer still comes: ${between}`, async () => {
    const { a, b, verdicts } = await relayed()
    await a.tell('write', bytes)
    await a.tell('finish')
    assert.is(await b.ended(), 'eof')
    assert.is(b.bytes, bytes)
    await b.tell('write', 2 * bytes)
    await b.tell('finish')
    assert.is(await a.ended(), 'eof')
    assert.is(a.bytes, 2 * bytes)
    for (const { ended, received } of await verdicts()) assert.equal([ended, received], ['fin', 'complete'])
  })

  fact(`a reset is a reset, behind what was read before it: ${between}`, async () => {
    const { a, b, verdicts } = await relayed()
    await a.tell('write', bytes)
    await b.got(bytes)
    await a.tell('reset')
    assert.is(await b.ended(), 'reset')
    const [first, second] = await verdicts()
    assert.equal([first.by, second.cause], ['peer', 'abort'])
  })

  fact(`the reset of a peer whose FIN has come destroys nothing that is being delivered: ${between}`, async () => {
    const { a, b, told, verdicts } = await relayed({ b: { paused: true } })
    await a.tell('write', bytes)
    await a.tell('finish')
    assert.ok(await told())
    await b.tell('write', 10)
    await a.got(10)
    await a.tell('reset')
    await b.tell('write', 10)
    await b.tell('resume')
    assert.is(await b.ended(), 'eof')
    assert.is(b.bytes, bytes)
    await b.tell('finish')
    assert.is((await verdicts())[1].ended, 'fin')
  })
}

fact('ten million bytes arrive as they were, at a peer that reads later', async () => {
  const [a, b] = [await connected(denoKit), await connected(denoKit)]
  const both = relay(a.end.socket, b.end.socket)
  const { bytes: content, hash } = patterned(10_000_000)
  a.other.end(content)
  const chunks: Uint8Array[] = []
  for await (const chunk of b.other) chunks.push(chunk as Uint8Array)
  b.other.end()
  a.other.resume()
  const { createHash } = await import('node:crypto')
  assert.is(createHash('sha256').update(Buffer.concat(chunks)).digest('hex'), hash)
  assert.equal(
    (await soon('both verdicts', both)).map(({ ended }) => ended),
    ['fin', 'fin'],
  )
})

fact('a connection that is closed is refused, and the other one reset', async () => {
  const { end } = await accepted(denoKit, peer)
  await end.drop()
  const { socket, link } = await oneOf('Deno.TcpConn', {})
  const error = await relay(socket, end.socket).catch((thrown: Error) => thrown)
  assert.match(String(error), /^(?:Type)?Error: finrst: /)
  assert.is(await link.ended(), 'reset')
})

test.run()
