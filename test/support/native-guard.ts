// Tests of the guard of a runtime's own sockets that are the same in Deno and in Bun.
import * as assert from 'uvu/assert'
import { guard, type Policy, type PolicyOptions, run } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, isVariant, throughBackend } from './deadline.js'
import { descriptors, eventually } from './descriptors.js'
import { accepted, connected, endingOf, guardedEnd, type Kit } from './native-kit.js'
import type { Peer } from './peer.js'
import { told } from './words.js'

const noCalls = backend().name === 'none' && 'no system calls'
const big = 12_000_000
/** The commands of a guard. */
export const guardFacts = (kit: Kit, peer: () => Peer): void => {
  fact('a close sends everything and then our FIN', async () => {
    const { end, link, held } = await guardedEnd(kit, peer())
    await end.send(new Uint8Array(1000))
    const verdict = await held.close()
    assert.is(told(verdict), 'fin by us, cause close')
    assert.ok(noCalls || ['acked', 'confirmed'].includes(verdict.delivery), JSON.stringify(verdict))
    assert.is(await link.ended(), 'eof')
    assert.is(link.bytes, 1000)
    assert.is(await held.close(), verdict, 'a second close changes nothing')
  })

  factIf(noCalls, 'a close that cannot flush within its time resets', async () => {
    const { end, link, held } = await guardedEnd(kit, peer(), { paused: true })
    end.overfill(new Uint8Array(big))
    const verdict = await held.close({ within: 50 })
    assert.is(told(verdict), 'reset by us, cause deadline')
    assert.is(verdict.delivery, 'lost')
    await link.tell('resume')
    assert.is(await link.ended(), 'reset')
    assert.ok(link.bytes < big)
  })

  factIf(noCalls, 'a close that confirms the peer waits until it has ended too', async () => {
    const { link, held } = await guardedEnd(kit, peer(), { keep: true, halfOpen: true })
    const closing = held.close({ confirm: 'peer' })
    assert.is(await link.ended(), 'eof')
    assert.is(await Promise.race([closing, link.tell('pause').then(() => 'pending')]), 'pending')
    await link.tell('resume')
    await link.tell('finish')
    const verdict = await closing
    assert.equal([verdict.delivery, verdict.received], ['confirmed', 'complete'])
  })

  factIf(noCalls, 'an abort resets and tells how many bytes were lost', async () => {
    const { end, link, held } = await guardedEnd(kit, peer(), { paused: true })
    end.overfill(new Uint8Array(big))
    const verdict = await held.abort(new Error('enough'))
    assert.is(told(verdict), 'reset by us, cause abort')
    assert.is(verdict.delivery, 'lost')
    assert.is(verdict.error?.message, 'enough')
    const { unsent = 0 } = verdict
    assert.ok(unsent > big / 2 && unsent <= big, `unsent ${unsent}`)
    await link.tell('resume')
    assert.is(await link.ended(), 'reset')
  })

  factIf(noCalls, 'a failure resets and its error is in the verdict', async () => {
    const { link, held } = await guardedEnd(kit, peer())
    const verdict = await held.fail('no answer')
    assert.is(told(verdict), 'reset by us, cause failure')
    assert.is(verdict.error?.message, 'no answer')
    assert.is(await link.ended(), 'reset')
  })

  fact('finish sending resolves when the FIN is out, and receiving goes on', async () => {
    const { end, link, held } = await guardedEnd(kit, peer(), { keep: true, halfOpen: true })
    end.read()
    await end.send(new Uint8Array(5000))
    await held.finishSending()
    assert.is(await link.ended(), 'eof')
    assert.is(link.bytes, 5000)
    await link.tell('write', 100)
    assert.ok(await eventually(() => end.received === 100))
    await link.tell('finish')
    assert.is(told(await held.verdict), 'fin by us, cause close')
  })

  fact('finalise hands back what the peer still sends', async () => {
    const { link, held } = await guardedEnd(kit, peer(), { keep: true, halfOpen: true })
    const closing = held.finalise()
    assert.is(await link.ended(), 'eof')
    await link.tell('write', 70_000)
    await link.tell('finish')
    const { rest, verdict } = await closing
    assert.is(rest.length, 70_000)
    assert.equal(new Set(rest), new Set([112]))
    if (!noCalls) assert.is(verdict.received, 'complete')
  })

  fact('a socket has one guard, and a second policy is ignored', async () => {
    const { end, held } = await guardedEnd(kit, peer())
    const fds = descriptors()
    assert.is(guard(end.socket, 'strict'), held)
    assert.is(descriptors(), fds)
    await held.close()
    assert.is(guard(end.socket), held, 'after the end too')
  })

  fact('run() closes when the function returns, and gives its result', async () => {
    const { end, link } = await accepted(kit, peer())
    assert.is(await run(end.socket, () => end.send(new Uint8Array(6)).then(() => 42)), 42)
    assert.is(await link.ended(), 'eof')
    assert.is(link.bytes, 6)
  })

  factIf(noCalls, 'run() resets when the function throws, and rejects with the same error', async () => {
    const { end, link } = await accepted(kit, peer())
    const error = new Error('half way')
    const caught = await run(end.socket, () => Promise.reject(error)).catch((it: unknown) => it)
    assert.is(caught, error)
    assert.is(await link.ended(), 'reset')
  })
}

