// Tests how handlers of a guarded server fail, and how a program ends that has one: each in a process of its own.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import type { Summary } from '#adapter/index'
import { fact, factIf, soon } from './support/deadline.js'
import { type Link, Peer } from './support/peer.js'
import { reportsOf, type Running, startProgram, stopPrograms } from './support/programs.js'
import { runtime } from './support/runtime.js'
import type { ServerReport } from './support/server-program.js'
import { get } from './support/serving.js'

const noCalls = backend().name === 'none' && 'no system calls'

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

/** Deno's own kill() sends one signal at most, and takes it for what ended the child. */
const send = ({ child }: Running, signal: NodeJS.Signals): void => void process.kill(child.pid ?? 0, signal)

interface Started {
  program: Running
  until(what: string, holds: (report: ServerReport) => boolean): Promise<ServerReport>
  ask(path: string): Promise<Link>
}

const start = async (plan: object): Promise<Started> => {
  const program = await startProgram('server-program', [JSON.stringify(plan)])
  const until = reportsOf<ServerReport>(program)
  const first = await until('a port', (it) => 'port' in it)
  const port = 'port' in first ? first.port : 0
  const ask = async (path: string): Promise<Link> => {
    const link = await peer.connect(port)
    await link.tell('write', get(path))
    await until(`${path} is asked`, (it) => 'asked' in it && it.asked === path)
    return link
  }
  return { program, until, ask }
}

for (const [path, message] of [
  ['/throws', 'thrown'],
  ['/throws-later', 'thrown later'],
  ['/rejects', 'rejected'],
] as const) {
  const swallowed = runtime === 'deno' && message !== 'rejected' && 'Deno answers 400 and tells nobody'
  factIf(swallowed, `${path}: the client reads a reset, the error goes its way, and others are served`, async () => {
    const { program, until, ask } = await start({ guarded: true, survives: true })
    const link = await ask(path)
    assert.is(await link.ended(), 'reset')
    await until('the error', (it) => 'caught' in it && it.caught === message)
    const other = await ask('/answers')
    await other.until('an answer', () => other.bytes > 0)
    send(program, 'SIGKILL')
    await program.died
  })

  factIf(
    noCalls || swallowed,
    `${path}: nobody catches the error, the program dies of it, and the client reads a reset`,
    async () => {
      const { program, ask } = await start({ guarded: true })
      const link = await ask(path)
      assert.is(await link.ended(), 'reset')
      const { code, signal } = await soon('the death', program.died)
      assert.ok(code !== 0 || signal !== null, 'the error was swallowed')
      assert.match(program.errors(), new RegExp(message))
    },
  )
}

fact('an answer that was ended stands, although its handler rejects afterwards', async () => {
  const { program, until, ask } = await start({ guarded: true, survives: true })
  const link = await ask('/ended-then-rejects')
  await until('the error', (it) => 'caught' in it)
  await link.tell('finish')
  assert.is(await link.ended(), 'eof')
  send(program, 'SIGKILL')
  await program.died
})

factIf(
  noCalls,
  'SIGTERM without a listener: the idle connection reads a FIN, the unfinished answer a reset',
  async () => {
    const { program, ask } = await start({ guarded: true })
    const idle = await ask('/answers')
    await idle.until('an answer', () => idle.bytes > 0)
    const busy = await ask('/hangs')
    await busy.got(1)
    program.tell('SIGTERM')
    await program.died
    assert.is(await idle.ended(), 'eof')
    assert.is(await busy.ended(), 'reset')
  },
)

fact('a signal closes, and the program ends by itself when all connections have', async () => {
  const { program, until, ask } = await start({ guarded: true, within: 20_000 })
  const idle = await ask('/answers')
  await idle.until('an answer', () => idle.bytes > 0)
  send(program, 'SIGTERM')
  assert.is(await idle.ended(), 'eof')
  const report = await until('summaries', (it) => 'summaries' in it)
  const [summary] = ('summaries' in report ? report.summaries : []) as Summary[]
  assert.is(summary?.ended.fin, 1)
  // Standard input is no work: nobody listens to it in this plan.
  assert.equal(await soon('the end', program.died), { code: 0, signal: null })
})

fact('a second signal aborts at once', async () => {
  const { program, until, ask } = await start({ guarded: true, within: 600_000 })
  const busy = await ask('/hangs')
  await busy.got(1)
  send(program, 'SIGTERM')
  await until('the first is heard', (it) => 'closing' in it)
  assert.is(busy.ending, undefined)
  send(program, 'SIGINT')
  assert.is(await busy.ended(), 'reset')
  const report = await until('summaries', (it) => 'summaries' in it)
  const [summary] = ('summaries' in report ? report.summaries : []) as Summary[]
  assert.is(summary?.cause.abort, 1)
  assert.equal(await soon('the end', program.died), { code: 0, signal: null })
})

test.run()
