// Tests guarded sockets under the servers and clients of node:http and node:https: what HTTP does stays as it was.
import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, type Verdict } from '#adapter/index'
import { backend } from '#adapter/libc'
import type { Plan, Report } from './support/crash-program.js'
import type { Death } from './support/death.js'
import { fact, factIf, isVariant, soon, throughBackend } from './support/deadline.js'
import { listening, portOf } from './support/pair.js'
import { type LinkOptions, Peer } from './support/peer.js'
import { startProgram, stopPrograms } from './support/programs.js'
import { RawClient as Client } from './support/raw-client.js'
import { runtime } from './support/runtime.js'
import { certificate } from './support/secure-pair.js'

const noCalls = backend().name === 'none' && 'no system calls'

let peers: Record<Kind, Peer>
test.before(async () => {
  peers = { http: await Peer.start(), https: await Peer.start('tls-peer-program') }
})
test.after(stopPrograms)

const secureFor = (kind: Kind): LinkOptions => (kind === 'http' ? {} : { tls: { ...certificate, version: 'TLSv1.3' } })

type Handler = (request: http.IncomingMessage, response: http.ServerResponse, held: Guard) => void
type Kind = 'http' | 'https'
const kinds: readonly Kind[] = ['http', 'https']

interface Serving {
  port: number
  server: http.Server
  guards: Guard[]
  close(): void
}

const create = (kind: Kind, listener?: http.RequestListener): http.Server =>
  kind === 'http' ? http.createServer(listener) : (https.createServer(certificate, listener) as http.Server)

