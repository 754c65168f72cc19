// Tests of native sockets with TLS: close_notify comes before our FIN, and with a reset it never comes.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Policy } from '#adapter/index'
import { backend } from '#adapter/libc'
import { factIf, fact } from './deadline.js'
import { eventually } from './descriptors.js'
import { guardedEnd, type Kit, peerFor } from './native-kit.js'
import type { Link, Peer } from './peer.js'
import { runtime } from './runtime.js'
import { told } from './words.js'

const noCalls = backend().name === 'none' && 'no system calls'
/** What is said before the end, and the end. */
const goodbye = async (link: Link): Promise<string> => {
  const ending = await link.ended()
  if (ending === 'eof')
    await link.until('TLS tells an end', () => link.sights.some((it) => it === 'notified' || it === 'cut'))
  return `${link.sights.filter((it) => it === 'notified' || it === 'cut').join()} ${ending}`.trim()
}

/** What both runtimes do with TLS. */
export const tlsFacts = (kit: Kit): void => {
  let peer: Peer
  test.before(async () => {
    peer = await peerFor(kit)
  })

  const graceful: Record<string, (it: Awaited<ReturnType<typeof guardedEnd>>) => unknown> = {
    'guard.close()': ({ held }) => held.close(),
    'guard.finishSending()': ({ held }) => held.finishSending(),
    'the ordinary end of sending': ({ end }) => void end.finish(),
    'the ordinary close()': ({ end }) => void end.drop(),
    dispose: ({ held }) => held[Symbol.dispose](),
  }
  for (const [name, close] of Object.entries(graceful)) {
    fact(`close_notify, and then our FIN: ${name}`, async () => {
      const it = await guardedEnd(kit, peer, { halfOpen: true })
      it.end.read()
      await it.end.send(new Uint8Array(1000))
      await close(it)
      assert.is(await goodbye(it.link), 'notified eof')
      assert.is(it.link.bytes, 1000)
      const { ended, by } = await it.held.verdict
      assert.is(`${ended} by ${by}`, 'fin by us')
      assert.is(it.held.armed, false)
    })
  }

  const abrupt: Record<string, [(it: Awaited<ReturnType<typeof guardedEnd>>) => unknown, Policy]> = {
    'guard.abort()': [({ held }) => held.abort(), {}],
    'guard.fail()': [({ held }) => held.fail(new Error('half way')), {}],
    'a close() under strict': [({ end }) => void end.drop(), 'strict'],
  }
  for (const [name, [end, policy]] of Object.entries(abrupt)) {
    factIf(noCalls, `a reset says no goodbye: ${name}`, async () => {
      const it = await guardedEnd(kit, peer, { policy })
      await it.end.send(new Uint8Array(1000))
      await it.link.got(1000)
      await end(it)
      assert.is(await goodbye(it.link), 'reset')
      assert.is((await it.held.verdict).ended, 'reset')
    })
  }

  factIf(noCalls, 'it is armed until close_notify and the FIN have left', async () => {
    const { end, link, held } = await guardedEnd(kit, peer, { paused: true, halfOpen: true })
    end.overfill(new Uint8Array(12_000_000))
    const closing = held.close()
    assert.is(held.armed, true)
    await link.tell('resume')
    assert.is(await goodbye(link), 'notified eof')
    await closing
    assert.is(held.armed, false)
  })

  fact("the peer's close_notify is told from its bare FIN where the runtime tells them apart", async () => {
    for (const how of ['finish', 'close'] as const) {
      const { end, link, held } = await guardedEnd(kit, peer, { halfOpen: true, keep: true })
      end.read()
      await link.tell('write', 100)
      assert.ok(await eventually(() => end.received === 100))
      await link.tell(how)
      await held.close({ confirm: 'peer' })
      const { received } = await held.verdict
      const sees = held.capabilities.seesPeerEnd.can
      assert.is(sees, runtime === 'deno')
      assert.is(received, sees && how === 'finish' ? 'complete' : 'unknown', how)
    }
  })

  factIf(noCalls, "the peer's reset is told", async () => {
    const { end, link, held } = await guardedEnd(kit, peer, { halfOpen: true })
    end.read()
    await link.tell('reset')
    assert.is(told(await held.verdict), 'reset by peer, cause peer')
  })
}
