// Tests what a peer reads through TLS, and of the connection below it, when a process with a guarded TLS socket dies.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import type { Plan, Report } from './support/crash-program.js'
import type { Death } from './support/death.js'
import { fact, factIf, soon } from './support/deadline.js'
import { type Link, Peer } from './support/peer.js'
import { startProgram, stopPrograms } from './support/programs.js'
import { certificate, type Version, versions } from './support/secure-pair.js'

const noCalls = backend().name === 'none' && 'no system calls'
const big = 12_000_000

let peer: Peer
test.before(async () => {
  peer = await Peer.start('tls-peer-program')
})
test.after(stopPrograms)

interface Doomed {
  link: Link
  die(how: Death): Promise<void>
}

const start = async (version: Version, plan: Omit<Plan, 'tls'>, paused = false, keep = false): Promise<Doomed> => {
  const secure = { ...certificate, version }
  const program = await startProgram('crash-program', [JSON.stringify({ ...plan, tls: secure })])
  const first = (await soon('a port', program.next())) as Report
  const ready = program.next()
  const port = 'port' in first ? first.port : 0
  const link = await peer.connect(port, { tls: secure, paused, keep })
  await soon(`it is ready; it wrote ${program.errors()}`, ready)
  return {
    link,
    die: async (how) => {
      if (how === 'SIGKILL') program.child.kill('SIGKILL')
      else program.tell(how)
      await soon(`the death by ${how}`, program.died)
    },
  }
}

const deaths: Death[] = ['throw', 'reject', 'exit 0', 'SIGKILL']

for (const version of versions) {
  for (const how of deaths) {
    factIf(noCalls, `death by ${how} in the middle is a reset, and never an end of file: ${version}`, async () => {
      const idle = await start(version, { guarded: true, bytes: 1000 })
      await idle.link.got(1000)
      await idle.die(how)
      assert.is(await idle.link.ended(), 'reset')
      const flowing = await start(version, { guarded: true, bytes: big }, true)
      await flowing.die(how)
      await flowing.link.tell('resume')
      assert.is(await flowing.link.ended(), 'reset')
      for (const { link } of [idle, flowing]) assert.not.ok(/eof|notified/.test(link.sights.join()), link.sights.join())
    })
  }

  for (const how of ['throw', 'exit 1', 'SIGKILL'] as const) {
    fact(`a stream that had finished is whole although the process dies by ${how}: ${version}`, async () => {
      const plan = { guarded: true, bytes: 3_000_000, finish: true }
      const { link, die } = await start(version, plan, true, true)
      await die(how)
      await link.tell('resume')
      assert.is(await link.ended(), 'eof')
      await link.saw('notified')
      assert.is(link.bytes, 3_000_000)
    })
  }

  fact(`the harm: unguarded, death by SIGKILL is an end of file below TLS: ${version}`, async () => {
    const { link, die } = await start(version, { guarded: false, bytes: 1000 })
    await link.got(1000)
    await die('SIGKILL')
    assert.is(await link.ended(), 'eof')
    await link.saw('cut')
  })
}

test.run()