/** A server whose connections are guarded when they are opened, or in the handler. */
const serve = async (kind: Kind, where: 'opened' | 'handler', handler: Handler): Promise<Serving> => {
  const guards: Guard[] = []
  const known = new Set<Guard>()
  const hold = (socket: net.Socket): Guard => {
    const held = guard(socket)
    if (!known.has(held)) guards.push(held)
    known.add(held)
    return held
  }
  const server = create(kind, (request, response) => handler(request, response, hold(request.socket)))
  if (where === 'opened') server.on(kind === 'http' ? 'connection' : 'secureConnection', hold)
  await listening(server)
  const close = (): void => {
    server.close()
    server.closeAllConnections?.()
  }
  return { port: portOf(server), server, guards, close }
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const answers = (text: string): number => text.split('HTTP/1.1 200').length - 1
const big = 'x'.repeat(2_000_000)

for (const kind of kinds) {
  for (const where of ['opened', 'handler'] as const) {
    const guarded = `${kind}, guarded ${where === 'opened' ? 'when it is opened' : 'in the handler'}`

    fact(`keep-alive serves one request after the other, and then the client ends: ${guarded}`, async () => {
      const { port, guards, close } = await serve(kind, where, ({ url }, response) => response.end(`answer to ${url}`))
      const client = new Client(kind, port)
      for (const path of ['/1', '/2', '/3']) {
        client.socket.write(get(path))
        await client.until((text) => text.includes(`answer to ${path}`))
        assert.is(guards[0]?.armed, !noCalls)
      }
      client.socket.end()
      assert.is(await client.ended(), 'eof')
      assert.is(guards.length, 1)
      assert.is((await guards[0]?.verdict)?.ended, 'fin')
      close()
    })

    fact(`pipelined requests are answered in order: ${guarded}`, async () => {
      const { port, close } = await serve(kind, where, ({ url }, response) => {
        if (url === '/1') setImmediate(() => response.end('<1>'))
        else response.end(`<${url?.slice(1)}>`)
      })
      const client = new Client(kind, port)
      client.socket.write(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'))
      assert.is(await client.ended(), 'eof')
      assert.is(answers(client.text), 3)
      assert.ok(/<1>.*<2>.*<3>/s.test(client.text))
      close()
    })

    fact(`Connection: close sends all of the answer and then end of file: ${guarded}`, async () => {
      const { port, guards, close } = await serve(kind, where, (_, response) => response.end(big))
      const client = new Client(kind, port)
      client.socket.write(get('/', 'Connection: close\r\n'))
      assert.is(await client.ended(), 'eof')
      assert.ok(client.text.endsWith(big))
      assert.is((await guards[0]?.verdict)?.ended, 'fin')
      close()
    })

    factIf(noCalls, `a handler that fails in the middle resets: ${guarded}`, async () => {
      const { port, guards, close } = await serve(kind, where, (_, response) => {
        response.writeHead(200, { 'Content-Length': '1000' })
        response.write('half', () => response.destroy(new Error('half way')))
      })
      // What a runtime makes of a reset under TLS must not matter here: the peer is another process.
      const link = await peers[kind].connect(port, secureFor(kind))
      await link.tell('write', get('/'))
      assert.is(await link.ended(), 'reset')
      const verdict = await guards[0]?.verdict
      assert.is(`${verdict?.ended}, cause ${verdict?.cause}`, 'reset, cause failure')
      close()
    })

    fact(`a connection that idles too long ends with end of file: ${guarded}`, async () => {
      const { port, server, guards, close } = await serve(kind, where, (_, response) => response.end('one'))
      server.keepAliveTimeout = 100
      const client = new Client(kind, port)
      client.socket.write(get('/'))
      assert.is(await client.ended(), 'eof')
      const [held] = guards
      const verdict = await held?.verdict
      // The server destroys it: where that sends no close_notify, the client may answer with a reset.
      if (held?.capabilities.endsWhenDropped.can) assert.is(`${verdict?.ended} by ${verdict?.by}`, 'fin by us')
      else assert.is(verdict?.by === 'kernel', false)
      close()
    })

    fact(`an upgrade hands the guarded socket over: ${guarded}`, async () => {
      const { port, server, close } = await serve(kind, where, (_, response) => response.end())
      server.on('upgrade', (_, socket: net.Socket) => {
        guard(socket)
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
        socket.on('data', (chunk) => socket.write(chunk))
        socket.on('end', () => socket.end('last'))
      })
      const client = new Client(kind, port)
      client.socket.write(get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n'))
      await client.until((text) => text.includes('101'))
      client.socket.write('ping')
      await client.until((text) => text.includes('ping'))
      client.socket.end()
      assert.is(await client.ended(), 'eof')
      assert.ok(client.text.endsWith('last'))
      close()
    })
  }

  fact(`a close sends the answer, and what is asked after it is read and thrown away: ${kind}`, async () => {
    let requests = 0
    let closed: Promise<Verdict> | undefined
    const { port, close } = await serve(kind, 'handler', (_, response, held) => {
      requests += 1
      response.end('answer', () => {
        closed = held.close({ confirm: 'peer' })
      })
    })
    const link = await peers[kind].connect(port, { keep: true, ...secureFor(kind) })
    await link.tell('write', get('/1'))
    assert.is(await link.ended(), 'eof')
    await link.tell('write', get('/2'))
    await link.tell('finish')
    assert.is((await closed)?.ended, 'fin')
    assert.is(requests, 1)
    close()
  })

  fact(`the socket of a client is guarded, keep-alive or not: ${kind}`, async () => {
    const server = create(kind, ({ url }, response) => response.end(url))
    await listening(server)
    const { Agent, request } = kind === 'http' ? http : https
    for (const keepAlive of [true, false]) {
      const errors: string[] = []
      const agent = new Agent({ keepAlive, ca: certificate.cert } as https.AgentOptions)
      const guards = new Set<Guard>()
      for (const path of ['/1', '/2']) {
        const to = { port: portOf(server), host: '127.0.0.1', path, agent: agent as http.Agent }
        const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
          request(to, resolve)
            .on('error', (error) => errors.push(error.message) && reject(error))
            .end()
        })
        guards.add(guard(response.socket))
        let text = ''
        for await (const chunk of response) text += String(chunk)
        assert.is(text, path)
        await new Promise((resolve) => setImmediate(resolve))
      }
      agent.destroy()
      if (runtime === 'node') assert.is(guards.size, keepAlive ? 1 : 2)
      for (const held of guards) {
        const verdict = await held.verdict
        // A server that has closed answers our close_notify with a reset.
        if ((keepAlive && held.capabilities.endsWhenDropped.can) || kind === 'http') assert.is(verdict.ended, 'fin')
        else assert.ok(verdict.ended === 'fin' || verdict.by === 'peer', JSON.stringify(verdict))
      }
      assert.equal(errors, [])
    }
    server.close()
    server.closeAllConnections?.()
  })
}

/** What the client of a program reads that dies in the middle of an answer. */
const endingOf = async (plan: Plan, how: Death): Promise<string> => {
  const program = await startProgram('crash-program', [JSON.stringify({ ...plan, http: true })])
  const first = (await soon('a port', program.next())) as Report
  const link = await peers.http.connect('port' in first ? first.port : 0)
  const ready = program.next()
  await link.tell('write', get('/'))
  await soon(`an answer; it wrote ${program.errors()}`, ready)
  program.tell(how)
  await soon(`the death by ${how}`, program.died)
  return link.ended()
}

for (const how of ['throw', 'reject', 'exit 0', 'SIGKILL'] as const) {
  factIf(noCalls, `death by ${how} in the middle of an answer resets`, async () => {
    assert.is(await endingOf({ guarded: true, bytes: 1000 }, how), 'reset')
  })
}

fact('the harm: unguarded, death by SIGKILL in the middle of an answer is an end of file', async () => {
  assert.is(await endingOf({ guarded: false, bytes: 1000 }, 'SIGKILL'), 'eof')
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 120_000)
}

test.run()
