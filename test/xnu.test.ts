// Tests the calls of a guard on macOS against a C library that answers as XNU does: constants, ranges, order, errors.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Descriptor, type Handles } from '../adapters/core/descriptor.js'
import { ConnectionGuard } from '../adapters/core/guard.js'
import { libcOver, systems } from '../adapters/core/libc.js'
import { type NativeHost, NativeWire } from '../adapters/core/native.js'
import { type Platform, platformOf } from '../adapters/core/platform.js'
import { parsePolicy } from '../adapters/core/policy.js'
import type { Policy } from '../adapters/core/types.js'
import { Xnu, type XnuSocket } from './support/xnu.js'

const handles: Handles = { read: () => () => {}, keep: () => undefined }
const ends = { localAddress: '127.0.0.1', localPort: 7007, remoteAddress: '127.0.0.1', remotePort: 50_000 }

/** A runtime with nothing of its own: what it writes is in the kernel at once, and its close is close(2). */
class BareWire extends NativeWire {
  readonly #close: () => void
  constructor(host: NativeHost, descriptor: Descriptor | undefined, close: () => void) {
    super(ends, host, descriptor)
    this.#close = close
  }
  protected override unflushed = (): number => 0
  protected override hook(): void {}
  protected override unhook(): void {}
  protected override flush(): void {
    this.flushed()
  }
  protected override finishByRuntime(): void {}
  protected override closeByRuntime(): void {
    this.#close()
  }
  protected override resetByRuntime = (): boolean => false
  protected override discard(): void {}
  protected override hold(): void {}
  /** The peer's FIN was read, or its reset. */
  readEnd(): void {
    this.peerEnded()
  }
}

interface World {
  xnu: Xnu
  socket: XnuSocket
  held: ConnectionGuard
  wire: BareWire
}

const macos = (xnu: Xnu): Platform => {
  const system = systems.macos
  if (system === undefined) throw new Error('macOS is not known')
  const libc = libcOver(xnu.foreign(), system)
  const backend = { name: 'koffi', why: 'a C library like that of XNU', libc } as const
  return platformOf({ id: 'macos', arch: 'arm64', backend, trace: undefined })
}

const begin = (policy?: Policy, closesWithFin = false): World => {
  const xnu = new Xnu()
  const { fd, socket } = xnu.connect()
  const platform = macos(xnu)
  const kind = {
    ...{ reset: undefined, sendAfterPeerFin: { can: true, why: '' }, drains: { held: '', bare: '' } },
    ...(closesWithFin ? { closesWithFin } : {}),
  }
  const host: NativeHost = { ...handles, kind, platform: () => platform, watchExit: () => {} }
  const descriptor = Descriptor.of(ends, { fd, ours: false }, platform, handles)
  const wire = new BareWire(host, descriptor, () => {
    if (closesWithFin && !socket.gone && !socket.shutWrite) xnu.foreign().shutdown(fd, 1)
    xnu.close(fd)
  })
  const held = new ConnectionGuard(wire, parsePolicy(policy, true))
  wire.attach(held)
  return { xnu, socket, held, wire }
}

const lingers = ({ xnu }: World): string[] => xnu.calls.filter((call) => call.startsWith('linger'))

test('a guard on macOS duplicates with F_DUPFD_CLOEXEC and arms by SO_LINGER_SEC {1,0}', () => {
  const world = begin()
  assert.is(world.socket.descriptors, 2)
  assert.ok(world.xnu.calls.includes('fcntl 67'))
  assert.equal(lingers(world), ['linger 1,0'])
  assert.is(world.socket.ticks, 0)
  assert.is(world.held.linger(), 0)
})

test('the death of the process resets, on macOS as elsewhere', () => {
  const { xnu, socket } = begin()
  for (let fd = 3; fd < 10; fd += 1) xnu.close(fd)
  assert.equal(socket.sent, ['RST'])
})

test('linger is turned off before the FIN, never after both directions are shut', async () => {
  const world = begin()
  const { xnu, socket, held, wire } = world
  void held.close({ confirm: 'peer' })
  socket.peerFin = true
  wire.readEnd()
  const verdict = await held.verdict
  assert.is(verdict.ended, 'fin')
  assert.equal(socket.sent, ['FIN'])
  assert.equal(lingers(world), ['linger 1,0', 'linger 0,0'])
  assert.ok(xnu.calls.indexOf('linger 0,0') < xnu.calls.indexOf('shutdown 1'))
  assert.is(xnu.open, 0)
})

test('an abort sends a reset, and the verdict does not say that it arrived', async () => {
  const { xnu, socket, held } = begin()
  socket.queued = 1000
  const verdict = await held.abort()
  assert.equal(socket.sent, ['RST'])
  assert.is(`${verdict.ended} by ${verdict.by}`, 'reset by us')
  assert.is.not(verdict.delivery, 'confirmed')
  assert.is.not(verdict.delivery, 'acked')
  assert.is(xnu.open, 0)
})

test('where the runtime closes with a FIN the abort disconnects first, with linger {1,0}', async () => {
  const { socket, held, xnu } = begin('compatible', true)
  await held.abort()
  assert.equal(socket.sent, ['RST'])
  assert.ok(xnu.calls.indexOf('linger 1,0') < xnu.calls.indexOf('disconnectx'))
})

test('EINVAL of a linger option means that it is too late: no reset is claimed', async () => {
  const { socket, held } = begin({ preset: 'compatible', onCrash: 'leave' })
  socket.shutWrite = true
  socket.shutRead = true
  const verdict = await held.abort()
  assert.is.not(verdict.ended, 'reset')
  assert.equal(socket.sent, [])
})

test('ENOTCONN of shutdown means that the connection is gone already: no FIN is claimed', async () => {
  const { xnu, socket, held } = begin()
  xnu.reset(socket)
  const verdict = await held.close({ within: 1000 })
  assert.is.not(verdict.ended, 'fin')
  assert.equal(socket.sent, [])
})

test('a linger time is 0 … 327 seconds: what the kernel would wrap is refused and never written', () => {
  const world = begin()
  for (const seconds of [328, 655, 16_384]) {
    assert.throws(
      () => world.held.setLinger(seconds),
      (error: Error) => error instanceof RangeError && /0 … 327/.test(error.message),
    )
  }
  assert.equal(lingers(world), ['linger 1,0'])
  world.held.setLinger(327)
  assert.is(world.socket.ticks, 32_700)
  assert.is(world.held.linger(), 327)
  world.held.setLinger(null)
  assert.is(world.held.linger(), null)
})

test('what is not confirmed is asked by SO_NWRITE, which counts no FIN', async () => {
  const { socket, held } = begin()
  socket.queued = 1234
  assert.is(held.unsent(), 1234)
  const verdict = held.close()
  socket.queued = 0
  assert.is((await verdict).delivery, 'acked')
})

test('a descriptor that is another connection is not taken', () => {
  const xnu = new Xnu()
  const { fd } = xnu.connect()
  const other = { ...ends, remotePort: 50_001 }
  assert.throws(() => Descriptor.of(other, { fd, ours: false }, macos(xnu), handles), /not the one of this socket/)
  assert.is(xnu.open, 1)
})

test.run()
