// Tests that nothing is left of a guarded connection however it ends: no descriptor, no timer, no handle.
// FINRST_CONNECTIONS sets how many there are, FINRST_SEED which endings they get.
import net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard } from '#adapter/index'
import { backend } from '#adapter/libc'
import { factIf, isVariant, soon, throughBackend } from './support/deadline.js'
import { cannotCount, descriptors, eventually, resources } from './support/descriptors.js'
import { emitted, listening, pair, portOf } from './support/pair.js'
import { type Link, Peer } from './support/peer.js'
import { startProgram, stopPrograms } from './support/programs.js'
import { fractions } from './twin/random.js'
import { runtime } from './support/runtime.js'

const connections = Number(process.env.FINRST_CONNECTIONS ?? (isVariant ? 300 : 1000))
const seed = Number(process.env.FINRST_SEED ?? 20_261_123)
const together = 40
/** How many connections a peer has that is going to be killed. */
const crowd = 20

const policy = { flushMs: 500, drainIdleMs: 200, drainMs: 500 } as const

interface Connection {
  socket: net.Socket
  held: Guard
  link: Link
}

type Ending = (it: Connection) => unknown

const endings: Record<string, Ending> = {
  close: ({ held }) => held.close(),
  'close that confirms nothing': ({ held }) => held.close({ confirm: 'none' }),
  'close that waits for the peer': ({ held }) => held.close({ confirm: 'peer' }),
  abort: ({ held }) => held.abort(),
  fail: ({ held }) => held.fail(new Error('failed')),
  finalise: ({ held }) => held.finalise(),
  'end()': ({ socket }) => socket.end(),
  'destroy()': ({ socket }) => socket.destroy(),
  'destroy(error)': ({ socket }) => socket.destroy(new Error('destroyed')),
  'resetAndDestroy()': ({ socket }) => socket.resetAndDestroy(),
  'end() and resetAndDestroy() in one tick': ({ socket }) => socket.end().resetAndDestroy(),
  'end() and destroy() in one tick': ({ socket }) => socket.end().destroy(),
  'close and abort in one tick': ({ held }) => [held.close(), held.abort()],
  dispose: ({ held }) => held[Symbol.dispose](),
  'the peer resets': ({ link }) => link.tell('reset'),
  'the peer closes': ({ link }) => link.tell('close'),
  'the peer half-closes': ({ link }) => link.tell('finish'),
  'a deadline while bytes are unsent': async ({ socket, held, link }) => {
    await link.tell('pause')
    socket.write(Buffer.alloc(8_000_000))
    await held.close({ within: 20 })
    await link.tell('resume')
  },
  'destroy() while bytes are unsent': async ({ socket, link }) => {
    await link.tell('pause')
    socket.write(Buffer.alloc(8_000_000))
    socket.destroy()
    await link.tell('resume')
  },
  'unread bytes and close': async ({ socket, held, link }) => {
    socket.pause()
    await link.tell('write', 1000)
    await held.close()
  },
}

/** One server for all connections; each accepted socket goes to whoever waits for the port it comes from. */
class Acceptor {
  readonly #server = net.createServer((socket) => this.#waiting.shift()?.(socket.on('error', () => undefined)))
  readonly #waiting: ((socket: net.Socket) => void)[] = []