/** What the owner and the peer do without the guard. */
export const ordinaryFacts = (kit: Kit, peer: () => Peer): void => {
  fact("the ordinary end of sending is our FIN after every byte, and with the peer's it is the end", async () => {
    const { end, link, held } = await guardedEnd(kit, peer(), { halfOpen: true })
    end.read()
    await end.send(new Uint8Array(1000))
    void end.finish()
    assert.is(await link.ended(), 'eof')
    assert.is(link.bytes, 1000)
    assert.is(told(await held.verdict), 'fin by us, cause close')
  })

  factIf(noCalls, 'a close() of the owner after the guard has let go is no error', async () => {
    const { end, held } = await guardedEnd(kit, peer())
    await held.abort()
    end.drop()
  })

  const drops: [policy: PolicyOptions, ending: 'eof' | 'reset'][] = [
    [{ preset: 'compatible' }, 'eof'],
    [{ preset: 'strict' }, 'reset'],
    [{ preset: 'manual' }, 'eof'],
    [{ onDrop: 'abort' }, 'reset'],
    [{ preset: 'strict', onDrop: 'close' }, 'eof'],
  ]
  for (const [policy, ending] of drops) {
    factIf(
      ending === 'reset' && noCalls,
      `close() with nothing lost, ${JSON.stringify(policy)}: ${ending}`,
      async () => {
        const { end, link, held } = await guardedEnd(kit, peer(), { policy })
        await end.send(new Uint8Array(1))
        await link.got(1)
        end.drop()
        assert.is(await link.ended(), ending)
        assert.is((await held.verdict).cause, 'drop')
      },
    )
  }

  for (const policy of ['compatible', 'strict'] as const) {
    factIf(noCalls, `${policy}: close() with bytes in the runtime's hands resets`, async () => {
      const { end, link, held } = await guardedEnd(kit, peer(), { paused: true, policy })
      end.overfill(new Uint8Array(big))
      end.drop()
      assert.is((await held.verdict).delivery, 'lost')
      await link.tell('resume')
      assert.is(await link.ended(), 'reset')
      assert.ok(link.bytes < big)
    })
  }

  fact('disposing without a decision is a drop', async () => {
    const { link, held } = await guardedEnd(kit, peer())
    held[Symbol.dispose]()
    assert.is(told(await held.verdict), 'fin by us, cause drop')
    assert.is(await link.ended(), 'eof')
  })

  fact("the peer's reset is told in the verdict", async () => {
    const { end, link, held } = await guardedEnd(kit, peer())
    end.read()
    await link.tell('reset')
    const verdict = await held.verdict
    assert.is(told(verdict), 'reset by peer, cause peer')
    assert.is(verdict.received, 'reset')
  })

  factIf(noCalls, 'a connection that the runtime opened is guarded too', async () => {
    for (const [policy, ending] of [
      ['compatible', 'eof'],
      ['strict', 'reset'],
    ] as [Policy, string][]) {
      const { end, other } = await connected(kit)
      const held = guard(end.socket, policy)
      assert.is(held.armed, true)
      const ended = endingOf(other)
      end.drop()
      assert.is(await ended, ending)
      other.destroy()
      await held.verdict
    }
  })
}

