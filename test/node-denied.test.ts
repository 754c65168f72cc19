// Tests guards of programs to which the kernel really denies calls, by seccomp and by limits: what can still be kept is
// kept, and what cannot is said by the capabilities and the verdict.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import type { Verdict } from '../adapters/core/types.js'
import { factIf, soon } from './support/deadline.js'
import type { DeniedOrder, DeniedPlan, DeniedReport } from './support/denied-program.js'
import { type Link, Peer } from './support/peer.js'
import { type Running, startProgram, stopPrograms } from './support/programs.js'
import { runtime } from './support/runtime.js'
import { findTool } from './support/tools.js'

const deny = join(process.cwd(), 'build', 'test', `deny-${process.pid}`)
const compiler = findTool('cc') ?? findTool('gcc')
const missing =
  (backend().name === 'none' && 'no system calls') ||
  (process.platform !== 'linux' && 'seccomp is of Linux') ||
  (compiler === undefined && 'there is no cc; apt-get install -y --no-install-recommends gcc libc6-dev')

let peer: Peer
test.before(async () => {
  if (missing !== false) return
  mkdirSync(join('build', 'test'), { recursive: true })
  execFileSync(compiler ?? 'cc', ['-O1', '-o', deny, 'test/support/deny.c'], { stdio: 'pipe', timeout: 60_000 })
  peer = await Peer.start()
})
test.after(async () => {
  await stopPrograms()
  if (missing === false) execFileSync('rm', ['-f', deny])
})

/** A program with one connection, and what it has told. */
interface Denied {
  program: Running
  link: Link
  guarded: Extract<DeniedReport, { guarded: boolean }>
  verdict: Promise<Verdict>
}

const start = async (by: readonly string[], plan: DeniedPlan = {}): Promise<Denied> => {
  const program = await startProgram('denied-program', [JSON.stringify(plan)], {}, [], by)
  const next = <K extends string>(key: K): Promise<DeniedReport & Record<K, unknown>> =>
    new Promise((resolve, reject) => {
      program.hear((message) => {
        if (key in (message as object)) resolve(message as DeniedReport & Record<K, unknown>)
      })
      void program.died.then((death) => reject(new Error(`it died: ${JSON.stringify(death)} ${program.errors()}`)))
    })
  const told = next('guarded')
  const verdict = next('verdict').then((it) => it.verdict as Verdict)
  // Whoever dies gives no verdict, and nobody waits for it.
  verdict.catch(() => undefined)
  told.catch(() => undefined)
  const { port } = await soon('it listens', next('port'), 30_000)
  const link = await peer.connect(port as number, { keep: true })
  link.port = port as number
  const guarded = (await soon('it tells whether it guards', told, 30_000)) as Denied['guarded']
  await link.got(1000)
  return { program, link, guarded, verdict }
}

/** What the program tells of one more connection. */
const another = async ({ program, link }: Denied): Promise<Denied['guarded']> => {
  const told = program.next()
  await peer.connect(link.port, { keep: true })
  return (await soon('it tells whether it guards', told, 30_000)) as Denied['guarded']
}

const without = (calls: string): string[] => [deny, calls]
const limited = (descriptors: number): string[] => ['sh', '-c', `ulimit -n ${descriptors}; exec "$0" "$@"`]

/** Does something to a connection, and answers how it ended for the peer and by the verdict, if there is one. */
const ending = async ({ program, link, verdict }: Denied, order: DeniedOrder): Promise<string> => {
  program.tell(order)
  const saw = await link.ended(30_000)
  if (saw === 'eof' && order !== 'SIGKILL') await link.tell('finish')
  const told = order === 'exit' || order === 'throw' || order === 'SIGKILL'
  if (told) {
    await soon('it dies', program.died, 30_000)
    return saw
  }
  const { ended } = await soon('the verdict', verdict, 30_000)
  program.child.kill('SIGKILL')
  await program.died
  return `${saw}, verdict ${ended}`
}

const fact = (name: string, body: () => Promise<void>): void => factIf(missing, name, body, 120_000)

fact('without SO_LINGER nothing is armed, and the capability says so before anybody relies on it', async () => {
  const denied = await start(without('linger'))
  const { guarded } = denied
  assert.ok(guarded.guarded)
  assert.equal([guarded.armed, guarded.arm], [false, false])
  assert.match(guarded.why, /refuses to set SO_LINGER/)
  // This is what the capability has said: nothing can help it.
  assert.is(await ending(denied, 'SIGKILL'), 'eof')
})

