// Tests that nothing is left of a guarded native socket however it ends: no descriptor, no timer.
// FINRST_CONNECTIONS sets how many there are.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard } from '#adapter/index'
import { backend } from '#adapter/libc'
import { factIf, isVariant, soon, throughBackend } from './deadline.js'
import { cannotCount, descriptors, eventually, resources } from './descriptors.js'
import { accepted, connected, type Endpoint, type Kit } from './native-kit.js'
import { type Link, Peer } from './peer.js'
import { stopPrograms } from './programs.js'

const connections = Number(process.env.FINRST_CONNECTIONS ?? (isVariant ? 200 : 1000))
const together = 20
const policy = { flushMs: 500, drainIdleMs: 200, drainMs: 500 } as const

interface Connection {
  end: Endpoint
  held: Guard
  link: Link
}

type Ending = (it: Connection) => unknown

const endings: Record<string, Ending> = {
  close: ({ held }) => held.close(),
  'close that confirms nothing': ({ held }) => held.close({ confirm: 'none' }),
  abort: ({ held }) => held.abort(),
  fail: ({ held }) => held.fail(new Error('failed')),
  finalise: ({ held }) => held.finalise(),
  'the ordinary end': ({ end }) => void end.finish(),
  'the ordinary close()': ({ end }) => end.drop(),
  'both in one tick': ({ end }) => {
    void end.finish()
    end.drop()
  },
  'close and abort in one tick': ({ held }) => [held.close(), held.abort()],
  dispose: ({ held }) => held[Symbol.dispose](),
  'the peer resets': ({ link }) => link.tell('reset'),
  'the peer half-closes': ({ link }) => link.tell('finish'),
  'a deadline while bytes are unsent': async ({ end, held, link }) => {
    await link.tell('pause')
    end.overfill(new Uint8Array(8_000_000))
    await held.close({ within: 20 })
    await link.tell('resume')
  },
  'close() while bytes are unsent': async ({ end, link }) => {
    await link.tell('pause')
    end.overfill(new Uint8Array(8_000_000))
    end.drop()
    await link.tell('resume')
  },
}

const endOne = async (kit: Kit, peer: Peer, name: string): Promise<void> => {
  const { end, link } = await accepted(kit, peer)
  const held = guard(end.socket, { ...policy, onPeerFin: 'close' })
  end.read()
  if (link.id % 3 === 0) await end.send(new Uint8Array(10))
  await endings[name]?.({ end, held, link })
  await soon(`${name}: the verdict`, held.verdict)
  await link.saw('closed')
  peer.forget(link)
  // After a reset by the peer the owner closes; who has done so already is told that it was the second time.
  try {
    end.drop()
  } catch (error) {
    assert.is((error as Error).name, 'BadResource')
  }
}

const endAll = async (kit: Kit): Promise<void> => {
  const peer = await Peer.start()
  await endOne(kit, peer, 'close')
  await endOne(kit, peer, 'the peer half-closes')
  const [before, resourcesBefore] = [descriptors(), resources()]
  const names = Object.keys(endings)
  let left = connections
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await endOne(kit, peer, names[left % names.length] ?? 'close')
    }
  }
  await Promise.all(Array.from({ length: together }, worker))
  await eventually(() => descriptors() <= before)
  assert.is(descriptors() - before, 0, `descriptors left of ${connections} connections`)
  await eventually(() => JSON.stringify(resources()) === JSON.stringify(resourcesBefore))
  assert.equal(resources(), resourcesBefore)
  await stopPrograms()
}

/** That nothing is left. */
export const descriptorFacts = (kit: Kit, file: string): void => {
  test.after(stopPrograms)
  const ms = 20_000 + connections * 20
  factIf(cannotCount, 'a mix of endings leaves no descriptor and no timer', () => endAll(kit), ms)

  const noCalls = backend().name === 'none' && 'no system calls'
  factIf(cannotCount || noCalls, 'a guard holds one descriptor and no more', async () => {
    const { end, other } = await connected(kit)
    const before = descriptors()
    const held = guard(end.socket)
    assert.is(descriptors(), before + 1)
    await held.abort()
    assert.ok(await eventually(() => descriptors() <= before - 1))
    other.destroy()
  })
  if (isVariant) return
  factIf(cannotCount, 'all of this holds with FINRST_BACKEND=none', () => throughBackend(file, 'none'), ms)
}
