// Tests that the ordinary methods and events of a socket keep their Node meaning under a guard: every scenario runs on
// an unguarded and on a guarded socket, and the logs must be equal.
import type net from 'node:net'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guard } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, isVariant, throughBackend } from './support/deadline.js'
import { emitted, pair } from './support/pair.js'

type Log = (what: string) => void
interface Scene {
  socket: net.Socket
  /** Paused until somebody reads it, and half-open. */
  other: net.Socket
  log: Log
  halfOpen: boolean
  closed: Promise<void>
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? String(error)

/** Everything that a program can observe of a socket, in order. */
const record = (socket: net.Socket, log: Log): void => {
  for (const event of ['finish', 'drain', 'timeout', 'ready', 'end']) socket.on(event, () => log(event))
  socket.on('error', (error) => log(`error ${codeOf(error)}`))
  socket.on('close', (hadError) => log(`close ${hadError}`))
}

const flagsOf = (socket: net.Socket): string => {
  const { destroyed, closed, writable, readable, writableEnded, writableFinished, readableEnded } = socket
  return JSON.stringify({ destroyed, closed, writable, readable, writableEnded, writableFinished, readableEnded })
}

const observe = async (halfOpen: boolean, under: boolean, play: (scene: Scene) => Promise<void>): Promise<string[]> => {
  const { socket, other } = await pair({ halfOpen })
  const entries: string[] = []
  const log: Log = (what) => entries.push(what)
  if (under) guard(socket)
  socket.setMaxListeners(20)
  record(socket, log)
  const closed = emitted(socket, 'close')
  other.on('data', () => undefined)
  other.on('end', () => log('other end'))
  await play({ socket, other, log, halfOpen, closed })
  other.destroy()
  socket.destroy()
  await closed
  await new Promise((resolve) => setImmediate(resolve))
  log(`${socket.bytesWritten} written, ${socket.bytesRead} read, ${flagsOf(socket)}`)
  return entries
}

const scenes: Record<string, (scene: Scene) => Promise<void>> = {
  'end() and then the peer ends': async ({ socket, other, closed }) => {
    socket.resume()
    socket.end()
    await emitted(other, 'end')
    other.end()
    await closed
  },
  'end() with a chunk, an encoding and a callback': async ({ socket, other, log, closed }) => {
    socket.resume()
    socket.end('68656c6c6f', 'hex', () => log('callback'))
    await emitted(other, 'end')
    other.end()
    await closed
  },
  'end() with a callback, twice': async ({ socket, other, log, closed }) => {
    socket.resume()
    socket.end(() => log('first'))
    socket.end((error?: Error) => log(`second ${codeOf(error)}`))
    await emitted(other, 'end')
    other.end()
    await closed
  },
  'a write after end()': async ({ socket, log, closed }) => {
    socket.end('x')
    socket.write('y', (error) => log(`callback ${codeOf(error)}`))
    await closed
  },
  'a write after destroy()': async ({ socket, log, closed }) => {
    socket.destroy()
    socket.write('y', (error) => log(`callback ${codeOf(error)}`))
    await closed
  },
  'the peer ends first': async ({ socket, other, halfOpen, closed }) => {
    socket.resume()
    if (halfOpen) socket.on('end', () => socket.end())
    other.end()
    await closed
  },
  'the peer ends first and the answer is given at its end': async ({ socket, other, log, closed }) => {
    socket.resume()
    socket.on('end', () => socket.end('answer', () => log('callback')))
    other.on('data', (chunk) => log(String(chunk)))
    other.end()
    await closed
  },
  'the peer ends first after data': async ({ socket, other, log, closed }) => {
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
    socket.on('end', () => log(`${bytes} bytes`))
    other.end(Buffer.alloc(200_000))
    await emitted(socket, 'end')
    socket.end()
    await closed
  },
  'destroy()': async ({ socket, closed }) => {
    socket.destroy()
    await closed
  },
  'destroy() after end() has finished': async ({ socket, closed }) => {
    socket.end('x')
    await emitted(socket, 'finish')
    socket.destroy()
    await closed
  },
  'destroySoon()': async ({ socket, closed }) => {
    socket.write('x')
    socket.destroySoon()
    await closed
  },
  'destroy(error)': async ({ socket, closed }) => {
    socket.destroy(Object.assign(new Error('broken'), { code: 'BROKEN' }))
    socket.destroy(new Error('again'))
    await closed
  },
  'resetAndDestroy()': async ({ socket, closed }) => {
    socket.resetAndDestroy()
    socket.resetAndDestroy()
    await closed
  },
  'the peer resets': async ({ socket, other, closed }) => {
    socket.resume()
    other.resetAndDestroy()
    await closed
  },
  'cork, write, uncork and drain': async ({ socket, other }) => {
    socket.cork()
    socket.write('a')
    socket.write(Buffer.alloc(100_000))
    socket.uncork()
    await emitted(socket, 'drain')
    socket.end()
    await emitted(other, 'end')
  },
  'an idle timeout': async ({ socket }) => {
    socket.setTimeout(20)
    await emitted(socket, 'timeout')
  },
  'setEncoding and reading text': async ({ socket, other, log, closed }) => {
    socket.setEncoding('utf8').on('data', (text: unknown) => log(`${typeof text} ${String(text)}`))
    other.end('grüße')
    await emitted(socket, 'end')
    socket.end()
    await closed
  },
  'reading by readable and read()': async ({ socket, other, log, closed }) => {
    let text = ''
    socket.on('readable', () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) text += chunk
    })
    socket.on('end', () => log(text))
    other.end('in two parts')
    await emitted(socket, 'end')
    socket.end()
    await closed
  },
  'pipeline() into the socket': async ({ socket, other, log, closed }) => {
    socket.resume()
    other.once('end', () => other.end())
    await pipeline(Readable.from([Buffer.alloc(70_000), Buffer.alloc(70_000)]), socket)
    log('pipeline done')
    await closed
  },
  'pipeline() whose source fails': async ({ socket, log, closed }) => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.alloc(10)
        throw Object.assign(new Error('source'), { code: 'SOURCE' })
      })(),
    )
    await pipeline(source, socket).catch((error: unknown) => log(`pipeline ${codeOf(error)}`))
    await closed
  },
  'pipeline() from the socket to itself': async ({ socket, other, log, halfOpen, closed }) => {
    const echoed: Buffer[] = []
    other.on('data', (chunk) => echoed.push(chunk))
    other.end('echo')
    if (halfOpen) await pipeline(socket, socket)
    else socket.pipe(socket)
    await emitted(other, 'end')
    log(Buffer.concat(echoed).toString())
    await closed
  },
  'finished() of the socket': async ({ socket, other, log, closed }) => {
    const done = finished(socket).then(
      () => log('finished'),
      (error: unknown) => log(`finished ${codeOf(error)}`),
    )
    socket.resume()
    socket.end('x')
    other.once('end', () => other.end())
    await done
    await closed
  },
  'finished() of a socket that is destroyed': async ({ socket, log, closed }) => {
    socket.destroy()
    await finished(socket).catch((error: unknown) => log(`finished ${codeOf(error)}`))
    await closed
  },
  'iterating over the socket': async ({ socket, other, log, closed }) => {
    other.end('iterated')
    let text = ''
    for await (const chunk of socket) text += chunk
    log(text)
    socket.end()
    await closed
  },
  'leaving an iteration early': async ({ socket, other, log, closed }) => {
    other.write('iterated')
    for await (const chunk of socket) {
      log(String(chunk))
      break
    }
    await closed
  },
}

