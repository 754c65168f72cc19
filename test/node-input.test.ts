// Tests what a guard refuses on Node: the error names the argument, the value and what is allowed, and the socket is
// left as it was.
import { createSocket } from 'node:dgram'
import { rmSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { explain, type Guard, guard, type Policy, run } from '#adapter/index'
import { backend } from '#adapter/libc'
import { platform } from '#adapter/platform'
import { fact, factIf, isVariant, throughBackend } from './support/deadline.js'
import { descriptors, withDescriptor } from './support/descriptors.js'
import { accept, emitted, guarded, listening, pair } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'

const noCalls = backend().name === 'none' && 'no system calls'

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

interface Refusal {
  name: string
  message: string
}

/** What a call throws. */
const refusal = (call: () => unknown): Refusal => {
  try {
    call()
  } catch (error) {
    return error as Refusal
  }
  throw new Error('nothing was refused')
}

/** Everything of a socket that a refused call must leave alone. */
const snapshot = (socket: net.Socket): unknown => ({
  listeners: socket.eventNames().map((event) => [event, socket.listenerCount(event)]),
  methods: ['end', 'push', '_final', '_destroy', 'resetAndDestroy', 'emit'].filter((name) =>
    Object.hasOwn(socket, name),
  ),
  allowHalfOpen: socket.allowHalfOpen,
  linger: lingerOf(socket),
  descriptors: descriptors(),
})

const lingerOf = (socket: net.Socket): string | undefined => {
  const bytes = new Uint8Array(8)
  const answer = withDescriptor(socket, (fd) => platform().libc?.getsockopt(fd, 1, 13, bytes))
  return answer === 0 ? bytes.join(' ') : undefined
}

const echoes = async (socket: net.Socket, other: net.Socket): Promise<boolean> => {
  socket.once('data', (chunk) => socket.write(chunk))
  const back = new Promise((resolve) => other.once('data', resolve))
  other.write('echo')
  return String(await back) === 'echo'
}

// ---- What is no connected TCP socket ----------------------------------------

const strangers: [name: string, value: unknown, told: RegExp][] = [
  ['null', null, /socket is null; expected a connected TCP net\.Socket/],
  ['undefined', undefined, /socket is undefined/],
  ['a number', 7, /socket is 7/],
  ['text', 'socket', /socket is "socket"/],
  ['a plain object', {}, /socket is an object of type Object/],
  ['an object without a prototype', Object.create(null), /socket is an object/],
  ['a function', function connect() {}, /socket is a function connect/],
  ['a server', net.createServer(), /socket is an object of type Server/],
  ['another stream', new PassThrough(), /socket is an object of type PassThrough/],
  ['a datagram socket', createSocket('udp4').unref(), /socket is an object of type Socket|expected a connected TCP/],
  ['a symbol', Symbol('s'), /socket is Symbol\(s\)/],
]

for (const [name, value, told] of strangers) {
  fact(`${name} is refused as a socket`, () => {
    const error = refusal(() => guard(value as net.Socket))
    assert.is(error.name, 'TypeError')
    assert.match(error.message, told)
    assert.match(error.message, /expected a connected TCP net\.Socket/)
  })
}

fact('a socket that never connected is refused', () => {
  assert.match(refusal(() => guard(new net.Socket())).message, /socket is not connected/)
})

fact('a socket that is connecting is refused, and connects all the same', async () => {
  const { with: client } = await accept({}, async (port) => {
    const socket = net.connect(port, '127.0.0.1')
    assert.match(refusal(() => guard(socket)).message, /still connecting.*'connect' event/)
    await emitted(socket, 'connect')
    return socket
  })
  await guard(client).abort()
})

fact('a socket that is closed is refused', async () => {
  const { socket, other } = await pair()
  socket.destroy()
  assert.match(refusal(() => guard(socket)).message, /socket is closed/)
  await emitted(socket, 'close')
  assert.match(refusal(() => guard(socket)).message, /socket is closed/)
  other.destroy()
})

fact('a socket that was ended is refused, and its end of file arrives', async () => {
  const { socket, other } = await pair({ halfOpen: true })
  socket.end('last')
  const before = snapshot(socket)
  assert.match(refusal(() => guard(socket)).message, /already ended; expected .*before end\(\)/)
  assert.equal(snapshot(socket), before)
  other.resume().end()
  await emitted(other, 'end')
})

fact('a socket of AF_UNIX is refused, and works all the same', async () => {
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\finrst-${process.pid}` : join('build', `s${process.pid}`)
  const server = net.createServer((socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const client = net.connect(path)
  await emitted(client, 'connect')
  const before = snapshot(client)
  assert.match(refusal(() => guard(client)).message, /a Pipe and no TCP connection/)
  assert.equal(snapshot(client), before)
  client.end('x').resume()
  await emitted(client, 'close')
  server.close()
  rmSync(path, { force: true })
})

// ---- Policies ----------------------------------------

const policies: [policy: unknown, kind: string, told: RegExp][] = [
  ['lenient', 'TypeError', /policy is "lenient"; expected one of compatible, strict, manual/],
  ['', 'TypeError', /policy is ""; expected one of/],
  [null, 'TypeError', /policy is null; expected an object or the name of a preset/],
  [5, 'TypeError', /policy is 5; expected an object/],
  [[], 'TypeError', /policy is an object of type Array/],
  [{ onDorp: 'close' }, 'TypeError', /policy field is "onDorp"; expected one of preset, onDrop/],
  [{ preset: 'lenient' }, 'TypeError', /policy\.preset is "lenient"; expected one of compatible/],
  [{ onDrop: 'reset' }, 'TypeError', /policy\.onDrop is "reset"; expected one of close, abort/],
  [{ onFailure: 1 }, 'TypeError', /policy\.onFailure is 1; expected one of abort, close/],
  [{ onExit: null }, 'TypeError', /policy\.onExit is null; expected one of abort, close/],
  [{ onCrash: 'close' }, 'TypeError', /policy\.onCrash is "close"; expected one of abort, leave/],
  [{ onPeerFin: true }, 'TypeError', /policy\.onPeerFin is true; expected one of keep, close/],
  [{ onUnread: 'keep' }, 'TypeError', /policy\.onUnread is "keep"; expected one of drain, abort/],
  [{ onDeadline: 'wait' }, 'TypeError', /policy\.onDeadline is "wait"; expected one of abort, detach/],
  [{ confirm: 'all' }, 'TypeError', /policy\.confirm is "all"; expected one of none, kernel, acked, peer/],
  [{ flushMs: 0 }, 'RangeError', /policy\.flushMs is 0; expected a whole number of milliseconds, 1 … 2147483647/],
  [{ flushMs: '5' }, 'TypeError', /policy\.flushMs is "5"; expected a whole number of milliseconds/],
  [{ drainIdleMs: Number.NaN }, 'RangeError', /policy\.drainIdleMs is NaN/],
  [{ drainMs: 2 ** 31 }, 'RangeError', /policy\.drainMs is 2147483648/],
  [{ drainBytes: -1 }, 'RangeError', /policy\.drainBytes is -1; expected a whole number of bytes, 0 …/],
  [{ drainBytes: 0.5 }, 'RangeError', /policy\.drainBytes is 0\.5/],
]

fact('a bad policy is refused, and the socket is left as it was', async () => {
  const { socket, other } = await pair()
  const before = snapshot(socket)
  for (const [policy, kind, told] of policies) {
    const error = refusal(() => guard(socket, policy as Policy))
    assert.is(error.name, kind, JSON.stringify(policy))
    assert.match(error.message, told)
  }
  assert.equal(snapshot(socket), before)
  assert.ok(await echoes(socket, other))
  await guard(socket).abort()
  other.destroy()
})

fact('run() rejects with the same errors and does not call its function', async () => {
  const { socket, other } = await pair()
  const never = () => assert.unreachable('the function was called')
  const rejected = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.message)
  assert.match(await rejected(run(null as unknown as net.Socket, never)), /socket is null/)
  assert.match(await rejected(run(socket, never, 'lenient' as Policy)), /policy is "lenient"/)
  assert.ok(await echoes(socket, other))
  socket.destroy()
  other.destroy()
})

// ---- Commands ----------------------------------------

const commands: [name: string, call: (held: Guard) => unknown, kind: string, told: RegExp][] = [
  ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]
    .map(
      (within) =>
        [
          `within ${within}`,
          (held: Guard) => held.close({ within }),
          'RangeError',
          new RegExp(`within is ${within}; expected a whole number of milliseconds, 1 … 2147483647`),
        ] as const,
    )
    .map(([...it]) => it as [string, (held: Guard) => unknown, string, RegExp]),
  ["within '5'", (held) => held.close({ within: '5' as never }), 'TypeError', /within is "5"; expected a whole number/],
  ['within null', (held) => held.close({ within: null as never }), 'TypeError', /within is null; expected a whole/],
  ['options null', (held) => held.close(null as never), 'TypeError', /options is null; expected an object/],
  ['options 5000', (held) => held.close(5000 as never), 'TypeError', /options is 5000; expected an object$/],
  ['confirm', (held) => held.close({ confirm: 'yes' as never }), 'TypeError', /confirm is "yes"; expected one of none/],
  [
    "stopReceiving('x')",
    (held) => held.stopReceiving('x' as never),
    'TypeError',
    /how is "x"; expected one of discard/,
  ],
  ['stopReceiving(null)', (held) => held.stopReceiving(null as never), 'TypeError', /how is null; expected one of/],
  ['explain', () => explain('no-such-rule'), 'TypeError', /no rule is named "no-such-rule"/],
]

fact('a bad option of a command is refused, and the connection goes on', async () => {
  const { socket, other } = await pair()
  const held = guard(socket)
  const before = snapshot(socket)
  for (const [name, call, kind, told] of commands) {
    const error = refusal(() => call(held))
    assert.is(error.name, kind, name)
    assert.match(error.message, told)
  }
  assert.equal(snapshot(socket), before)
  assert.ok(await echoes(socket, other))
  await held.abort()
  other.destroy()
})

factIf(noCalls, 'a bad linger is refused, and SO_LINGER is unchanged', async () => {
  const { socket, other } = await pair()
  const held = guard(socket)
  const before = snapshot(socket)
  for (const seconds of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32, 2 ** 32 + 1, -(2 ** 32)]) {
    const error = refusal(() => held.setLinger(seconds))
    assert.is(error.name, 'RangeError')
    assert.match(error.message, /expected a whole number of seconds, 0 … \d+$/)
    assert.match(error.message, new RegExp(`seconds is ${String(seconds).replace('+', '\\+')};`))
  }
  for (const seconds of ['5', undefined, {}, true]) {
    const error = refusal(() => held.setLinger(seconds as number))
    assert.is(error.name, 'TypeError')
    assert.match(error.message, /seconds is .*; expected a whole number of seconds, 0 … \d+/)
  }
  assert.equal(snapshot(socket), before)
  assert.is(held.armed, true)
  assert.ok(await echoes(socket, other))
  await held.abort()
  other.destroy()
})

factIf(noCalls, 'a linger beyond 16 bits is kept whole or refused, never cut', async () => {
  const { socket, other } = await pair()
  const held = guard(socket)
  for (const seconds of [65_535, 65_536, 65_537, 2_000_000]) {
    try {
      held.setLinger(seconds)
      assert.is(held.linger(), seconds)
    } catch (error) {
      assert.instance(error, RangeError)
    }
  }
  await held.abort()
  other.destroy()
})

// ---- A connection that has ended already ----------------------------------------

factIf(noCalls, 'a guard on a socket that the peer has reset unseen has its verdict, read or not', async () => {
  for (const unread of [false, true]) {
    const { socket, other } = await pair({ unread })
    const before = descriptors()
    // What a reader is told belongs to it.
    socket.on('error', () => undefined)
    // The reset is in the kernel when this returns, and the runtime has had no turn to look.
    other.resetAndDestroy()
    const held = guard(socket)
    const { ended, by, received } = await held.verdict
    assert.is(`${ended} by ${by}, received ${received}`, 'reset by peer, received reset')
    assert.is(held.armed, false)
    assert.ok(descriptors() < before, 'the duplicate is released')
    socket.destroy()
    await emitted(socket, 'close')
  }
})

fact('a guard on a socket that was reset while it was paused ends when the socket is let go', async () => {
  const { socket, link, held } = await guarded(peer, { unread: true })
  await link.tell('reset')
  socket.destroy()
  const verdict = await held.verdict
  assert.is.not(verdict.delivery, 'confirmed')
  assert.is.not(verdict.received, 'complete')
})

fact('a listening server is no connection', async () => {
  const server = net.createServer()
  await listening(server)
  assert.match(refusal(() => guard(server as unknown as net.Socket)).message, /an object of type Server/)
  server.close()
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 60_000)
}

test.run()
