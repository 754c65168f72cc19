// Tests the calls of a guard on Windows against a Winsock in memory: what is borrowed, what is never called, and when.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Descriptor, type Found, type Handles } from '../adapters/core/descriptor.js'
import { ConnectionGuard } from '../adapters/core/guard.js'
import { systems } from '../adapters/core/libc.js'
import type { NativeHost } from '../adapters/core/native.js'
import { type Platform, platformOf } from '../adapters/core/platform.js'
import { parsePolicy } from '../adapters/core/policy.js'
import { countingScan } from '../adapters/core/scan.js'
import type { Policy } from '../adapters/core/types.js'
import { socketAmong, winsockOver } from '../adapters/core/winsock.js'
import { eventOf } from '../adapters/net/stream.js'
import { EVENT_PEER_RESET } from '../assembly/abi.js'
import { BareWire, ends } from './support/bare-wire.js'
import { type FakeSocket, FakeWinsock } from './support/fake-winsock.js'

const never = (): never => {
  throw new Error('a borrowed descriptor is neither read nor kept')
}
const handles: Handles = { read: never, keep: never }
/** What a live handle of the runtime tells. */
const told = (number: number): Found => ({ fd: number, ours: false, live: { fd: number } })

const windows = (winsock: FakeWinsock): Platform => {
  const backend = { name: 'koffi', why: 'a Winsock in memory', libc: winsockOver(winsock.functions()) } as const
  return platformOf({ id: 'windows', arch: 'x64', backend, trace: undefined })
}

interface World {
  winsock: FakeWinsock
  socket: FakeSocket
  number: number
  held: ConnectionGuard
  wire: BareWire
}

const begin = (policy?: Policy): World => {
  const winsock = new FakeWinsock()
  const { number, socket } = winsock.connect()
  const platform = windows(winsock)
  const kind = { reset: undefined, sendAfterPeerFin: { can: true, why: '' }, drains: { held: 'ours', bare: 'theirs' } }
  const host: NativeHost = { ...handles, kind, platform: () => platform, watchExit: () => {} }
  const descriptor = Descriptor.of(ends, told(number), platform, handles)
  const wire = new BareWire(host, descriptor, () => winsock.closesocket(number))
  const held = new ConnectionGuard(wire, parsePolicy(policy, true))
  wire.attach(held)
  return { winsock, socket, number, held, wire }
}

test('on Windows a guard arms the SOCKET of the runtime by four bytes, and holds nothing', () => {
  const { winsock, socket, held } = begin()
  assert.equal(socket.linger, [1, 0])
  assert.ok(winsock.calls.includes('linger 1 0 0 0 on 4'))
  assert.is(held.linger(), 0)
  const { arm, hold, drain } = held.capabilities
  assert.equal([arm.can, hold.can, drain.why], [true, false, 'theirs'])
})

test('an abort is the close of the runtime, which finds linger {1,0}', async () => {
  const { winsock, socket, held } = begin()
  const { ended } = await held.abort()
  assert.is(ended, 'reset')
  assert.equal(socket.sent, ['RST'])
  assert.equal(winsock.numbers, [])
})

test('linger is turned off before the FIN', async () => {
  const { winsock, socket, held, wire } = begin()
  void held.close({ confirm: 'peer' })
  assert.equal(socket.sent, ['FIN'])
  const calls = winsock.calls.filter((call) => /linger|shutdown/.test(call))
  assert.equal(calls, ['linger 1 0 0 0 on 4', 'linger 0 0 0 0 on 4', 'shutdown 1 on 4'])
  wire.readEnd()
  assert.is((await held.verdict).ended, 'fin')
  assert.equal(winsock.numbers, [])
})

test('once the runtime has closed, nothing is called on a number that may be another connection', async () => {
  const { winsock, number, held, wire } = begin()
  void held.close({ confirm: 'peer' })
  wire.closeSilently()
  const next = winsock.connect(50_001)
  assert.is(next.number, number)
  winsock.calls.length = 0
  assert.throws(() => held.linger(), /SO_LINGER cannot be read/)
  assert.throws(() => held.setLinger(1), /SO_LINGER cannot be set/)
  await held.abort()
  assert.not.ok(
    winsock.calls.some((call) => call.endsWith(` on ${number}`)),
    winsock.calls.join(),
  )
  assert.equal(next.socket, { linger: [0, 0], shutWrite: false, unread: 0, port: 50_001, sent: [] })
})

