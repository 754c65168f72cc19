// Tests of guardServer() around a listener of a runtime's own: who is guarded, and how they are closed together.
import net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Guard,
  guard,
  guardServer,
  type Policy,
  type ServerGuard,
  type ServerOptions,
  type Summary,
} from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, soon } from './deadline.js'
import { descriptors, eventually } from './descriptors.js'
import { type Endpoint, type Kit, type Listening, peerFor } from './native-kit.js'
import { emitted } from './pair.js'
import type { ListenerReport } from './listener-program.js'
import { type Link, type LinkOptions, Peer } from './peer.js'
import { reportsOf, startProgram } from './programs.js'
import { refusalOf } from './words.js'

const noCalls = backend().name === 'none' && 'no system calls'

/** One connection, from both sides. */
interface Pair {
  end: Endpoint
  link: Link
  held: Guard
}

interface Guarded {
  listener: Listening
  guards: ServerGuard
  /** The cause of each verdict so far. */
  causes: string[]
  connect(options?: LinkOptions): Promise<Pair>
}

/** What both runtimes do, with TLS and without. */
export const listenerFacts = (kit: Kit): void => {
  const over = kit.tls ? ' over TLS' : ''
  let peer: Peer
  test.before(async () => {
    peer = await peerFor(kit)
  })

  const guarded = async (policy?: Policy, options?: ServerOptions): Promise<Guarded> => {
    const listener = await kit.listen({ halfOpen: true })
    const guards = guardServer(listener.server, policy, options)
    const causes: string[] = []
    guards.on('verdict', ({ cause }) => causes.push(cause))
    const connect = async (how: LinkOptions = {}): Promise<Pair> => {
      const coming = listener.next()
      const link = await peer.connect(listener.port, { ...how, ...(kit.tls ? { tls: kit.tls } : {}) })
      const end = await coming
      end.read()
      return { end, link, held: guard(end.socket) }
    }
    return { listener, guards, causes, connect }
  }

  fact(`a connection is guarded when its owner gets it, and fails as its guard says${over}`, async () => {
    const { guards, causes, connect } = await guarded()
    const { end, link, held } = await connect()
    assert.equal([...guards.guards], [held], 'guard() gives the guard of the server')
    assert.is(held.armed, !noCalls)
    await end.send(new Uint8Array(10))
    await link.got(10)
    if (noCalls) await guards.abort()
    else {
      await held.fail(new Error('the handler fails'))
      assert.is(await link.ended(), 'reset')
      assert.equal(causes, ['failure'])
      assert.is(guards.guards.size, 0)
      await guards.abort()
    }
  })

  factIf(noCalls, `close() accepts nobody any more, and the summary counts every verdict${over}`, async () => {
    const { listener, guards, causes, connect } = await guarded()
    const [complete, told, late] = [await connect(), await connect(), await connect()]
    for (const { end } of [complete, told, late]) await end.send(new Uint8Array(10))
    complete.held.completeMessage()
    guards.on('closing', () => void told.held.finishSending().catch(() => undefined))
    const closing = guards.close({ within: 1000 })
    await emitted(net.connect({ port: listener.port, host: '127.0.0.1' }), 'error')
    assert.is(await complete.link.ended(), 'eof')
    assert.is(await told.link.ended(), 'eof')
    assert.is(await late.link.ended(), 'reset')
    const { connections, ended, cause, unguarded } = await closing
    assert.equal([connections, ended.fin, ended.reset, cause.abort, unguarded], [3, 2, 1, 1, 0])
    assert.is(causes.length, 3)
    assert.is(guards.guards.size, 0)
  })

  factIf(noCalls, `abort() resets every connection${over}`, async () => {
    const { guards, connect } = await guarded()
    const both = [await connect(), await connect()]
    const { ended } = await guards.abort()
    for (const { link } of both) assert.is(await link.ended(), 'reset')
    assert.is(ended.reset, 2)
  })

  factIf(noCalls, `the budget holds for all that drain together: the oldest is reset first${over}`, async () => {
    const patient: Policy = { confirm: 'peer', drainIdleMs: 600_000, drainMs: 600_000 }
    const { guards, causes, connect } = await guarded(patient, { drainConnections: 1 })
    const [first, second] = [await connect({ keep: true }), await connect({ keep: true })]
    await first.end.send(new Uint8Array(10))
    const closing = first.held.close()
    await first.link.saw('eof')
    void second.held.close()
    assert.is((await closing).cause, 'limit')
    assert.equal(causes, ['limit'])
    assert.equal([...guards.guards], [second.held])
    await guards.abort()
  })

  factIf(noCalls, `no descriptor is left of connections that came and went${over}`, async () => {
    const { guards, connect } = await guarded()
    const before = descriptors()
    for (let count = 0; count < 20; count += 1) {
      const { end, link, held } = await connect()
      await end.send(new Uint8Array(10))
      await (count % 2 === 0 ? held.close() : held.abort())
      await link.ended()
    }
    assert.ok(await eventually(() => descriptors() <= before), 'the descriptors are back')
    assert.is((await guards.close()).connections, 20)
  })
}

/** What guardServer() says to bad input, and that the listener is as before then. */
export const refusedFacts = (kit: Kit): void => {
  fact(
    'bad input is refused by name, value and what is allowed, and a second call gives the guard of the first',
    async () => {
      const { server, stop } = await kit.listen()
      const { accept } = server as { accept?: unknown }
      assert.match(
        refusalOf(() => guardServer(server, 'kind' as 'strict')),
        /TypeError: finrst: policy is "kind"; expected one of/,
      )
      assert.match(
        refusalOf(() => guardServer(server, undefined, { drainConnections: 0 })),
        /RangeError: finrst: options.drainConnections is 0/,
      )
      assert.is((server as { accept?: unknown }).accept, accept)
      assert.is(guardServer(server), guardServer(server))
      stop()
      assert.is((await guardServer(server).close()).connections, 0)
    },
  )
}

/** What closeOnSignals() does with such a server. */
export const signalFacts = (): void => {
  fact(
    'the first signal closes what is complete, a second one resets the rest, and the program ends by itself',
    async () => {
      const peer = await Peer.start()
      const program = await startProgram('listener-program')
      const report = reportsOf<ListenerReport>(program)
      const until = (name: string): Promise<ListenerReport> =>
        report(`${name}; ${program.errors()}`, (it) => name in it)
      const { port } = (await until('port')) as { port: number }
      const whole = await peer.connect(port)
      await whole.got(10)
      const half = await peer.connect(port)
      await half.got(5)
      await until('ready')
      process.kill(program.child.pid ?? 0, 'SIGTERM')
      assert.is(await whole.ended(), 'eof')
      await until('closing')
      assert.equal(await until('verdict'), { verdict: 'fin' })
      assert.is(half.ending, undefined)
      process.kill(program.child.pid ?? 0, 'SIGINT')
      assert.is(await half.ended(), 'reset')
      const { summaries } = (await until('summaries')) as { summaries: Summary[] }
      assert.equal([summaries[0]?.ended.fin, summaries[0]?.cause.abort], [1, 1])
      assert.equal(await soon('the end', program.died), { code: 0, signal: null })
    },
  )
}
