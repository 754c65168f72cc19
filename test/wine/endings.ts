// What the peer on Linux sees of connections that the program ends in every way.
import * as assert from 'uvu/assert'
import { ERROR_NOT_SOCKET } from '../../assembly/abi.js'
import {
  armed,
  atClose,
  calls,
  type Case,
  certificate,
  code,
  lingerBytes,
  linux,
  looksLike,
  numberOf,
  off,
  onBoth,
  open,
  verdictOf,
} from './kit.js'

export const endings: Case[] = [
  {
    name: 'end() and close() send every byte and a FIN',
    proves: calls,
    run: (world) =>
      onBoth(world, async (it) => {
        await world.actor.ask('end', { connection: it.connection, bytes: 300_000 })
        assert.is(await it.link.ended(), 'eof')
        assert.is(it.link.bytes, 300_000)
        looksLike(await verdictOf(world, it), { ended: 'fin', by: 'us', cause: 'close' })
        assert.is(await atClose(world, it, off), off)
        const next = await open(world)
        await world.actor.ask('close', { connection: next.connection })
        assert.is(await next.link.ended(), 'eof')
      }),
  },
  {
    name: 'abort() and resetAndDestroy() reset',
    proves: calls,
    run: async (world) => {
      for (const act of ['abort', 'resetAndDestroy'] as const) {
        await onBoth(world, async (it) => {
          await world.actor.ask(act, { connection: it.connection })
          assert.is(await it.link.ended(), 'reset')
          looksLike(await verdictOf(world, it), { ended: 'reset', by: 'us', cause: 'abort' })
          assert.is(await atClose(world, it, armed), armed)
        })
      }
    },
  },
  {
    name: 'destroy() with bytes unsent, and destroy(error), reset',
    proves: calls,
    run: async (world) => {
      const slow = await open(world, 'accepted', { paused: true })
      await world.actor.ask('write', { connection: slow.connection, bytes: 20_000_000 })
      await world.actor.ask('destroy', { connection: slow.connection })
      await slow.link.tell('resume')
      assert.is(await slow.link.ended(), 'reset')
      assert.ok(slow.link.bytes < 20_000_000)
      looksLike(await verdictOf(world, slow), { ended: 'reset', cause: 'drop', rule: 'discard-resets' })
      await onBoth(world, async (it) => {
        await world.actor.ask('destroy', { connection: it.connection, how: 'it failed' })
        assert.is(await it.link.ended(), 'reset')
        looksLike(await verdictOf(world, it), { ended: 'reset', cause: 'failure' })
      })
    },
  },
  {
    name: 'destroy() with nothing unsent is disarmed before the close: a FIN, and a reset under strict',
    proves: linux,
    run: async (world) => {
      await onBoth(world, async (it) => {
        await world.actor.ask('destroy', { connection: it.connection })
        assert.is(await it.link.ended(), 'eof')
        assert.is(await atClose(world, it, off), off)
      })
      const strict = await open(world, 'accepted', { policy: 'strict' })
      await world.actor.ask('destroy', { connection: strict.connection })
      assert.is(await strict.link.ended(), 'reset')
      assert.is(await atClose(world, strict, armed), armed)
    },
  },
  {
    name: 'a close that runs out of time resets',
    proves: calls,
    run: async (world) => {
      const it = await open(world, 'accepted', { paused: true })
      await world.actor.ask('write', { connection: it.connection, bytes: 20_000_000 })
      await world.actor.ask('close', { connection: it.connection, within: 300 })
      looksLike(await verdictOf(world, it), { ended: 'reset', cause: 'deadline' })
      await it.link.tell('resume')
      assert.is(await it.link.ended(), 'reset')
    },
  },
  {
    name: 'a linger time that the owner set is turned off before the runtime closes',
    proves: code,
    run: (world) =>
      onBoth(world, async (it) => {
        const { connection } = it
        const number = await numberOf(world, it)
        await world.actor.ask('setLinger', { connection, seconds: 5 })
        await world.actor.ask('destroy', { connection })
        assert.match(await atClose(world, it, off), /^0 0 /)
        assert.is((await lingerBytes(world, number)).error, ERROR_NOT_SOCKET)
        assert.is(await it.link.ended(), 'eof')
        const next = await open(world)
        await world.actor.ask('setLinger', { connection: next.connection, seconds: 5 })
        await world.actor.ask('end', { connection: next.connection, bytes: 10 })
        await verdictOf(world, next)
        assert.match(await atClose(world, next, off), /^0 0 /)
      }),
  },
  {
    name: 'nothing is called on a number that is another SOCKET before the runtime tells that it has closed',
    proves: code,
    run: async (world) => {
      const { connection, link } = await open(world, 'accepted', { keep: true })
      await world.actor.ask('close', { connection })
      assert.is(await link.ended(), 'eof')
      assert.equal(await world.actor.ask('reuse', { connection }), { same: true, linger: 'refused' })
    },
  },
  {
    name: 'nor once the connection below TLS was destroyed, of which nobody hears',
    proves: code,
    not: { bun: 'its TLS has no connection below' },
    run: async (world) => {
      const { connection } = await open(world, 'accepted', { tls: { ...certificate, version: 'TLSv1.3' } })
      assert.is(await world.actor.ask('linger', { connection }), 0)
      assert.equal(await world.actor.ask('reuse', { connection, how: 'below' }), { same: true, linger: 'refused' })
    },
  },
  {
    name: 'TLS: end() says close_notify and sends a FIN, abort() resets, which Node alone cannot',
    proves: calls,
    run: async (world) => {
      const tls = { ...certificate, version: 'TLSv1.3' as const }
      const whole = await open(world, 'accepted', { tls })
      await world.actor.ask('end', { connection: whole.connection, bytes: 1000 })
      assert.is(await whole.link.ended(), 'eof')
      await whole.link.saw('notified')
      const cut = await open(world, 'accepted', { tls })
      await world.actor.ask('abort', { connection: cut.connection })
      assert.is(await cut.link.ended(), 'reset')
      assert.is(await atClose(world, cut, armed), armed)
    },
  },
  {
    name: "the peer's FIN is told",
    proves: linux,
    run: (world) =>
      onBoth(world, async (it) => {
        await it.link.tell('finish')
        await world.actor.ask('end', { connection: it.connection })
        looksLike(await verdictOf(world, it), { ended: 'fin', received: 'complete' })
      }),
  },
  {
    name: "the peer's reset is told",
    proves: linux,
    not: { bun: 'Wine tells it an end of file first' },
    run: (world) =>
      onBoth(world, async (it) => {
        await it.link.tell('reset')
        looksLike(await verdictOf(world, it), { ended: 'reset', by: 'peer', received: 'reset' })
      }),
  },
  {
    name: "Bun's own sockets: end() sends a FIN, close() with nothing unsent too, terminate() and abort() reset",
    proves: calls,
    not: { node: 'it has no such sockets' },
    run: async (world) => {
      for (const [how, ending] of [
        ['end', 'eof'],
        ['close', 'eof'],
        ['terminate', 'reset'],
        ['abort', 'reset'],
      ] as const) {
        const port = await world.actor.ask<number>('listenNative', { how })
        const link = await world.peers.plain.connect(port, { keep: true })
        assert.is(await link.ended(), ending, how)
        assert.is(link.bytes, how === 'end' ? 5 : 0)
      }
    },
  },
  {
    name: 'HTTP: a handler that throws resets, a whole answer ends with a FIN',
    proves: calls,
    not: { bun: 'its http servers answer past their sockets' },
    run: async (world) => {
      const port = await world.actor.ask<number>('serveHttp')
      for (const [path, ending] of [
        ['/whole', 'eof'],
        ['/part', 'reset'],
      ] as const) {
        const link = await world.peers.plain.connect(port, { keep: true })
        await link.tell('write', `GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n`)
        assert.is(await link.ended(), ending)
      }
    },
  },
  {
    name: '100 connections that end in turn by FIN and by reset, numbers being used again',
    proves: calls,
    run: async (world) => {
      const numbers: number[] = []
      for (let round = 0; round < 50; round += 1) {
        let resets = round % 2 === 0
        await onBoth(world, async (it) => {
          numbers.push(await numberOf(world, it))
          resets = !resets
          await world.actor.ask(resets ? 'abort' : 'end', { connection: it.connection, bytes: 10 })
          assert.is(await it.link.ended(), resets ? 'reset' : 'eof')
        })
      }
      assert.ok(new Set(numbers).size < numbers.length, 'no number was used again')
    },
  },
]
