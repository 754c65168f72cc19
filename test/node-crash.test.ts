// Tests what a peer in another process reads when a Node process with a guarded connection dies, in every way it can.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import type { Plan, Report } from './support/crash-program.js'
import type { Death } from './support/death.js'
import { fact, factIf, soon } from './support/deadline.js'
import { type Link, type LinkOptions, Peer } from './support/peer.js'
import { type Running, startProgram, stopPrograms } from './support/programs.js'

const noCalls = backend().name === 'none' && 'no system calls'
const big = 12_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

interface Doomed {
  program: Running
  link: Link
  arm: string
  child: number
  /** Orders the death and waits for it: of the process, or of its worker. */
  die(how: Death | 'terminate'): Promise<void>
}

/** The next report that the program sends. */
const report = ({ next, errors }: Running): Promise<Report> =>
  soon(`a report; it wrote ${errors()}`, next() as Promise<Report>)

const start = async (plan: Plan, options: LinkOptions = {}, env: NodeJS.ProcessEnv = {}): Promise<Doomed> => {
  const program = await startProgram('crash-program', [JSON.stringify(plan)], env)
  const first = await report(program)
  if (!('port' in first)) throw new Error(`no port but ${JSON.stringify(first)}`)
  const next = report(program)
  const link = await peer.connect(first.port, options)
  const ready = await next
  if (!('ready' in ready)) throw new Error(`not ready but ${JSON.stringify(ready)}`)
  const die = async (how: Death | 'terminate'): Promise<void> => {
    const gone = plan.worker ? report(program) : soon(`the death by ${how}`, program.died)
    if (how === 'SIGKILL') program.child.kill('SIGKILL')
    else program.tell(how)
    await gone
  }
  return { program, link, arm: ready.arm, child: ready.child, die }
}

const deaths: Death[] = ['throw', 'reject', 'exit 0', 'exit 1', 'abort', 'SIGKILL', 'SIGTERM']

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
    const { link, die } = await start({ guarded: true, bytes: big }, { paused: true })
    await die(how)
    await link.tell('resume')
    assert.is(await link.ended(), 'reset')
    assert.ok(link.bytes < big)
    assert.not.ok(link.sights.includes('eof'))
  })
}

for (const how of ['throw', 'exit 0', 'SIGKILL'] as const) {
  fact(`the harm: unguarded, death by ${how} ends a part with end of file`, async () => {
    const { link, die } = await start({ guarded: false, bytes: big }, { paused: true })
    await die(how)
    await link.tell('resume')
    assert.is(await link.ended(), 'eof')
    assert.ok(link.bytes < big)
  })
}

for (const how of ['terminate', 'throw', 'exit 0'] as const) {
  for (const bytes of [1000, big]) {
    const flowing = bytes === big ? 'data flowing' : 'nothing in flight'
    factIf(noCalls, `the death of a worker by ${how} with ${flowing} resets at once`, async () => {
      const { program, link, die } = await start({ guarded: true, bytes, worker: true }, { paused: bytes === big })
      if (bytes !== big) await link.got(bytes)
      await die(how)
      if (bytes === big) await link.tell('resume')
      assert.is(await link.ended(), 'reset')
      assert.is(program.child.exitCode, null, 'the process lives on')
      program.child.kill('SIGKILL')
      await program.died
    })
  }
}

fact('onExit close: a normal exit is a FIN behind all bytes', async () => {
  const plan = { guarded: true, policy: { onExit: 'close' }, bytes: 100_000, flushed: true } as const
  const { link, die } = await start(plan, { paused: true })
  await die('exit 0')
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 100_000)
})

fact('onExit close: a normal exit that would lose bytes is a reset', async () => {
  const { link, die } = await start({ guarded: true, policy: { onExit: 'close' }, bytes: big }, { paused: true })
  await die('exit 0')
  await link.tell('resume')
  assert.is(await link.ended(), 'reset')
})

for (const how of ['throw', 'reject', 'SIGKILL'] as const) {
  factIf(noCalls, `onExit close: death by ${how} is a reset all the same`, async () => {
    const { link, die } = await start({ guarded: true, policy: { onExit: 'close' }, bytes: 1000 })
    await link.got(1000)
    await die(how)
    assert.is(await link.ended(), 'reset')
  })
}

for (const how of ['SIGKILL', 'throw', 'exit 1'] as const) {
  fact(`a connection that had finished is end of file although the process dies by ${how}`, async () => {
    const { link, die } = await start({ guarded: true, bytes: 3_000_000, finish: true }, { paused: true, keep: true })
    await die(how)
    await link.tell('resume')
    assert.is(await link.ended(), 'eof')
    assert.is(link.bytes, 3_000_000)
  })
}

for (const how of ['throw', 'reject', 'exit 0', 'exit 1'] as const) {
  fact(`without system calls, death by ${how} is a reset`, async () => {
    const { link, die } = await start({ guarded: true, bytes: 1000 }, {}, { FINRST_BACKEND: 'none' })
    await link.got(1000)
    await die(how)
    assert.is(await link.ended(), 'reset')
  })
}

for (const policy of [{ onFailure: 'close' }, { onExit: 'close' }] as const) {
  fact(`without system calls ${JSON.stringify(policy)} is no word on a crash: a reset`, async () => {
    const { link, die } = await start({ guarded: true, policy, bytes: 1000 }, {}, { FINRST_BACKEND: 'none' })
    await link.got(1000)
    await die('throw')
    assert.is(await link.ended(), 'reset')
  })
}

fact('without system calls, SIGKILL is the end of file that the OS sends, and the capabilities say so', async () => {
  const { link, arm, die } = await start({ guarded: true, bytes: 1000 }, {}, { FINRST_BACKEND: 'none' })
  await link.got(1000)
  await die('SIGKILL')
  assert.is(await link.ended(), 'eof')
  assert.match(arm, /FINRST_BACKEND=none/)
})

factIf(noCalls, 'a child that outlives its parent does not hold the connection', async () => {
  const { link, child, die } = await start({ guarded: true, bytes: 1000, child: true })
  await link.got(1000)
  try {
    assert.ok(child > 0)
    await die('SIGKILL')
    assert.is(await link.ended(3000), 'reset')
    assert.ok(process.kill(child, 0), 'the child lives')
  } finally {
    process.kill(child, 'SIGKILL')
  }
})

test.run()
