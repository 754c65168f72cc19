// Tests guardServer() with HTTP/1: an answer is whole or the client reads a reset, and between two answers it is a FIN.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PassThrough, pipeline } from 'node:stream'
import http, { type ServerResponse } from 'node:http'
import { guardServer } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, isVariant, throughBackend } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { emitted, listening, portOf } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { RawClient } from './support/raw-client.js'
import { runtime } from './support/runtime.js'
import { get, type Kind, kinds, secureFor, servingHttp } from './support/serving.js'

const bun = runtime === 'bun'
const noCalls = backend().name === 'none' && 'no system calls'
/** Without system calls TLS has no reset on Node and Deno. */
const cannotReset = (kind: Kind): string | false => !bun && kind === 'https' && noCalls
/** Nor has anything on Bun that is half-closed: Bun closes it. */
const cannotResetHalfClosed = (kind: Kind): string | false => (bun || kind === 'https') && noCalls
/** Bun lets go of an idle connection itself when the client has half-closed. */
const idleEnd = bun ? 'drop' : 'close'
/** It reads the connection through the request alone. */
const staysPaused = bun && 'Bun reads no further than a request that is paused'
const big = 'x'.repeat(2_000_000)

let peers: Record<Kind, Peer>
test.before(async () => {
  peers = { http: await Peer.start(), https: await Peer.start('tls-peer-program') }
})
test.after(stopPrograms)

/** What a client reads, in another process, of one request to this handler. */
const endingOf = async (
  kind: Kind,
  request: string,
  handler: (response: ServerResponse) => void,
): Promise<{ ending: string; cause: string; bytes: number }> => {
  const { guards, verdict, port } = await servingHttp(kind, (_, response) => handler(response))
  const link = await peers[kind].connect(port, secureFor(kind))
  await link.tell('write', request)
  const ending = await link.ended()
  const { ended, cause } = await verdict()
  await guards.abort()
  return { ending, cause: `${ended}, ${cause}`, bytes: link.bytes }
}

