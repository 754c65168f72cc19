// Tests that programs which serve one script after the other hand nothing on: neither what they hold, nor what they do.
//
// 1. That a process has served before is seen by its id; where it must not serve again, it must have ended.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { answersOf } from '../conformance/files.js'
import type { LineProcess } from '../conformance/line-process.js'
import { Reserve } from '../conformance/reserve.js'
import type { Result } from '../conformance/result.js'
import { type GuardedScript, parseScript } from '../conformance/script.js'
import { runRowScript } from '../conformance/system/run.js'
import type { RowScript } from '../conformance/system/script.js'
import { runScript } from '../conformance/wire.js'
import { buildCommandLine, folder } from './support/command-line.js'
import { fact, factIf } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { isRunning } from './support/processes.js'

const cli = join(folder, 'cli.mjs')
const ms = 60_000
const nobody = { notice: () => undefined, trace: () => undefined }

/** A reserve that knows whom it gave away, in order. */
class Watched extends Reserve {
  readonly given: number[] = []

  override async take(...wanted: Parameters<Reserve['take']>): Promise<LineProcess> {
    const process = await super.take(...wanted)
    this.given.push(process.pid ?? 0)
    return process
  }
}

const reserves: Watched[] = []
const reserveOf = (...args: string[]): Watched => {
  const reserve = new Watched([process.execPath, ...args])
  reserves.push(reserve)
  return reserve
}

test.before(buildCommandLine)
test.after(async () => {
  await Promise.all(reserves.map((reserve) => reserve.stop()))
  rmSync(folder, { recursive: true, force: true })
})

// ---- Peers --------------------------------------------------------------------------------------------------------

const hello = { testee: 'x', version: '1', platform: process.platform, runtime: 'x', capabilities: {} }

const play = (peers: Reserve, steps: string, testee = [process.execPath, cli, '__testee']): Promise<Result> => {
  const script = parseScript('a-script', `title: A fact\nguard: none\ndeadline: 20000\n\n${steps}`) as GuardedScript
  return runScript(script, { testee, hello, peers, repeat: () => '' })
}

const passes = (result: Result): void => {
  assert.is(result.outcome, 'pass', `${result.actual}\n${result.trace?.map(({ text }) => text).join('\n')}`)
}

/** It passes only with a peer that reads, has a connection of its own, and counts both directions from 0. */
const demanding =
  '$ open\n$ write 1000\n> data 1000\n< write 500\n$ read 500\n> sent\n$ end\n> eof\n< finish\n$ read eof\n'

const leftovers: [what: string, steps: string][] = [
  ['a connection', '$ open\n$ write 700\n> data 700\n'],
  ['a pause, and bytes that nobody read', '< pause\n$ open\n$ write 3000000\n'],
  ['bytes that nobody took', '$ open unread\n< write 20000000\n> unsent 20ms\n'],
  ['a close behind bytes that nobody took', '$ open unread\n< write 20000000\n< close\n'],
  ['a FIN of its own', '$ open half-open\n< write 300\n< finish\n$ read 300\n'],
  ['a reset of its own', '$ open\n< write 300\n$ read 300\n< reset\n$ read reset\n'],
  ['a testee that died', '< pause\n$ open\n$ write 300\n$ exit 3\n'],
]

fact(
  'a script finds nothing of the one before in its peer, which is the same process',
  async () => {
    const peers = reserveOf(cli, '__peer')
    for (const [what, steps] of leftovers) {
      passes(await play(peers, steps))
      passes(await play(peers, demanding))
      assert.is(new Set(peers.given).size, 1, `after ${what} the peer was replaced`)
    }
  },
  ms,
)

fact(
  'the peer of a script that did not come to its end serves no other',
  async () => {
    const peers = reserveOf(cli, '__peer')
    assert.is((await play(peers, '$ open\n$ write 5\n> data 6\n$ end\n> eof\n')).outcome, 'fail')
    const [first = 0] = peers.given
    assert.not(isRunning(first))
    passes(await play(peers, demanding))
    assert.is(new Set(peers.given).size, 2)
  },
  ms,
)

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  factIf(
    process.platform === 'win32' && 'needs signals',
    `a peer that got ${signal} while nothing was played is replaced, and no script sees it`,
    async () => {
      const peers = reserveOf(cli, '__peer')
      passes(await play(peers, demanding))
      const [first = 0] = peers.given
      process.kill(first, signal)
      passes(await play(peers, demanding))
      assert.is(new Set(peers.given).size, 2)
      assert.ok(await eventually(() => !isRunning(first)))
    },
    ms,
  )
}

fact(
  'who stops a reserve leaves no process behind, and none comes back',
  async () => {
    const peers = reserveOf(cli, '__peer')
    const one = await peers.take('peer', nobody)
    const other = await peers.take('peer', nobody)
    await peers.give(one, true)
    await peers.stop()
    await peers.give(other, true)
    assert.is(new Set(peers.given).size, 2)
    assert.equal(peers.given.filter(isRunning), [])
  },
  ms,
)

// ---- Programs that do not become as new -----------------------------------------------------------------------------