  async open(): Promise<void> {
    await listening(this.#server)
  }

  // Connections are opened one at a time, so the next socket is ours.
  #turn: Promise<unknown> = Promise.resolve()
  connect(peer: Peer): Promise<Connection> {
    const opened = this.#turn.then(async () => {
      const accepted = new Promise<net.Socket>((resolve) => this.#waiting.push(resolve))
      const link = await peer.connect(portOf(this.#server))
      const socket = (await accepted).resume()
      return { socket, link, held: guard(socket, policy) }
    })
    this.#turn = opened.catch(() => undefined)
    return opened
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

const endOne = async (peer: Peer, acceptor: Acceptor, name: string): Promise<void> => {
  const it = await acceptor.connect(peer)
  const closed = emitted(it.socket, 'close')
  if (Number(it.link.id) % 3 === 0) it.socket.write('some bytes')
  await endings[name]?.(it)
  await soon(`${name}: the verdict`, it.held.verdict)
  await soon(`${name}: the socket closes; ${JSON.stringify(await it.held.verdict)}`, closed)
  await it.link.saw('closed')
  peer.forget(it.link)
}

/** A crowd of connections whose peer's process is killed. */
const vanish = async (acceptor: Acceptor): Promise<void> => {
  const peer = await Peer.start()
  const all: Connection[] = []
  for (let index = 0; index < crowd; index += 1) all.push(await acceptor.connect(peer))
  for (const [index, { socket, held }] of all.entries()) {
    if (index % 4 === 1) socket.write(Buffer.alloc(1_000_000))
    else if (index % 4 === 2) void held.finishSending().catch(() => undefined)
    else if (index % 4 === 3) void held.close()
  }
  const closed = all.map(({ socket }) => (socket.closed ? undefined : emitted(socket, 'close')))
  await peer.vanish()
  await soon('the verdicts of the killed peer', Promise.all(all.map(({ held }) => held.verdict)))
  await soon('the sockets of the killed peer close', Promise.all(closed))
}

const endAll = async (): Promise<void> => {
  const peer = await Peer.start()
  const acceptor = new Acceptor()
  // The first use of each way opens what the process then keeps: it is no leak.
  await acceptor.open()
  await endOne(peer, acceptor, 'close')
  const [before, resourcesBefore] = [descriptors(), resources()]
  const names = Object.keys(endings)
  const next = fractions(seed)
  let left = connections
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await endOne(peer, acceptor, names[Math.floor(next() * names.length)] ?? 'close')
    }
  }
  await Promise.all(Array.from({ length: together }, worker))
  for (let index = 0; index < Math.ceil(connections / 2000); index += 1) await vanish(acceptor)
  await eventually(() => descriptors() <= before)
  assert.is(descriptors() - before, 0, `descriptors left of ${connections} connections, seed ${seed}`)
  await eventually(() => JSON.stringify(resources()) === JSON.stringify(resourcesBefore))
  assert.equal(resources(), resourcesBefore)
  await acceptor.close()
  await stopPrograms()
  if (process.env.FINRST_CONNECTIONS) console.log(`note: ${connections} connections, 0 descriptors left, seed ${seed}`)
}

test.after(stopPrograms)

factIf(
  cannotCount,
  'a random mix of endings leaves no descriptor, no timer and no handle',
  endAll,
  20_000 + connections * 20,
)

/** How many descriptors ten connections leave that are ended and reset in one tick. */
const leftOf = async (how: 'guarded' | 'plain'): Promise<{ left: number; times: number }> => {
  const { child, next } = await startProgram('leak-program', [how])
  const report = await soon('the count', next())
  child.kill('SIGKILL')
  return report as { left: number; times: number }
}

factIf(
  cannotCount,
  'end() and resetAndDestroy() in one tick leak a descriptor unguarded and none guarded',
  async () => {
    assert.is((await leftOf('guarded')).left, 0)
    const { left, times } = await leftOf('plain')
    if (left === 0) console.log(`note: Node ${process.versions.node} does not leak any more`)
    else assert.is(left, times, 'the harm: each unguarded one leaks')
  },
)

factIf(
  cannotCount || (backend().name === 'none' && 'no system calls'),
  'a guard holds one descriptor and no more; on Node none as long as the runtime has its own',
  async () => {
    const { socket, other } = await pair()
    const before = descriptors()
    const held = guard(socket)
    assert.is(descriptors(), before + (runtime === 'node' ? 0 : 1))
    await held.abort()
    assert.ok(await eventually(() => descriptors() <= before - 1))
    other.destroy()
  },
)

if (!isVariant) {
  factIf(
    cannotCount,
    'all of this holds with FINRST_BACKEND=none',
    () => {
      const wanted = process.env.FINRST_CONNECTIONS ?? '300'
      return throughBackend(import.meta.url, 'none', { FINRST_CONNECTIONS: wanted })
    },
    20_000 + connections * 20,
  )
}

test.run()
