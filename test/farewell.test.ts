// Tests the order of close_notify and our FIN where the kernel has no room, which no test of real sockets can force.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Farewell } from '../adapters/net/farewell.ts'
import type { Tls } from '../adapters/net/host.ts'
import type { Internals } from '../adapters/net/stream.ts'

type Done = (error?: Error | null) => void

/** A socket of which the test says what TLS holds, and when its writes and its shutdown are over. */
const scene = (tells: boolean) => {
  const log: string[] = []
  const state = { before: false, after: false, gone: false, written: (() => {}) as Done, shut: (() => {}) as Done }
  const socket = {
    _handle: {},
    _write: (chunk: Uint8Array, _: string, done: Done) => {
      log.push(`write ${chunk.length}`)
      state.written = done
    },
  } as unknown as Internals
  const holds = (_: Internals, said: boolean): boolean => (said ? state.after : state.before)
  const tls: Tls = { ...(tells ? { holds } : {}), notified: () => true, peerIsGone: () => false }
  const shutdown = (done: Done): void => {
    log.push('shutdown')
    state.shut = done
  }
  const farewell = new Farewell(socket, tls, () => state.gone, shutdown)
  const flush = (): void => farewell.flush((error) => log.push(error ? `failed ${error.message}` : 'flushed'))
  return { log, state, farewell, flush }
}

test('with room in the kernel the stream is flushed before our FIN is out', () => {
  const { log, state, farewell, flush } = scene(true)
  flush()
  assert.equal(log, ['shutdown', 'flushed'])
  farewell.whenOver(() => log.push('over'))
  state.shut()
  assert.equal(log, ['shutdown', 'flushed', 'over'])
})

test('bytes of TLS that are under way are waited for before close_notify', () => {
  const { log, state, flush } = scene(true)
  state.before = true
  flush()
  assert.equal(log, ['write 0'])
  state.written()
  assert.equal(log, ['write 0', 'write 0'], 'there are more of them')
  state.before = false
  state.written()
  assert.equal(log, ['write 0', 'write 0', 'shutdown', 'flushed'])
})

test('without room the stream is unflushed until the kernel has close_notify', () => {
  const { log, state, farewell, flush } = scene(true)
  state.after = true
  flush()
  assert.equal(log, ['shutdown'])
  assert.ok(farewell.unflushed)
  state.after = false
  state.shut()
  assert.equal(log, ['shutdown', 'flushed'])
})

test('where the runtime does not tell, the stream is unflushed until our FIN is out', () => {
  const { log, state, farewell, flush } = scene(false)
  flush()
  assert.ok(farewell.unflushed)
  assert.equal(log, ['shutdown'])
  state.shut()
  assert.equal(log, ['shutdown', 'flushed'])
  assert.not.ok(farewell.unflushed)
})

test('a shutdown that fails is told, and the stream is not called flushed', () => {
  const { log, state, flush } = scene(true)
  state.after = true
  flush()
  state.shut(new Error('EPIPE'))
  assert.equal(log, ['shutdown', 'failed EPIPE'])
})

test('a write that fails is told, and close_notify is not sent', () => {
  const { log, state, flush } = scene(true)
  state.before = true
  flush()
  state.written(new Error('ECONNRESET'))
  assert.equal(log, ['write 0', 'failed ECONNRESET'])
})

test('a runtime that lets go sends close_notify once, and only where it can be in the kernel at once', () => {
  const able = scene(true)
  able.farewell.sayNow()
  able.farewell.sayNow()
  assert.equal(able.log, ['shutdown'])
  const busy = scene(true)
  busy.state.before = true
  busy.farewell.sayNow()
  const mute = scene(false)
  mute.farewell.sayNow()
  assert.equal([...busy.log, ...mute.log], [])
})

test('a peer that is gone before our end begins is lost, and one that goes afterwards is not', () => {
  const early = scene(true)
  early.state.gone = true
  assert.ok(early.farewell.lostPeer())
  early.flush()
  assert.ok(early.farewell.lost)
  const late = scene(true)
  late.flush()
  late.state.gone = true
  assert.not.ok(late.farewell.lost)
  assert.not.ok(late.farewell.lostPeer())
})

test('without TLS there is nothing but the FIN', () => {
  const log: string[] = []
  const socket = { _handle: {} } as unknown as Internals
  const farewell = new Farewell(
    socket,
    undefined,
    () => false,
    () => log.push('shutdown'),
  )
  farewell.flush(() => log.push('flushed'))
  assert.equal(log, ['flushed'])
  assert.not.ok(farewell.unflushed)
  farewell.whenOver(() => {})
  assert.equal(log, ['flushed', 'shutdown'])
})

test.run()
