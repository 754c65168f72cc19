// Tests of native sockets that no ordinary way of closing loses a byte: 10 MB to a slow peer with a small receive
// buffer arrive whole, then end of file once, and never a reset. FINRST_RUNS sets how often each way is taken.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, run } from '#adapter/index'
import { fact, isVariant, throughBackend } from './deadline.js'
import { accepted, type Endpoint, type Kit, patterned, peerFor } from './native-kit.js'
import type { Link, Peer } from './peer.js'

const runs = Number(process.env.FINRST_RUNS ?? (isVariant ? 1 : 2))
const together = 2
const { bytes, hash: whole } = patterned(10_000_000)

/** One way of closing: what the owner does. */
export interface NativeWay {
  /** Its verdict is given before anything has ended. */
  early?: boolean
  close: (it: { end: Endpoint; link: Link }) => unknown
}

const sent = async (end: Endpoint, policy = {}): Promise<Guard> => {
  const held = guard(end.socket, policy)
  await end.send(bytes)
  return held
}

const ways: Record<string, NativeWay> = {
  'the ordinary end of sending': {
    close: async ({ end }) => {
      await sent(end)
      end.read()
      await end.finish()
    },
  },
  'the ordinary close() after everything was sent': {
    close: async ({ end }) => {
      await sent(end)
      end.drop()
    },
  },
  'the ordinary end of sending and close() right after it': {
    close: async ({ end }) => {
      await sent(end)
      void end.finish()
      end.drop()
    },
  },
  'guard.close()': { close: async ({ end }) => (await sent(end)).close() },
  'guard.close() with bytes in hand': {
    close: ({ end }) => {
      const held = guard(end.socket)
      end.overfill(bytes)
      return held.close()
    },
  },
  'a close that confirms nothing, with bytes in hand': {
    early: true,
    close: ({ end }) => {
      const held = guard(end.socket)
      end.overfill(bytes)
      return held.close({ confirm: 'none' })
    },
  },
  'finishSending() and then close()': {
    close: async ({ end }) => {
      const held = await sent(end)
      await held.finishSending()
      await held.close()
    },
  },
  'run()': { close: ({ end }) => run(end.socket, () => end.send(bytes)) },
  'dispose after everything was sent': { close: async ({ end }) => (await sent(end))[Symbol.dispose]() },
  'finalise()': { close: async ({ end }) => (await sent(end)).finalise() },
  'the peer half-closes first, kept': {
    close: async ({ end, link }) => {
      const held = guard(end.socket, { onPeerFin: 'keep' })
      end.read()
      await link.tell('finish')
      await end.readToEnd
      await end.send(bytes)
      await held.close()
    },
  },
  'the peer half-closes first, bytes in hand': {
    close: async ({ end, link }) => {
      const held = guard(end.socket, { onPeerFin: 'keep' })
      end.read()
      await link.tell('finish')
      await end.readToEnd
      end.overfill(bytes)
      await held.close()
    },
  },
}

const once = async (kit: Kit, peer: Peer, name: string, { early, close }: NativeWay): Promise<void> => {
  const it = await accepted(kit, peer, { slow: true, halfOpen: true })
  const closing = Promise.resolve(close(it))
  const ending = await it.link.ended(60_000)
  await it.link.saw('closed')
  await closing
  const verdict = await guard(it.end.socket).verdict
  const trace = `${name}: ${it.link.bytes} bytes, ${it.link.sights.join(', ')}; ${JSON.stringify(verdict)}`
  peer.forget(it.link)
  assert.is(ending, 'eof', trace)
  assert.is(it.link.hash, whole, trace)
  if (kit.tls) assert.ok(it.link.sights.includes('notified'), trace)
  assert.is(it.link.sights.filter((saw) => saw === 'eof').length, 1, trace)
  assert.not.ok(it.link.sights.includes('reset'), trace)
  assert.is(verdict.ended, early === true ? 'unknown' : 'fin', trace)
}

/** Every way of closing that both runtimes have, and those of one. */
export const bytesFacts = (kit: Kit, file: string, own: Record<string, NativeWay> = {}): void => {
  let peers: Peer[] = []
  test.before(async () => {
    peers = await Promise.all(Array.from({ length: together }, () => peerFor(kit)))
  })
  for (const [name, way] of Object.entries({ ...ways, ...own })) {
    const body = async (): Promise<void> => {
      let left = runs
      const worker = async (peer: Peer): Promise<void> => {
        for (; left > 0; ) {
          left -= 1
          await once(kit, peer, name, way)
        }
      }
      await Promise.all(peers.map(worker))
    }
    fact(`every byte arrives, then end of file: ${name}`, body, 60_000 + runs * 2000)
  }
  if (isVariant) return
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(file, 'none', { FINRST_RUNS: '1' }), 120_000)
}