for (const [name, play] of Object.entries(scenes)) {
  for (const halfOpen of [false, true]) {
    fact(`${name} is the same under a guard${halfOpen ? ', half-open' : ''}`, async () => {
      const [bare, under] = [await observe(halfOpen, false, play), await observe(halfOpen, true, play)]
      assert.equal(under, bare)
      assert.ok(bare.some((entry) => entry.startsWith('close ')))
    })
  }
}

// A guard on node:net leaves its methods and its listener, the same for all sockets: they lead to the runtime's.
const shared = ['end', 'push', 'resetAndDestroy', 'setTimeout']

/** What a socket has of its own when its connection has ended. */
const leftovers = async (under: boolean): Promise<unknown> => {
  const { socket, other } = await pair({ halfOpen: true })
  const held = under ? guard(socket) : undefined
  other.resume().on('end', () => other.end())
  const closed = emitted(socket.resume(), 'close')
  socket.end()
  await closed
  await held?.verdict
  other.destroy()
  assert.is(socket.setTimeout(1).setTimeout(0), socket)
  return {
    keys: Object.keys(socket)
      .filter((key) => !key.startsWith('_') && !shared.includes(key))
      .sort(),
    listeners: socket
      .eventNames()
      .filter((event) => event !== 'end' && event !== 'close')
      .map((event) => `${String(event)}: ${socket.listenerCount(event)}`),
  }
}

fact('a guard leaves no property and no listener of one connection once it has ended', async () => {
  assert.equal(await leftovers(true), await leftovers(false))
})

fact('a close in the middle of an iteration ends without waiting for a clock', async () => {
  const { socket, other } = await pair()
  const held = guard(socket)
  other.write('x')
  other.on('end', () => other.end())
  other.resume()
  for await (const _ of socket) {
    const started = performance.now()
    const verdict = await held.close({ confirm: backend().name === 'none' ? 'kernel' : 'peer' })
    assert.is(verdict.ended, 'fin')
    assert.ok(performance.now() - started < 3000, `the close took ${performance.now() - started} ms`)
    break
  }
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 60_000)
}

test.run()