for (const kind of kinds) {
  const secure = kind === 'https' ? 'https' : 'http'

  fact(`a connection is armed while an answer is under way and at no other time: ${secure}`, async () => {
    const answers: ServerResponse[] = []
    const { guards, port, only, server } = await servingHttp(kind, (_, response) => void answers.push(response))
    const client = new RawClient(kind, port)
    await emitted(server, kind === 'http' ? 'connection' : 'secureConnection')
    const held = only()
    assert.ok(await eventually(() => !held.armed), 'nothing was asked yet')
    for (const path of ['/1', '/2']) {
      client.socket.write(get(path))
      await emitted(server, 'request')
      assert.is(held.armed, !noCalls)
      const answer = answers.shift() as ServerResponse
      const closed = emitted(answer, 'close')
      answer.end(`answer to ${path}`)
      await client.until((text) => text.includes(`answer to ${path}`))
      await closed
      assert.ok(await eventually(() => !held.armed), 'it has been quiet for a moment')
    }
    client.socket.end()
    assert.is(await client.ended(), 'eof')
    assert.is((await held.verdict).ended, 'fin')
    await guards.abort()
  })

  fact(`pipelined answers come in order, and only the last completes the connection: ${secure}`, async () => {
    const answers: ServerResponse[] = []
    const { guards, port, only } = await servingHttp(kind, (_, response) => {
      answers.push(response)
      if (answers.length < 3) return
      // The last is ready first.
      answers[2]?.end('<3>')
      answers[1]?.end('<2>')
      setImmediate(() => answers[0]?.end('<1>'))
    })
    const client = new RawClient(kind, port)
    client.socket.write(get('/1') + get('/2') + get('/3'))
    await client.until((text) => text.includes('<3>'))
    assert.ok(/<1>.*<2>.*<3>/s.test(client.text))
    assert.ok(await eventually(() => !only().armed))
    client.socket.end()
    assert.is(await client.ended(), 'eof')
    await guards.abort()
  })

  fact(`what was asked after the last answer of a connection does not harm it: ${secure}`, async () => {
    const { guards, port, verdict } = await servingHttp(kind, ({ url }, response) => {
      response.setHeader('Connection', 'close')
      if (url === '/1') setImmediate(() => response.end(big))
    })
    const client = new RawClient(kind, port)
    client.socket.write(get('/1') + get('/2') + get('/3'))
    assert.is(await client.ended(), 'eof')
    assert.ok(client.text.endsWith(big))
    assert.is((await verdict()).ended, 'fin')
    await guards.abort()
  })

  for (const [name, request, headers] of [
    ['until the end of file', 'GET / HTTP/1.0\r\n\r\n', {}],
    ['with Connection: close', get('/', 'Connection: close\r\n'), {}],
    ['with a Content-Length', get('/'), { 'Content-Length': 1_000_000 }],
    ['in chunks', get('/'), {}],
  ] as const) {
    factIf(cannotReset(kind), `a body ${name} that is destroyed in the middle resets: ${secure}`, async () => {
      const { ending, cause } = await endingOf(kind, request, (response) => {
        response.writeHead(200, headers)
        response.write('half', () => response.destroy())
      })
      assert.is(ending, 'reset')
      assert.is(cause, 'reset, drop')
    })

    factIf(cannotReset(kind), `a body ${name} whose source breaks off resets: ${secure}`, async () => {
      const { ending } = await endingOf(kind, request, (response) => {
        response.writeHead(200, headers)
        const source = new PassThrough()
        source.write('half')
        pipeline(source, response, () => undefined)
        response.once('pipe', () => undefined)
        setTimeout(() => source.destroy(new Error('the disk is gone')), 20)
      })
      assert.is(ending, 'reset')
    })
  }

  factIf(cannotReset(kind), `a body shorter than its Content-Length resets: ${secure}`, async () => {
    for (const connection of ['', 'Connection: close\r\n']) {
      const { ending, cause } = await endingOf(kind, get('/', connection), (response) => {
        response.writeHead(200, { 'Content-Length': 1000 })
        response.end('short')
      })
      assert.is(`${ending}: ${cause}`, 'reset: reset, failure')
    }
  })

  fact(`what has no body promises none: HEAD, 204, 304, trailers: ${secure}`, async () => {
    const { guards, port, verdict } = await servingHttp(kind, ({ url }, response) => {
      if (url === '/head') response.writeHead(200, { 'Content-Length': 1000 }).end()
      else if (url === '/304') response.writeHead(304, { 'Content-Length': 1000 }).end()
      else if (url === '/204') response.writeHead(204).end()
      else {
        response.writeHead(200, { Trailer: 'Sum' }).write('body')
        response.addTrailers({ Sum: 'trailing' })
        response.end()
      }
    })
    const client = new RawClient(kind, port)
    const ask = async (request: string, answered: string): Promise<void> => {
      client.socket.write(request)
      await client.until((text) => text.includes(answered))
    }
    await ask(get('/head').replace('GET', 'HEAD'), '1000')
    await ask(get('/304'), '304 Not Modified')
    await ask(get('/204'), '204 No Content')
    await ask(get('/trailers'), 'Sum: trailing')
    client.socket.end()
    assert.is(await client.ended(), 'eof')
    const { ended, cause } = await verdict()
    assert.is(`${ended}, ${cause}`, `fin, ${idleEnd}`)
    await guards.abort()
  })

  factIf(staysPaused, `an early answer to an upload whose reader has paused is read: ${secure}`, async () => {
    const { guards, port, verdict } = await servingHttp(
      kind,
      (request, response) => {
        request.once('data', () => {
          request.pause()
          response.writeHead(413, { Connection: 'close' }).end('too large')
        })
      },
      { confirm: 'peer' },
    )
    const client = new RawClient(kind, port)
    const size = 8_000_000
    client.socket.end(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`)
    assert.is(await client.ended(), 'eof')
    assert.match(client.text, /^HTTP\/1\.1 413 [\s\S]*too large/)
    const { ended, cause } = await verdict()
    assert.is(`${ended}, ${cause}`, 'fin, close')
    await guards.abort()
  })

  fact(`an answer that is ended is whole, although its connection is destroyed at once: ${secure}`, async () => {
    const { guards, port, verdict } = await servingHttp(kind, (request, response) => {
      response.end('all of it')
      request.destroy()
    })
    const client = new RawClient(kind, port)
    client.socket.write(get('/'))
    assert.is(await client.ended(), 'eof')
    assert.ok(client.text.endsWith('all of it'))
    assert.is((await verdict()).ended, 'fin')
    await guards.abort()
  })

  factIf(
    cannotResetHalfClosed(kind),
    `a client that half-closes gets all of an answer or a reset: ${secure}`,
    async () => {
      for (const [policy, when, expected] of [
        [undefined, 'ended', 'eof'],
        [undefined, 'later', 'reset'],
        [{ onPeerFin: 'keep' }, 'later', 'eof'],
        ['strict', 'later', 'eof'],
      ] as const) {
        // Bun, which keeps such a connection, tells nobody that its client has half-closed.
        let finishLater = (): void => undefined
        const { guards, port, server } = await servingHttp(
          kind,
          (request, response) => {
            response.write('half ')
            const finish = (): void => void response.end(big)
            if (when === 'ended') finish()
            else if (bun && expected === 'eof') finishLater = finish
            else request.socket.once('end', () => setTimeout(finish, 20))
          },
          policy,
        )
        const link = await peers[kind].connect(port, secureFor(kind))
        const asked = emitted(server, 'request')
        await link.tell('write', 'GET / HTTP/1.0\r\n\r\n')
        await asked
        await link.tell('finish')
        finishLater()
        assert.is(await link.ended(), expected, `${JSON.stringify(policy)}, ${when}`)
        if (expected === 'eof') assert.ok(link.bytes > big.length)
        await guards.abort()
      }
    },
  )

  fact(`a request that cannot be read is answered with 400, and nothing resets: ${secure}`, async () => {
    const { guards, port, verdict } = await servingHttp(kind, (_, response) => response.end())
    const client = new RawClient(kind, port)
    client.socket.write('this is no HTTP\r\n\r\n')
    assert.is(await client.ended(), 'eof')
    assert.match(client.text, /^HTTP\/1\.1 400 Bad Request/)
    assert.is((await verdict()).ended, 'fin')
    await guards.abort()
  })

  fact(`the owner may answer what cannot be read: ${secure}`, async () => {
    const { guards, port, server } = await servingHttp(kind, (_, response) => response.end())
    server.on('clientError', (_, socket) => socket.end('HTTP/1.1 418 No\r\n\r\n'))
    const client = new RawClient(kind, port)
    client.socket.write('this is no HTTP\r\n\r\n')
    assert.is(await client.ended(), 'eof')
    assert.match(client.text, /^HTTP\/1\.1 418 No/)
    await guards.abort()
  })

  fact(`100-continue is sent as without a guard, and checkContinue is asked: ${secure}`, async () => {
    for (const asked of [false, true]) {
      const { guards, port, server } = await servingHttp(kind, (request, response) => {
        request.on('end', () => response.end('thanks')).resume()
      })
      if (asked) {
        server.on('checkContinue', (request, response) => {
          response.writeContinue()
          server.emit('request', request, response)
        })
      }
      const client = new RawClient(kind, port)
      client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n')
      await client.until((text) => text.includes('100 Continue'))
      client.socket.write('body')
      await client.until((text) => text.includes('thanks'))
      client.socket.end()
      assert.is(await client.ended(), 'eof')
      await guards.abort()
    }
  })

  fact(`an upgrade and a tunnel are handed over with an ordinary guard: ${secure}`, async () => {
    for (const [event, request] of [
      ['upgrade', get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n')],
      ['connect', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ] as const) {
      const { guards, port, server, only } = await servingHttp(kind, (_, response) => response.end())
      server.on(event, (_, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
        socket.on('data', (chunk: Buffer) => socket.write(chunk))
        socket.on('end', () => socket.end('last'))
      })
      const client = new RawClient(kind, port)
      client.socket.write(request)
      await client.until((text) => text.includes('101'))
      client.socket.write('ping')
      await client.until((text) => text.includes('ping'))
      assert.is(only().armed, !noCalls)
      client.socket.end()
      assert.is(await client.ended(), 'eof')
      assert.ok(client.text.endsWith('last'))
      await guards.abort()
    }
  })

  fact(`a server without listeners for them does with upgrade and CONNECT what it always did: ${secure}`, async () => {
    const { guards, port } = await servingHttp(kind, (_, response) => response.end('ordinary'))
    const client = new RawClient(kind, port)
    client.socket.write(get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n'))
    await client.until((text) => text.includes('ordinary'))
    client.socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.is(await client.ended(), 'eof')
    await guards.abort()
  })
}

fact('a connection that was there before its server was guarded is guarded with its next request', async () => {
  const server = http.createServer(({ url }, response) => response.end(`answer to ${url}`))
  await listening(server)
  const client = new RawClient('http', portOf(server))
  client.socket.write(get('/1'))
  await client.until((text) => text.includes('answer to /1'))
  const guards = guardServer(server)
  assert.is(guards.guards.size, 0)
  client.socket.write(get('/2'))
  await client.until((text) => text.includes('answer to /2'))
  assert.is(guards.guards.size, 1)
  client.socket.end()
  assert.is(await client.ended(), 'eof')
  assert.is((await guards.close()).ended.fin, 1)
})

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 120_000)
}

test.run()
