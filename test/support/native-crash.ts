// Tests what a peer in another process reads when a process dies that has a guarded native socket, in every way it can.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { fact, factIf, soon } from './deadline.js'
import type { Death } from './death.js'
import type { NativePlan } from './native-program.js'
import { type Link, type LinkOptions, Peer } from './peer.js'
import { startProgram, stopPrograms } from './programs.js'
import { runtime } from './runtime.js'

const noCalls = backend().name === 'none' && 'no system calls'
const big = 12_000_000

let peer: Peer

interface Doomed {
  link: Link
  arm: string
  die(how: Death): Promise<void>
}

const start = async (plan: NativePlan, options: LinkOptions = {}, env: NodeJS.ProcessEnv = {}): Promise<Doomed> => {
  const program = await startProgram('native-program', [JSON.stringify(plan)], env)
  const report = async (): Promise<{ port: number; arm: string }> =>
    soon(`a report; it wrote ${program.errors()}`, program.next()) as Promise<{ port: number; arm: string }>
  const { port } = await report()
  const next = report()
  const link = await peer.connect(port, options)
  const { arm } = await next
  const die = async (how: Death): Promise<void> => {
    if (how === 'SIGKILL') program.child.kill('SIGKILL')
    else program.tell(how)
    await soon(`the death by ${how}`, plan.worker === undefined ? program.died : program.next())
  }
  return { link, arm, die }
}

const deaths: Death[] = [
  ...(['throw', 'reject', 'exit 0', 'exit 1', 'abort', 'SIGKILL', 'SIGTERM'] as const),
  ...(runtime === 'deno' ? (['Deno.exit'] as const) : []),
]

const guardedDeaths = (): void => {
  for (const how of deaths) {
    factIf(noCalls, `death by ${how} with nothing in flight: all bytes and a reset, never end of file`, async () => {
      const { link, die } = await start({ guarded: true, bytes: 1000 })
      await link.got(1000)
      await die(how)
      assert.is(await link.ended(), 'reset')
      assert.is(link.bytes, 1000)
      assert.not.ok(link.sights.includes('eof'))
    })

    factIf(noCalls, `death by ${how} with data flowing: some bytes and a reset, never end of file`, async () => {
      const { link, die } = await start({ guarded: true, bytes: big, inHand: true }, { paused: true })
      await die(how)
      await link.tell('resume')
      assert.is(await link.ended(), 'reset')
      assert.ok(link.bytes < big)
      assert.not.ok(link.sights.includes('eof'))
    })
  }
}

const otherDeaths = (): void => {
  for (const how of ['throw', 'reject', 'exit 0', 'SIGKILL'] as const) {
    fact(`the harm: unguarded, death by ${how} ends a part with end of file`, async () => {
      const { link, die } = await start({ guarded: false, bytes: big, inHand: true }, { paused: true })
      await die(how)
      await link.tell('resume')
      assert.is(await link.ended(), 'eof')
      assert.ok(link.bytes < big)
    })
  }

  for (const how of ['throw', 'SIGKILL', 'exit 1'] as const) {
    fact(`a connection that had finished is end of file although the process dies by ${how}`, async () => {
      const { link, die } = await start({ guarded: true, bytes: 100_000, finish: true }, { paused: true, keep: true })
      await die(how)
      await link.tell('resume')
      assert.is(await link.ended(), 'eof')
      assert.is(link.bytes, 100_000)
    })
  }

  for (const how of deaths.filter((it) => it === 'exit 0' || it === 'Deno.exit')) {
    fact(`onExit close: ${how} is a FIN behind all bytes`, async () => {
      const plan = { guarded: true, policy: { onExit: 'close' }, bytes: 100_000 } as const
      const { link, die } = await start(plan, { paused: true })
      await die(how)
      await link.tell('resume')
      assert.is(await link.ended(), 'eof')
      assert.is(link.bytes, 100_000)
    })
  }

  fact('onCrash leave: what the OS does, which is end of file', async () => {
    const { link, die } = await start({ guarded: true, policy: { onCrash: 'leave' }, bytes: 1000 })
    await link.got(1000)
    await die('SIGKILL')
    assert.is(await link.ended(), 'eof')
  })
}

// What a runtime closes with a FIN is declared, and is shown here: this fails when it is a reset at last.
const workerDeaths = (): void => {
  for (const worker of runtime === 'deno' ? (['web', 'node'] as const) : (['node'] as const)) {
    for (const net of [false, true]) {
      const ending = runtime === 'deno' && !net ? 'eof' : 'reset'
      const what = net ? 'a net.Socket' : 'a native socket'
      factIf(noCalls, `the termination of a worker (${worker}) that has ${what}: ${ending}`, async () => {
        const { link, arm, die } = await start({ guarded: true, bytes: 1000, worker, net })
        await link.got(1000)
        await die('SIGTERM')
        assert.is(await link.ended(), ending)
        assert.is(/but Deno sends a FIN when it terminates the worker/.test(arm), ending === 'eof', arm)
      })
    }
  }
}

/** Every death; `reset` tells whether the runtime resets by itself, without system calls. */
export const crashFacts = (reset: boolean): void => {
  test.before(async () => {
    peer = await Peer.start()
  })
  test.after(stopPrograms)
  guardedDeaths()
  otherDeaths()
  workerDeaths()

  for (const how of ['throw', 'exit 1'] as const) {
    const ending = reset ? 'reset' : 'eof'
    fact(`without system calls, death by ${how} is what the runtime can: ${ending}`, async () => {
      const { link, arm, die } = await start({ guarded: true, bytes: 1000 }, {}, { FINRST_BACKEND: 'none' })
      await link.got(1000)
      await die(how)
      assert.is(await link.ended(), ending)
      assert.match(arm, /FINRST_BACKEND=none/)
    })
  }
}
