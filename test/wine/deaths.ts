// What the peer on Linux sees when the program dies with a connection, and what is closed before it does.
//
// Windows resets what a dead process has not closed, and Wine sends a FIN: a reset seen here is the work of the option.
import * as assert from 'uvu/assert'
import type { LinkOptions } from '../support/peer.js'
import type { Policy } from '../../adapters/core/types.js'
import { type Case, code, type Connection, linux, open, type World } from './kit.js'

/** One death for each program: what it is told, and what its peer reads. */
const dies = async (
  world: World,
  act: 'leave' | 'throwUp' | 'kill',
  ending: 'eof' | 'reset',
  before: (it: Connection) => Promise<void>,
  options: LinkOptions & { policy?: Policy } = {},
): Promise<void> => {
  const it = await open(world, 'accepted', options)
  await before(it)
  world.actor.tell(act, { connection: it.connection })
  assert.is(await it.link.ended(), ending)
}

const halfway =
  ({ actor }: World) =>
  async ({ connection, link }: Connection): Promise<void> => {
    await actor.ask('write', { connection, bytes: 1000 })
    await link.got(1000)
  }

export const deaths: Case[] = [
  {
    name: 'process.exit() in the middle of a stream resets',
    proves: linux,
    run: (world) => dies(world, 'leave', 'reset', halfway(world)),
  },
  {
    name: 'an error that nobody caught resets',
    proves: linux,
    run: (world) => dies(world, 'throwUp', 'reset', halfway(world)),
  },
  {
    name: 'TerminateProcess resets, since the socket is armed',
    proves: linux,
    run: (world) => dies(world, 'kill', 'reset', halfway(world)),
  },
  {
    name: 'process.exit() closes the SOCKET of a stream that is complete before the process ends',
    proves: code,
    run: async (world) => {
      const { actor } = world
      const ends = async ({ connection, link }: Connection): Promise<void> => {
        await actor.ask('end', { connection, bytes: 1000 })
        await link.got(1000)
      }
      // A peer that ends too would have it closed before.
      await dies(world, 'leave', 'eof', ends, { keep: true })
      await actor.died
      assert.match(actor.written(), /^at exit: -10038$/m)
    },
  },
  {
    name: 'so it does where the policy closes at an exit',
    proves: code,
    run: async (world) => {
      await dies(world, 'leave', 'eof', halfway(world), { policy: { onExit: 'close' } })
      await world.actor.died
      assert.match(world.actor.written(), /^at exit: -10038$/m)
    },
  },
  {
    name: 'under manual the SOCKET is left open: what its end is the system decides',
    proves: code,
    run: async (world) => {
      await dies(world, 'leave', 'eof', halfway(world), { policy: 'manual' })
      await world.actor.died
      assert.match(world.actor.written(), /^at exit: open$/m)
    },
  },
]
