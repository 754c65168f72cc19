// Tests connections that carry several messages: between two of them a death is a FIN, in the middle of one a reset.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard } from '#adapter/index'
import { backend } from '#adapter/libc'
import type { Plan, Report } from './support/crash-program.js'
import type { Death } from './support/death.js'
import { fact, factIf, soon } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { flushed, pair } from './support/pair.js'
import { type Link, Peer } from './support/peer.js'
import { secure } from './support/secure-pair.js'
import { startProgram, stopPrograms } from './support/programs.js'

const noCalls = backend().name === 'none' && 'no system calls'
const bytes = 1000

let peer: Peer
let securePeer: Peer
test.before(async () => {
  ;[peer, securePeer] = await Promise.all([Peer.start(), Peer.start('tls-peer-program')])
})
test.after(stopPrograms)

/** What a peer in another process reads when a program dies that was told this of its message. */
const afterDeath = async (message: 'begun' | 'complete', how: Death, plan: Partial<Plan> = {}): Promise<Link> => {
  const whole: Plan = { guarded: true, bytes, flushed: true, message, ...plan }
  const program = await startProgram('crash-program', [JSON.stringify(whole)], {})
  const report = (): Promise<Report> => soon('a report', program.next() as Promise<Report>)
  const first = await report()
  if (!('port' in first)) throw new Error(`no port but ${JSON.stringify(first)}`)
  const ready = report()
  const link = await peer.connect(first.port)
  await ready
  await link.got(bytes)
  if (how === 'SIGKILL') program.child.kill('SIGKILL')
  else program.tell(how)
  await soon('the death', program.died)
  return link
}

for (const how of ['throw', 'reject', 'exit 0', 'abort', 'SIGKILL', 'SIGTERM'] as const) {
  for (const policy of ['compatible', 'strict'] as const) {
    factIf(noCalls, `death by ${how} behind a complete message is an end of file: ${policy}`, async () => {
      const link = await afterDeath('complete', how, { policy })
      assert.is(await link.ended(), 'eof')
      assert.is(link.bytes, bytes)
    })
  }

  factIf(noCalls, `death by ${how} in the middle of a message is a reset`, async () => {
    const link = await afterDeath('begun', how)
    assert.is(await link.ended(), 'reset')
  })
}

factIf(noCalls, 'a policy that leaves crashes to the system arms no message', async () => {
  const { socket, other } = await pair()
  const held = guard(socket, { onCrash: 'leave' })
  held.beginMessage()
  assert.is(held.armed, false)
  held.completeMessage()
  assert.is(held.linger(), null)
  for (const it of [socket, other]) it.destroy()
})

factIf(noCalls, 'a message that is complete disarms once it is in the kernel, and the next one arms', async () => {
  const { socket, other } = await pair({ unread: true })
  other.pause()
  const held = guard(socket)
  held.beginMessage()
  socket.write(Buffer.alloc(12_000_000))
  held.completeMessage()
  assert.is(held.armed, true, 'bytes are still in the runtime')
  other.resume()
  await flushed(socket)
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(held.armed, false)
  held.beginMessage()
  assert.is(held.armed, true)
  assert.is(held.linger(), 0)
  for (const it of [socket, other]) it.destroy()
})

factIf(noCalls, 'a message that has begun before the last one was in the kernel stays armed', async () => {
  const { socket, other } = await pair({ unread: true })
  other.pause()
  const held = guard(socket)
  socket.write(Buffer.alloc(12_000_000))
  held.completeMessage()
  held.beginMessage()
  other.resume()
  await flushed(socket)
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(held.armed, true)
  for (const it of [socket, other]) it.destroy()
})

fact('a drop in the middle of a message resets, and behind a complete one it closes: whatever the policy', async () => {
  for (const [onDrop, complete, expected] of [
    ['close', false, 'reset'],
    ['abort', true, 'fin'],
  ] as const) {
    const { socket, other } = await pair()
    const held = guard(socket, { onDrop })
    held.beginMessage()
    socket.write('bytes')
    await flushed(socket)
    if (complete) held.completeMessage()
    socket.destroy()
    assert.is((await held.verdict).ended, expected)
    other.destroy()
  }
})

fact(
  'a message over TLS that is still under way is complete once it is in the kernel, and breaks nothing',
  async () => {
    for (const client of [false, true]) {
      const { socket, link } = await secure(securePeer, { keep: true, halfOpen: true, client })
      const held = guard(socket)
      held.beginMessage()
      socket.write(Buffer.alloc(3_000_000))
      held.completeMessage()
      await link.got(3_000_000)
      assert.ok(await eventually(() => !held.armed), 'it is still armed')
      socket.destroy()
      assert.is((await held.verdict).cause, 'drop')
    }
  },
)

test.run()