/** What a program does when it is to be as new. */
const stubborn: [what: string, does: string][] = [
  ['refuses', "say({ ok: false, error: 'no' })"],
  ['does not know how', 'say({ ok: false, unsupported: true })'],
  ['never answers', ''],
  ['answers twice', 'say({ ok: true }); say({ ok: true })'],
  ['tells of something behind its answer', "say({ ok: true }); say({ saw: 'eof' })"],
  ['tells of something later', "say({ ok: true }); setTimeout(() => say({ saw: 'eof' }), 300)"],
  ['writes garbage', "writeSync(1, 'oops\\n')"],
  ['dies', 'process.exit(0)'],
  ['dies behind its answer', 'say({ ok: true }); process.exit(0)'],
]

const programThat = (does: string): Watched => {
  const file = join(mkdtempSync(join(folder, 'stubborn-')), 'program.mjs')
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline'
import { writeSync } from 'node:fs'
const say = (message) => writeSync(1, JSON.stringify(message) + '\\n')
createInterface({ input: process.stdin }).on('line', () => { ${does} }).on('close', () => process.exit())
`,
  )
  return reserveOf(file)
}

for (const [what, does] of stubborn) {
  fact(
    `a program that ${what} when it is to be as new is stopped, and never serves again`,
    async () => {
      const programs = programThat(does)
      await programs.give(await programs.take('peer', nobody), true)
      const [first = 0] = programs.given
      assert.ok(await eventually(() => !isRunning(first), 20_000))
      const second = await programs.take('peer', nobody)
      assert.is.not(second.pid, first)
      await second.kill()
    },
    ms,
  )
}

fact(
  'what a program tells before it is as new is not told to the next script',
  async () => {
    const programs = programThat("say({ saw: 'eof' }); say({ ok: true })")
    await programs.give(await programs.take('peer', nobody), true)
    const heard: unknown[] = []
    const second = await programs.take('peer', { ...nobody, notice: (message) => heard.push(message) })
    assert.equal([new Set(programs.given).size, heard.length], [1, 0])
    await second.request({ do: 'renew' })
    assert.is(heard.length, 1)
    await second.kill()
  },
  ms,
)

// ---- System testees -------------------------------------------------------------------------------------------------

const row = 'shutdown.write-twice'
const noSystem = process.platform !== 'linux' && 'row scripts make the system calls of Linux'

const playRow = (sides: Reserve, steps: string, ...header: string[]): Promise<Result> => {
  const source = `${['title: A fact', 'guard: system', ...header].join('\n')}\n\n${steps}\n`
  const yes = { can: true, why: '' }
  const abilities = { packet: yes, raw: yes, mptcp: yes, admin: yes, silence: yes, 'own-net': yes }
  const system = { platform: 'linux', release: '6', arch: process.arch, can: true, why: '', abilities }
  return runRowScript(parseScript(row, source, answersOf) as RowScript, { hello: system, sides, repeat: () => '' })
}

/** It passes only where these names are free, and their sockets are new. */
const names = '$ socket as t\n$ get-linger on t -> a\n$ listen as m\n$ open\n$ send 5\n< read-all within=20 -> b'
const demandingRow = `${names}\n$ get-linger -> c\n? ok: a=0,0 b=5+nothing c=0,0`

factIf(
  noSystem,
  'a row script finds no name and no descriptor of the one before in its processes, which are the same',
  async () => {
    const sides = reserveOf(cli, '__system')
    const held = '$ open\n$ linger 30\n$ fill -> a\n$ listen as m\n$ socket as t\n$ linger 30 on t\n< dup as u'
    for (const steps of [`${held}\n? ok: a!=0`, '$ open\n$ shutdown write\n$ close -> a\n? ok: a=0']) {
      passes(await playRow(sides, steps))
      passes(await playRow(sides, demandingRow))
    }
    assert.is(sides.given.length, 8)
    assert.is(new Set(sides.given).size, 2)
  },
  ms,
)

const lasting: [what: string, steps: string][] = [
  ['a call in another thread', '$ open\n$ background recv\n< send 5\n$ join -> a\n? ok: a=5'],
  ['a child', '$ open\n$ child holds\n$ get-linger -> a\n? ok: a=0,0'],
  ['a signal that is still to come', '$ open\n$ signal-me 5000\n$ get-linger -> a\n? ok: a=0,0'],
  ['a descriptor without a name', '$ open\n$ dup2\n$ descriptor -> a\n? ok: a=open'],
]

for (const [what, steps] of lasting) {
  factIf(
    noSystem,
    `a process with ${what} serves no other row script, and its other side does`,
    async () => {
      const sides = reserveOf(cli, '__system')
      passes(await playRow(sides, steps))
      passes(await playRow(sides, demandingRow))
      const [us = 0, peer = 0, ...next] = sides.given
      assert.not(isRunning(us))
      assert.ok(next.includes(peer) && !next.includes(us), `${us} and ${peer}, then ${next}`)
    },
    ms,
  )
}

factIf(
  noSystem,
  'a process whose death is asked about has never served before',
  async () => {
    const sides = reserveOf(cli, '__system')
    passes(await playRow(sides, demandingRow))
    passes(await playRow(sides, '$ open\n$ exit -> a\n< read-all -> b\n? ok: a=died b=eof'))
    const [first, second, ...next] = sides.given
    assert.is(next.filter((pid) => pid === first || pid === second).length, 1, `${sides.given}`)
    assert.is.not(next[0], next[1])
  },
  ms,
)

test.run()