for (const order of ['abort', 'fail'] as const) {
  fact(`without SO_LINGER ${order} resets all the same, and its verdict claims nothing`, async () => {
    assert.match(await ending(await start(without('linger')), order), /^reset, verdict (?:unknown|reset)$/)
  })
}

for (const order of ['exit', 'throw'] as const) {
  fact(`without SO_LINGER ${order} resets all the same, because our code runs`, async () => {
    assert.is(await ending(await start(without('linger')), order), 'reset')
  })
}

fact('without SO_LINGER a complete stream ends with a FIN', async () => {
  assert.is(await ending(await start(without('linger')), 'close'), 'eof, verdict fin')
})

for (const order of ['abort', 'fail', 'SIGKILL', 'exit'] as const) {
  fact(`without connect(AF_UNSPEC) ${order} resets, by the last close`, async () => {
    assert.match(await ending(await start(without('connect')), order), /^reset(?:$|, verdict (?:unknown|reset)$)/)
  })
}

for (const order of ['abort', 'fail'] as const) {
  fact(`without either nothing resets, and no verdict of ${order} says that it did`, async () => {
    assert.match(await ending(await start(without('linger,connect')), order), /^(?:eof|reset), verdict unknown$/)
  })
}

fact('without getpeername a guard takes what its runtime tells, and the socket is as it was', async () => {
  const denied = await start(without('getpeername'))
  // A guard takes what the runtime says is the descriptor of the socket at this moment; only what is found is verified.
  assert.is(denied.guarded.guarded, true)
  denied.program.tell('end')
  assert.is(await denied.link.ended(), 'eof')
})

fact('without getsockopt a guard knows less, and keeps its promise', async () => {
  assert.match(await ending(await start(without('getsockopt')), 'abort'), /^reset, verdict (?:unknown|reset)$/)
  assert.is(await ending(await start(without('getsockopt')), 'close'), 'eof, verdict fin')
})

fact('with no descriptor left guard() refuses and says why, and the socket is as it was', async () => {
  const denied = await start(limited(256), { exhausts: 'before' })
  const { guarded } = denied
  // Deno tells no descriptor then, so that there is a guard without system calls; on Node none is needed yet.
  if (guarded.guarded) assert.equal([guarded.armed, guarded.arm], [runtime === 'node', runtime === 'node'])
  else assert.match(guarded.refused, /^finrst: the descriptor cannot be duplicated: errno 24$/)
  denied.program.tell('end')
  assert.is(await denied.link.ended(), 'eof')
})

fact(
  'with no descriptor left to load the system calls with, the capability says so, and the next guard has them',
  async () => {
    const denied = await start(limited(256), { exhausts: 'first' })
    const { guarded } = denied
    if (!guarded.guarded) assert.match(guarded.refused, /errno 24$/)
    else {
      // node:ffi needs no descriptor to load them with.
      assert.is(guarded.armed, guarded.arm)
      if (runtime === 'node' && !guarded.armed) assert.match(guarded.why, /EMFILE|too many open files/, guarded.why)
    }
    const second = await another(denied)
    assert.ok(second.guarded && second.armed, JSON.stringify(second))
  },
)

// Deno panics without a descriptor for its signals, with a guard and without.
const panics = runtime === 'deno' && 'Deno panics without a descriptor for itself'
const spares = runtime === 'node' && 'Node needs no descriptor for a guard'
const served = 'with no descriptor left a guarded server serves on, and tells whom it could not guard'
factIf(missing || panics || spares, served, async () => {
  const denied = await start(limited(256), { serves: true })
  assert.not(denied.guarded.guarded)
  denied.program.tell('end')
  assert.is(await denied.link.ended(), 'eof')
})

fact('with no descriptor left an abort claims no more than it does', async () => {
  const denied = await start(limited(256), { exhausts: 'before' })
  if (!denied.guarded.guarded) return assert.match(denied.guarded.refused, /errno 24$/)
  assert.match(await ending(denied, 'abort'), /^(?:reset, verdict (?:reset|unknown)|eof, verdict unknown)$/)
})

fact('with no descriptor left a connection that is to be drained ends, and its verdict claims no more', async () => {
  const denied = await start(limited(256), { exhausts: 'behind', policy: { confirm: 'peer', drainIdleMs: 500 } })
  assert.match(await ending(denied, 'drain'), /^eof, verdict (?:fin|unknown)$/)
})

test.run()
