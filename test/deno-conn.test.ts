// Tests what only a connection of Deno has: its streams, its second close(), how its descriptor is found, and what is
// refused in its place.
import { rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { explain, guard } from '#adapter/index'
import { backend } from '#adapter/libc'
import { endOf, pairOf } from '../adapters/core/address.js'
import { Scan } from '../adapters/core/scan.js'
import { systems } from '../adapters/core/libc.js'
import type { TcpConn } from '../adapters/deno/runtime.js'
import { fact } from './support/deadline.js'
import { descriptors } from './support/descriptors.js'
import { denoKit } from './support/native-deno.js'
import { accepted, connected, type Endpoint, guardedEnd } from './support/native-kit.js'
import { type Link, Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { refusalOf, told } from './support/words.js'

const big = 12_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

const connOf = ({ socket }: Endpoint): TcpConn => socket as unknown as TcpConn
const readableOf = (end: Endpoint): ReadableStream<Uint8Array> => connOf(end).readable as ReadableStream<Uint8Array>
const writerOf = (end: Endpoint): WritableStreamDefaultWriter<Uint8Array> => {
  const writer = (connOf(end).writable as WritableStream<Uint8Array>).getWriter()
  writer.closed.catch(() => undefined)
  return writer
}
fact('the end of the reading stream ends our side, as Deno closes then', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer)
  let bytes = 0
  const reading = (async (): Promise<void> => {
    for await (const chunk of readableOf(end)) bytes += chunk.length
  })()
  await link.tell('write', 100_000)
  await link.tell('finish')
  await reading
  assert.is(bytes, 100_000)
  assert.is(await link.ended(), 'eof')
  assert.is((await held.verdict).ended, 'fin')
})

fact('onPeerFin keep: the end of the reading stream leaves our side open', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer, { policy: { onPeerFin: 'keep' } })
  await link.tell('finish')
  for await (const chunk of readableOf(end)) assert.unreachable(`${chunk.length} bytes`)
  await end.send(new Uint8Array(10))
  await link.got(10)
  assert.is(link.ending, undefined)
  await held.close()
  assert.is(await link.ended(), 'eof')
})

fact('an echo through both streams is complete', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer)
  const echo = readableOf(end).pipeTo(connOf(end).writable as WritableStream<Uint8Array>)
  await link.tell('write', 3_000_000)
  await link.tell('finish')
  await echo
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 3_000_000)
  assert.is((await held.verdict).ended, 'fin')
})

fact('a cancelled reading stream is a drop', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer)
  await readableOf(end).cancel()
  assert.is(await link.ended(), 'eof')
  assert.is((await held.verdict).cause, 'drop')
})

fact('an aborted writing stream is a failure', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer)
  await writerOf(end).abort(new Error('half way'))
  assert.is(await link.ended(), 'reset')
  const verdict = await held.verdict
  assert.is(told(verdict), 'reset by us, cause failure')
  assert.is(verdict.error?.message, 'half way')
})

fact('what waits in the writing stream is unflushed: close() resets, guard.close() sends it', async () => {
  const queue = async (): Promise<{ end: Endpoint; link: Link; held: ReturnType<typeof guard> }> => {
    const it = await guardedEnd(denoKit, peer, { paused: true })
    const writer = writerOf(it.end)
    for (let count = 0; count < 12; count += 1) writer.write(new Uint8Array(1_000_000)).catch(() => undefined)
    return it
  }
  const dropped = await queue()
  dropped.end.drop()
  const verdict = await dropped.held.verdict
  assert.is(told(verdict), 'reset by us, cause drop')
  assert.ok(explain(verdict.rule).why.includes('thrown away'), verdict.rule)
  await dropped.link.tell('resume')
  assert.is(await dropped.link.ended(), 'reset')
  const closed = await queue()
  const closing = closed.held.close()
  await closed.link.tell('resume')
  assert.is(await closed.link.ended(), 'eof')
  assert.is(closed.link.bytes, big)
  assert.is((await closing).ended, 'fin')
})

fact('the end of the writing stream rejects if our FIN could not be sent', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer, { paused: true })
  const writer = writerOf(end)
  writer.write(new Uint8Array(big)).catch(() => undefined)
  const ending = writer.close().then(
    () => 'resolved',
    () => 'rejected',
  )
  await held.abort()
  assert.is(await ending, 'rejected')
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
})

