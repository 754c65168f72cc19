// What is true of our calls on Winsock: how they are reached, their numbers and errors, and on which SOCKET.
import * as assert from 'uvu/assert'
import type { Capabilities } from '../../adapters/core/types.js'
import { ERROR_INVALID, ERROR_NOT_CONNECTED, ERROR_NOT_SOCKET } from '../../assembly/abi.js'
import { type Called, type Case, code, lingerBytes, numberOf, onBoth, open } from './kit.js'

const manyBytes = 8_000_000
const mostLooks = 1000

export const calls: Case[] = [
  {
    name: 'koffi or bun:ffi loads ws2_32, and the capabilities say what that gives',
    proves: code,
    run: async (world) => {
      const { connection } = await open(world)
      const can = await world.actor.ask<Capabilities>('capabilities', { connection })
      assert.is(can.platform, 'windows')
      assert.is(can.backend, world.name === 'bun' ? 'bun:ffi' : 'koffi')
      assert.equal([can.arm.can, can.abort.can, can.linger.can], [true, true, true])
      assert.equal([can.hold.can, can.acked.can], [false, false])
      assert.match(can.hold.why, /^windows closes with the handle of the runtime/)
      assert.match(can.drain.why, /^the runtime reads/)
    },
  },
  {
    name: 'the numbers are those of Winsock, and struct linger is two u_short',
    proves: code,
    run: async (world) => {
      const { actor } = world
      assert.equal(await actor.ask('winsockNumbers'), {
        ...{ level: 0xffff, option: 0x80, most: 65_535, size: 4, unreadRequest: 0x4004667f, errorOption: 0x1007 },
      })
      await onBoth(world, async (it) => {
        const { connection } = it
        const number = await numberOf(world, it)
        assert.equal((await lingerBytes(world, number)).bytes, [1, 0, 0, 0])
        for (const [seconds, bytes] of [
          [5, [1, 0, 5, 0]],
          [65_535, [1, 0, 255, 255]],
          [0, [1, 0, 0, 0]],
        ] as const) {
          await actor.ask('setLinger', { connection, seconds })
          assert.equal((await lingerBytes(world, number)).bytes, [...bytes])
          assert.is(await actor.ask('linger', { connection }), seconds)
        }
        await actor.ask('setLinger', { connection, seconds: null })
        assert.equal((await lingerBytes(world, number)).bytes.slice(0, 2), [0, 0])
        assert.is(await actor.ask('linger', { connection }), null)
        const refused = await actor
          .ask('setLinger', { connection, seconds: 65_536 })
          .catch((error: Error) => error.message)
        assert.match(String(refused), /RangeError: finrst: seconds is 65536; .* 0 … 65535/)
      })
    },
  },
  {
    name: 'libuv or Bun tells the SOCKET of what was accepted and of what was connected, and nothing once it is closed',
    proves: code,
    run: async (world) => {
      const { actor } = world
      const numbers = new Set<number>()
      await onBoth(world, async (it) => {
        const { connection } = it
        const { number, local, remote } = await actor.ask<Record<string, number>>('socket', { connection })
        for (const [side, port] of [local, remote].entries()) {
          const numbersOf = [side, 0, ...new Array<number>(28).fill(0)]
          const { answer, bytes } = await actor.ask<Called>('call', { how: 'name', number, numbers: numbersOf })
          assert.is(answer, 16)
          assert.equal(bytes.slice(0, 4), [2, 0, port >> 8, port & 255])
        }
        numbers.add(number)
        await actor.ask('destroy', { connection })
        assert.is(await actor.ask('found', { connection }), null)
        assert.is((await lingerBytes(world, number)).error, ERROR_NOT_SOCKET)
      })
      assert.is(numbers.size > 0 && !numbers.has(-1), true)
    },
  },
  {
    name: 'the errors of Winsock mean what they mean elsewhere',
    proves: code,
    run: async (world) => {
      const { actor } = world
      const it = await open(world)
      const number = await numberOf(world, it)
      const call = async (how: string, on: number, ...numbers: number[]): Promise<[number, number]> => {
        const { answer, error } = await actor.ask<Called>('call', { how, number: on, numbers })
        return [answer, error]
      }
      assert.equal(await call('shutdown', -1, 1), [-10_038, ERROR_NOT_SOCKET])
      assert.equal(await call('setsockopt', -1, 0xffff, 0x80, 1, 0, 0, 0), [-10_038, ERROR_NOT_SOCKET])
      assert.equal(await call('shutdown', number, 7), [-10_022, ERROR_INVALID])
      assert.is((await call('setsockopt', number, 0xffff, 0x80, 1, 0))[0], -10_014)
      assert.is((await call('shutdown', number, 1))[0], 0)
      assert.is((await call('shutdown', number, 1))[0], 0)
      assert.is(await actor.ask('unconnected'), ERROR_NOT_CONNECTED)
    },
  },
  {
    name: 'bytes that nobody read are counted',
    proves: code,
    run: async (world) => {
      const it = await open(world)
      await world.actor.ask('pause', { connection: it.connection })
      // More than a runtime reads before its pause stops it: Bun takes half a megabyte at once.
      await it.link.tell('write', manyBytes)
      const number = await numberOf(world, it)
      let unread = 0
      for (let look = 0; look < mostLooks && unread === 0; look += 1) {
        unread = (await world.actor.ask<Called>('call', { how: 'unread', number })).answer
      }
      assert.ok(unread > 0 && unread <= manyBytes, String(unread))
    },
  },
  {
    name: 'a worker finds no SOCKET, and says so',
    proves: code,
    not: { bun: 'it tells the SOCKET in a worker too' },
    run: async ({ actor }) => {
      const can = await actor.ask<Capabilities>('inWorker')
      assert.equal([can.arm.can, can.abort.can, can.backend], [false, true, 'none'])
      assert.match(can.arm.why, /on the main thread only/)
    },
  },
  {
    name: 'without koffi it says so, and resets as the runtime can',
    proves: code,
    bare: true,
    not: { bun: 'it needs no koffi' },
    run: async (world) => {
      const it = await open(world)
      const { connection, link } = it
      const can = await world.actor.ask<Capabilities>('capabilities', { connection })
      assert.equal([can.arm.can, can.abort.can, can.linger.can, can.backend], [false, true, false, 'none'])
      assert.match(can.arm.why, /koffi: .*npm install koffi/)
      await world.actor.ask('abort', { connection })
      assert.is(await link.ended(), 'reset')
    },
  },
]
