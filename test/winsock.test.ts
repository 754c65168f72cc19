// Tests the calls of a guard on Windows against a Winsock in memory: what is borrowed, what is never called, and when.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Descriptor, type Handles } from '../adapters/core/descriptor.js'
import { ConnectionGuard } from '../adapters/core/guard.js'
import { systems } from '../adapters/core/libc.js'
import type { NativeHost } from '../adapters/core/native.js'
import { type Platform, platformOf } from '../adapters/core/platform.js'
import { parsePolicy } from '../adapters/core/policy.js'
import { countingScan, Scan } from '../adapters/core/scan.js'
import type { Policy } from '../adapters/core/types.js'
import { winsockOver } from '../adapters/core/winsock.js'
import { eventOf } from '../adapters/net/stream.js'
import { EVENT_PEER_RESET } from '../assembly/abi.js'
import { BareWire, ends } from './support/bare-wire.js'
import { type FakeSocket, FakeWinsock } from './support/fake-winsock.js'

const never = (): never => {
  throw new Error('a borrowed descriptor is neither read nor kept')
}
const handles: Handles = { read: never, keep: never }

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
  const host: NativeHost = { ...handles, kind, platform: () => platform, remember: () => {} }
  const descriptor = Descriptor.of(ends, { fd: number, ours: false }, platform, handles)
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
  const descriptor = Descriptor.of(ends, { fd: number, ours: false }, windows(winsock), handles)
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

test('a SOCKET that is another connection is not taken, and not closed', () => {
  const winsock = new FakeWinsock()
  const { number } = winsock.connect(50_001)
  assert.throws(() => Descriptor.of(ends, { fd: number, ours: false }, windows(winsock), handles), /not the one of/)
  assert.equal(winsock.numbers, [number])
  assert.not.ok(winsock.calls.some((call) => call.startsWith('closesocket')))
})

test('numbers are never counted up, and only those that the runtime lists are looked at', () => {
  assert.is(countingScan(windows(new FakeWinsock())), undefined)
  const winsock = new FakeWinsock()
  const numbers = Array.from({ length: 50 }, (_, index) => winsock.connect(50_000 + index).number)
  const { libc, system } = windows(winsock)
  assert.is(system, systems.windows)
  if (libc === undefined || system === undefined) return assert.unreachable()
  const listed = numbers.slice(0, 10).reverse()
  const scan = new Scan(libc, system, false, () => listed)
  assert.is(scan.find({ ...ends, remotePort: 50_009 }), listed[0])
  assert.is(scan.looks, 1)
  assert.is(scan.find({ ...ends, remotePort: 50_040 }), undefined)
  assert.is(scan.looks, 11)
  const looked = new Set(winsock.calls.map((call) => Number(call.split(' on ')[1])))
  assert.equal(
    [...looked].sort((a, b) => a - b),
    numbers.slice(0, 10),
  )
})

test('an error is the negative number of WSAGetLastError, and what Winsock does not have is not called', () => {
  const libc = winsockOver(new FakeWinsock().functions())
  assert.is(libc.shutdown(4, 1), -10_038)
  assert.equal([libc.duplicate(4), libc.close(4), libc.disconnect(4)], [-38, 0, -38])
})

test.run()