fact(
  'a write after closeWrite() is refused, and a second close() of the owner throws, as without a guard',
  async () => {
    const { end, held } = await guardedEnd(denoKit, peer)
    const conn = connOf(end)
    await conn.closeWrite()
    const late = await conn.write(new Uint8Array(1)).catch((error: Error) => error.name)
    assert.is(late, 'BrokenPipe')
    conn.close()
    assert.throws(
      () => conn.close(),
      (error: Error) => error.name === 'BadResource',
    )
    assert.is((await held.verdict).ended, 'fin')
    assert.throws(() => conn.close())
  },
)

fact('a disposed connection is a drop, however often it is disposed', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer)
  const disposable = end.socket as unknown as Disposable
  disposable[Symbol.dispose]()
  disposable[Symbol.dispose]()
  assert.is((await held.verdict).cause, 'drop')
  assert.is(await link.ended(), 'eof')
})

fact('a bad argument of a read or a write is no failure of the connection', async () => {
  const { end, link, held } = await guardedEnd(denoKit, peer)
  await connOf(end)
    .write('text' as never)
    .catch(() => undefined)
  await connOf(end)
    .read(undefined as never)
    .catch(() => undefined)
  assert.is(link.ending, undefined)
  await held.abort()
})

// ---- how a descriptor is found ----------------------------------------

fact('the descriptors of many connections are found with few looks, and none is taken for another', async () => {
  const { libc } = backend()
  const system = systems.linux
  if (libc === undefined || system === undefined) return
  const scan = new Scan(libc, system)
  const all = await Promise.all(Array.from({ length: 200 }, () => connected(denoKit)))
  const held = descriptors()
  const found = all.map(({ end }) => {
    const { localAddr, remoteAddr } = connOf(end)
    const ends = {
      ...{ localAddress: localAddr.hostname, localPort: localAddr.port },
      ...{ remoteAddress: remoteAddr.hostname, remotePort: remoteAddr.port },
    }
    const { ours } = pairOf(ends)
    return scan.find(pairOf(ends), (fd) => (endOf(libc, system, fd, 'getsockname') === ours ? fd : undefined))
  })
  const looks = scan.looks
  const nobody = pairOf({ localAddress: '127.0.0.1', localPort: 1, remoteAddress: '127.0.0.1', remotePort: 2 })
  const none = scan.find(nobody, (fd) => fd)
  for (const { end, other } of all) {
    end.drop()
    other.destroy()
  }
  assert.is(new Set(found).size, all.length)
  assert.not.ok(found.includes(undefined))
  assert.is(none, undefined)
  assert.ok(looks < held + 4 * all.length, `${looks} looks at ${held} descriptors`)
})

// ---- what is refused ----------------------------------------

interface Others {
  listen(options: { transport?: 'unix'; path?: string; port?: number; hostname?: string }): {
    accept(): Promise<{ close(): void }>
    close(): void
  }
  connect(options: { transport: 'unix'; path: string }): Promise<{ close(): void }>
}
const deno = (globalThis as unknown as { Deno: Others }).Deno

const refusal = (socket: unknown, policy?: unknown): string => refusalOf(() => guard(socket as never, policy as never))

fact('what is no TCP connection is refused, and what would be is named', async () => {
  const path = `build/test/deno-conn-${process.pid}.sock`
  const unix = deno.listen({ transport: 'unix', path })
  const conn = await deno.connect({ transport: 'unix', path })
  assert.match(refusal(conn), /^TypeError: .*UnixConn; expected .*Deno\.TlsConn$/)
  conn.close()
  unix.close()
  rmSync(path, { force: true })
  const listener = deno.listen({ port: 0, hostname: '127.0.0.1' })
  assert.match(refusal(listener), /^TypeError: .*; expected /)
  listener.close()
  for (const value of [undefined, null, 7, 'socket', {}, { read: 1 }]) assert.match(refusal(value), /Deno\.TcpConn/)
})

fact('a closed connection and a bad policy are refused, and the connection is left as it was', async () => {
  const { end, link } = await accepted(denoKit, peer)
  const before = descriptors()
  assert.match(refusal(end.socket, { onDrop: 'shout' }), /^TypeError: finrst: policy\.onDrop is "shout"/)
  assert.match(refusal(end.socket, { flushMs: 0 }), /^RangeError: finrst: policy\.flushMs is 0/)
  assert.equal(Object.getOwnPropertyNames(end.socket), [])
  assert.is(descriptors(), before)
  end.drop()
  assert.is(await link.ended(), 'eof')
  assert.match(refusal(end.socket), /finrst: /)
  const { end: ours, other } = await connected(denoKit)
  ours.drop()
  assert.match(refusal(ours.socket), /^TypeError: finrst: socket is closed/)
  other.destroy()
})

test.run()