test('when the runtime has closed behind our FIN, nothing is left to drain', async () => {
  const { held, wire, winsock } = begin()
  void held.close({ confirm: 'peer' })
  wire.closeBehindUs()
  const { ended, rule } = await held.verdict
  assert.is(`${ended} by ${rule}`, 'fin by closed-ends')
  assert.equal(winsock.numbers, [])
})

test('a linger time of the owner is turned off before the runtime closes: the SOCKET would stay open', async () => {
  const { winsock, socket, held } = begin({ preset: 'manual' })
  held.setLinger(5)
  assert.equal(socket.linger, [1, 5])
  await held.abort()
  assert.equal(winsock.numbers, [])
  const other = begin()
  other.held.setLinger(5)
  other.wire.closeBehindUs()
  await other.held.verdict
  assert.equal(other.winsock.numbers, [])
  assert.equal(other.socket.sent, ['FIN'])
})

test('a reset of the peer is believed although getpeername goes on to answer', async () => {
  const { held, wire, winsock, number } = begin()
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
  const descriptor = Descriptor.of(ends, told(number), windows(winsock), handles)
  assert.is(descriptor?.peerIsGone(), undefined)
  assert.is(eventOf(reset, descriptor), EVENT_PEER_RESET)
  wire.readError('ECONNRESET')
  const { ended, by } = await held.verdict
  assert.is(`${ended} by ${by}`, 'reset by peer')
})

test('the death of the process resets, armed or not', () => {
  const { winsock, socket } = begin({ preset: 'manual' })
  winsock.die()
  assert.equal(socket.sent, ['RST'])
})

test('a SOCKET that no handle of the runtime tells is neither taken nor closed', () => {
  const winsock = new FakeWinsock()
  const { number } = winsock.connect()
  const found = { fd: number, ours: false }
  assert.throws(() => Descriptor.of(ends, found, windows(winsock), handles), /cannot be duplicated: errno 38/)
  assert.equal(winsock.numbers, [number])
  assert.equal(winsock.calls, [])
})

test('a handle that tells no SOCKET any more is not called by its old number', () => {
  const winsock = new FakeWinsock()
  const { number } = winsock.connect()
  const handle = { fd: number }
  const held = Descriptor.of(ends, { fd: number, ours: false, live: handle }, windows(winsock), handles)
  assert.is(held?.unread(), 0)
  handle.fd = -1
  winsock.calls.length = 0
  assert.is(held?.unread(), undefined)
  assert.is(held?.shutdown(1), -10_038)
  assert.equal(winsock.calls, ['shutdown 1 on -1'])
})

test('numbers are never counted up, and only those that the runtime lists are looked at', () => {
  assert.is(countingScan(windows(new FakeWinsock())), undefined)
  const winsock = new FakeWinsock()
  const numbers = Array.from({ length: 50 }, (_, index) => winsock.connect(50_000 + index).number)
  const on = windows(winsock)
  assert.is(on.system, systems.windows)
  const listed = numbers.slice(0, 10).reverse()
  assert.is(socketAmong(listed, { ...ends, remotePort: 50_009 }, on), listed[0])
  assert.equal(new Set(winsock.calls), new Set([`name on ${listed[0]}`]))
  assert.is(socketAmong(listed, { ...ends, remotePort: 50_040 }, on), undefined)
  assert.equal(new Set(winsock.calls), new Set(listed.map((number) => `name on ${number}`)))
})

test('a listener at our address is not the connection', () => {
  const winsock = new FakeWinsock()
  const { number } = winsock.listen()
  assert.is(socketAmong([number], ends, windows(winsock)), undefined)
})

test('an error is the negative number of WSAGetLastError, and what Winsock does not have is not called', () => {
  const libc = winsockOver(new FakeWinsock().functions())
  assert.is(libc.shutdown(4, 1), -10_038)
  assert.equal([libc.duplicate(4), libc.close(4), libc.disconnect(4)], [-38, 0, -38])
})

test.run()
