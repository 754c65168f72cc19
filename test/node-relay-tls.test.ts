// Tests relay() between TLS and plain TCP: close_notify for a FIN, a reset for a cut stream, both ways.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard, relay, type Verdict } from '#adapter/index'
import { fact, isVariant, soon, throughBackend } from './support/deadline.js'
import { plain } from './support/pair.js'
import { type Link, Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { type SecureOptions, secure, versions } from './support/secure-pair.js'

const bytes = 100_000

let peer: Peer
let securePeer: Peer
test.before(async () => {
  ;[peer, securePeer] = await Promise.all([Peer.start(), Peer.start('tls-peer-program')])
})
test.after(stopPrograms)

const sides: [name: string, options: SecureOptions][] = versions.flatMap((version) => [
  [`${version}, accepted`, { version }] as [string, SecureOptions],
  [`${version}, connected`, { version, client: true }] as [string, SecureOptions],
])

interface Mixed {
  inside: Link
  outside: Link
  /** Whether our TLS can be reset, and whether it tells that a stream was cut. */
  can: { abort: boolean; seesPeerEnd: boolean }
  verdicts(): Promise<[Verdict, Verdict]>
}

/** A relay between TLS outside and plain TCP inside, as a proxy that ends TLS has it. */
const mixed = async (options: SecureOptions): Promise<Mixed> => {
  const [outer, inner] = await Promise.all([
    secure(securePeer, { keep: true, halfOpen: true, ...options }),
    plain(peer, { keep: true }),
  ])
  const { abort, seesPeerEnd } = guard(outer.socket).capabilities
  const both = relay(outer.socket, inner.socket)
  return {
    inside: inner.link,
    outside: outer.link,
    can: { abort: abort.can, seesPeerEnd: seesPeerEnd.can },
    verdicts: () => soon('both verdicts', both),
  }
}

for (const [side, options] of sides) {
  fact(`close_notify goes in as a FIN, and a FIN goes out as close_notify: ${side}`, async () => {
    const { inside, outside, can, verdicts } = await mixed(options)
    await outside.tell('write', bytes)
    await outside.tell('finish')
    assert.is(await inside.ended(), 'eof')
    assert.is(inside.bytes, bytes)
    await inside.tell('write', 2 * bytes)
    await inside.tell('finish')
    await outside.saw('notified')
    assert.is(outside.bytes, 2 * bytes)
    const [first, second] = await verdicts()
    assert.equal([first.ended, second.ended, second.received], ['fin', 'fin', 'complete'])
    assert.is(first.received, can.seesPeerEnd ? 'complete' : 'unknown')
  })

  fact(`a reset goes in as a reset: ${side}`, async () => {
    const { inside, outside, verdicts } = await mixed(options)
    await outside.tell('write', bytes)
    await inside.got(bytes)
    await outside.tell('reset')
    assert.is(await inside.ended(), 'reset')
    await verdicts()
  })

  fact(`a reset goes out as a reset, and not as close_notify: ${side}`, async () => {
    const { inside, outside, can, verdicts } = await mixed(options)
    await inside.tell('write', bytes)
    await outside.got(bytes)
    await inside.tell('reset')
    const ending = await outside.ended()
    assert.not(outside.sights.includes('notified'), outside.sights.join())
    if (can.abort) assert.is(ending, 'reset')
    await verdicts()
  })

  fact(
    `a stream that ends without close_notify is cut, which goes in as a reset where it is seen: ${side}`,
    async () => {
      const { inside, outside, can, verdicts } = await mixed(options)
      await outside.tell('write', bytes)
      await inside.got(bytes)
      await outside.tell('close')
      assert.is(await inside.ended(), can.seesPeerEnd ? 'reset' : 'eof')
      assert.is(inside.bytes, bytes)
      await inside.tell('finish')
      const [first, second] = await verdicts()
      assert.is(first.received, 'unknown')
      if (can.seesPeerEnd) assert.match(String(second.error), /without close_notify/)
    },
  )
}

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 110_000)
}

test.run()