/** The receiving side. */
export const receivingFacts = (kit: Kit, peer: () => Peer): void => {
  const flowing = async (policy: Policy = {}): Promise<Awaited<ReturnType<typeof guardedEnd>>> => {
    const it = await guardedEnd(kit, peer(), { policy, halfOpen: true })
    it.end.read()
    return it
  }

  fact('discarding throws away what arrives and keeps the peer sending', async () => {
    const { end, link, held } = await flowing({ drainBytes: big })
    held.stopReceiving('discard')
    await link.tell('write', 3_000_000)
    await link.saw('sent')
    const closing = held.close()
    assert.is(await link.ended(), 'eof')
    assert.is(told(await closing), 'fin by us, cause close')
    assert.is(end.received, 0)
  })

  factIf(noCalls, 'holding leaves what arrives unread until the peer stalls', async () => {
    const { end, link, held } = await flowing()
    held.stopReceiving('hold')
    await link.tell('write', big)
    await end.send(new Uint8Array(1))
    await link.got(1)
    assert.not.ok(link.sights.includes('sent'))
    assert.ok(end.received < 1_000_000, `${end.received} bytes reached the owner`)
    await held.abort()
    assert.is(await link.ended(), 'reset')
  })

  factIf(noCalls, 'refusing resets when more arrives and not before', async () => {
    const { end, link, held } = await flowing()
    held.stopReceiving('refuse')
    await end.send(new Uint8Array(1))
    await link.got(1)
    assert.is(link.ending, undefined)
    await link.tell('write', 1)
    assert.is(await link.ended(), 'reset')
    assert.is((await held.verdict).ended, 'reset')
  })

  fact("onPeerFin close: the peer's FIN ends our side", async () => {
    const { link, held } = await flowing({ onPeerFin: 'close' })
    await link.tell('finish')
    assert.is(await link.ended(), 'eof')
    assert.is(told(await held.verdict), 'fin by us, cause peer')
  })

  fact("onPeerFin keep: our side outlives the peer's FIN", async () => {
    const { end, link, held } = await flowing({ onPeerFin: 'keep' })
    await link.tell('finish')
    await end.readToEnd
    await end.send(new Uint8Array(10))
    await link.got(10)
    assert.is(link.ending, undefined)
    await held.close()
    assert.is(await link.ended(), 'eof')
  })
}

/** What is left without system calls, in a process of its own. */
export const bareFacts = (kit: Kit, peer: () => Peer, file: string, resets: boolean): void => {
  if (!isVariant) fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(file, 'none'), 60_000)
  if (noCalls === false) return
  fact(`without system calls an abort is ${resets ? 'the reset of the runtime' : 'its end of file'}`, async () => {
    const { end, link, held } = await guardedEnd(kit, peer())
    const { abort, arm, hold, acked } = held.capabilities
    assert.equal([abort.can, arm.can, hold.can, acked.can], [resets, false, false, false])
    assert.match(abort.why, /FINRST_BACKEND=none/)
    await end.send(new Uint8Array(10))
    await link.got(10)
    const verdict = await held.abort()
    assert.is(await link.ended(), resets ? 'reset' : 'eof')
    assert.is(verdict.ended, resets ? 'reset' : 'unknown', JSON.stringify(verdict))
  })
}
