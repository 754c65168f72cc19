// Tests that no ordinary way of closing loses a byte: 10 MB to a slow peer with a small receive buffer arrive whole,
// then end of file once, and never a reset. FINRST_RUNS sets how often each way is taken.
import { createHash } from 'node:crypto'
import type net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, run } from '#adapter/index'
import { fact, isVariant, throughBackend } from './support/deadline.js'
import { emitted, flushed, plain } from './support/pair.js'
import { type Link, Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'

const runs = Number(process.env.FINRST_RUNS ?? (isVariant ? 1 : 2))
const together = 4
const size = 10_000_000
const part = 65_536

// Each byte depends on its position, so that a gap, a repetition or a swap changes the hash.
const bytes = Buffer.alloc(size)
for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at)
const whole = createHash('sha256').update(bytes).digest('hex')

interface Sending {
  socket: net.Socket
  link: Link
}

const inParts = (socket: net.Socket): void => {
  for (let at = 0; at < size; at += part) socket.write(bytes.subarray(at, at + part))
}

const guarding = (socket: net.Socket): Guard => {
  const held = guard(socket)
  inParts(socket)
  return held
}

/** The peer has finished its side before we write. */
const halfClosedFirst = async ({ socket, link }: Sending): Promise<Guard> => {
  const held = guard(socket, { onPeerFin: 'keep' })
  const ended = emitted(socket, 'end')
  await link.tell('finish')
  await ended
  inParts(socket)
  return held
}

interface Way {
  halfOpen?: boolean
  /** Its verdict is given before anything has ended. */
  early?: boolean
  /** The peer's FIN comes before our last byte has left. */
  peerFinFirst?: boolean
  close: (it: Sending) => unknown
}

const ways: Record<string, Way> = {
  'end()': {
    close: ({ socket }) => {
      guarding(socket)
      socket.end()
    },
  },
  'end(chunk)': {
    close: ({ socket }) => {
      guard(socket)
      socket.end(bytes)
    },
  },
  'guard.close()': { close: ({ socket }) => guarding(socket).close() },
  'a close that confirms nothing': { early: true, close: ({ socket }) => guarding(socket).close({ confirm: 'none' }) },
  'finishSending() and then close()': {
    close: async ({ socket }) => {
      const held = guarding(socket)
      await held.finishSending()
      await held.close()
    },
  },
  'run()': { close: ({ socket }) => run(socket, () => inParts(socket)) },
  'dispose after everything was flushed': {
    close: async ({ socket }) => {
      const held = guarding(socket)
      await flushed(socket)
      held[Symbol.dispose]()
    },
  },
  'destroy() after everything was flushed': {
    close: async ({ socket }) => {
      guarding(socket)
      await flushed(socket)
      socket.destroy()
    },
  },
  'destroySoon()': {
    close: ({ socket }) => {
      guarding(socket)
      socket.destroySoon()
    },
  },
  "end() and destroy() on 'finish'": {
    close: ({ socket }) => {
      guarding(socket)
      socket.end().once('finish', () => socket.destroy())
    },
  },
  'the peer half-closes first, half-open': {
    halfOpen: true,
    peerFinFirst: true,
    close: async (it) => {
      await halfClosedFirst(it)
      it.socket.end()
    },
  },
  'the peer half-closes first, kept': { peerFinFirst: true, close: async (it) => (await halfClosedFirst(it)).close() },
  'the peer half-closes behind our writes and the policy closes': {
    peerFinFirst: true,
    close: async ({ socket, link }) => {
      guarding(socket)
      await link.tell('finish')
    },
  },
  'a deadline that leaves the rest to the kernel': {
    close: async ({ socket }) => {
      const held = guard(socket, { onDeadline: 'detach', drainMs: 20 })
      inParts(socket)
      assert.is((await held.close({ confirm: 'peer' })).cause, 'deadline')
    },
  },
  'finalise()': { close: ({ socket }) => guarding(socket).finalise() },
}

/** One connection from its opening to its end; answers how many bytes were lost. */
const once = async (peer: Peer, name: string): Promise<number> => {
  const way = ways[name]
  if (way === undefined) throw new Error(`no way is named ${name}`)
  const it = await plain(peer, { slow: true, halfOpen: way.halfOpen === true })
  it.socket.resume()
  const errors: string[] = []
  it.socket.on('error', (error) => errors.push(error.message))
  const closing = way.close(it)
  const ending = await it.link.ended(60_000)
  await it.link.saw('closed')
  await closing
  const verdict = await guard(it.socket).verdict
  const trace = `${name}: ${it.link.bytes} bytes, ${it.link.sights.join(', ')}; ${JSON.stringify(verdict)}`
  peer.forget(it.link)
  if (way.peerFinFirst && !guard(it.socket).capabilities.sendAfterPeerFin.can) {
    // What a runtime is said to lack must be lacking; then the loss is told, and never an end of file.
    assert.is(ending, 'reset', trace)
    assert.ok(it.link.bytes < size, trace)
    return 0
  }
  assert.is(ending, 'eof', trace)
  assert.is(it.link.hash, whole, trace)
  assert.is(it.link.sights.filter((saw) => saw === 'eof').length, 1, trace)
  assert.not.ok(it.link.sights.includes('reset'), trace)
  assert.is(verdict.ended, way.early === true ? 'unknown' : 'fin', trace)
  assert.equal(errors, [], trace)
  return size - it.link.bytes
}

let peers: Peer[] = []
test.before(async () => {
  peers = await Promise.all(Array.from({ length: 2 }, () => Peer.start()))
})
test.after(stopPrograms)

const started = { runs: 0, lost: 0 }

for (const name of Object.keys(ways)) {
  const body = async (): Promise<void> => {
    let left = runs
    const worker = async (_: unknown, index: number): Promise<void> => {
      const peer = peers[index % peers.length]
      while (left > 0 && peer !== undefined) {
        left -= 1
        started.lost += await once(peer, name)
        started.runs += 1
      }
    }
    await Promise.all(Array.from({ length: Math.min(together, runs) }, worker))
  }
  fact(`every byte arrives, then end of file: ${name}`, body, 60_000 + runs * 2000)
}

if (!isVariant) {
  fact(
    'all of this holds with FINRST_BACKEND=none',
    () => throughBackend(import.meta.url, 'none', { FINRST_RUNS: '1' }),
    120_000,
  )
}
test.after(() => {
  if (process.env.FINRST_RUNS !== undefined) console.log(`note: ${started.runs} runs, ${started.lost} bytes lost`)
})

test.run()
