// What finrst/auto does with the own sockets of Deno and Bun: the same tests for both.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { endsWith, hears, startServer, startWay, type Way, ways } from './auto.js'
import { factIf } from './deadline.js'
import { serving } from './http-peer.js'
import { Peer } from './peer.js'
import { stopPrograms } from './programs.js'
import { certificate } from './secure-pair.js'
import { get, secureFor } from './serving.js'

const noCalls = backend().name === 'none' && 'no system calls'
const program = 'auto-native-program'
const request = get('/', 'Connection: close\r\n')
let plainPeer: Peer
let securePeer: Peer

const start = (way: Way, name: string, detail = '') => startServer(way, program, [name, detail])

/** The peer without TLS, once the tests have begun. */
export const peer = (): Peer => plainPeer

/** Declares all of them. */
export const autoFacts = (): void => {
  test.before(async () => {
    plainPeer = await Peer.start()
    securePeer = await Peer.start('tls-peer-program')
  })
  test.after(stopPrograms)

  for (const kind of ['http', 'https'] as const) {
    factIf(noCalls, `a server that is killed: end of file without, reset with it: ${kind}`, async () => {
      for (const way of ways) {
        const started = await start(way, 'waits', kind === 'http' ? '' : JSON.stringify(certificate))
        const link = await (kind === 'http' ? peer() : securePeer).connect(started.port, secureFor(kind))
        const written = hears(started.program)
        await link.tell('write', 'question')
        await written
        started.program.child.kill('SIGKILL')
        assert.is(await link.ended(), way === 'auto' ? 'reset' : 'eof', way)
      }
    })
  }

  factIf(false, 'a whole answer ends as without it', async () => {
    for (const way of ways) assert.is(await endsWith(peer(), await start(way, 'answers'), 'question'), 'eof', way)
  })

  factIf(noCalls, 'a program that guards for itself has its own policy', async () => {
    const started = await start('auto', 'guards')
    const verdict = hears(started.program)
    assert.is(await endsWith(peer(), started, 'question'), 'reset')
    assert.equal(await verdict, { ended: 'reset', cause: 'drop' })
  })

  factIf(
    noCalls,
    'guardServer() has its own policy from then on, also of a listener that has let somebody in',
    async () => {
      const started = await start('auto', 'guardsServer')
      for (const expected of ['eof', 'reset']) {
        const verdict = hears(started.program)
        assert.is(await endsWith(peer(), started, 'question'), expected)
        assert.equal(await verdict, { ended: expected === 'eof' ? 'fin' : 'reset', cause: 'drop' })
      }
    },
  )

  factIf(
    noCalls,
    'the connections of a listener share a budget: of two that drain the older one is reset',
    async () => {
      const patient = { FINRST_CONFIRM: 'peer', FINRST_DRAIN_IDLE_MS: '600000', FINRST_DRAIN_MS: '600000' }
      const bounds = { ...patient, FINRST_DRAIN_CONNECTIONS: '1' }
      const { port, program: running } = await startServer('auto', program, ['letsGo'], bounds)
      const verdict = hears(running)
      for (let times = 0; times < 2; times += 1) {
        const link = await peer().connect(port, { keep: true })
        await link.tell('write', 'question')
        await link.saw('eof')
      }
      assert.equal(await verdict, { cause: 'limit' })
    },
  )

  factIf(false, 'serve: a whole answer ends as without it', async () => {
    for (const way of ways) assert.is(await endsWith(peer(), await start(way, 'serve'), request), 'eof', way)
  })

  for (const [name, what] of [
    ['serveHalf', 'serve of the runtime'],
    ['serveGuarded', 'serve() of finrst'],
  ] as const) {
    factIf(noCalls, `${what}: it is killed in the middle of an answer, and that is a reset`, async () => {
      for (const way of ways) {
        const { port, program: running } = await start(way, name)
        const link = await peer().connect(port)
        await link.tell('write', request)
        await link.until('half of the answer', () => link.bytes > 0)
        running.child.kill('SIGKILL')
        assert.is(await link.ended(), way === 'auto' || name === 'serveGuarded' ? 'reset' : 'eof', way)
      }
    })
  }

  factIf(noCalls, 'a client that is killed: end of file without, reset with it', async () => {
    for (const way of ways) {
      const { port, next } = await serving('http')
      const running = await startWay(way, program, ['connect', String(port)])
      assert.is((await next()).saw, 'upload')
      running.child.kill('SIGKILL')
      assert.is((await next()).saw, way === 'auto' ? 'reset' : 'eof', way)
    }
  })
}
