// Tests guardServer(): what it takes, which connections it guards, and how it closes them all.
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { closeOnSignals, guardServer } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf } from './support/deadline.js'
import { emitted } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { RawClient } from './support/raw-client.js'
import { runtime } from './support/runtime.js'
import { certificate } from './support/secure-pair.js'
import { get, kinds, secureFor, serving, servingHttp } from './support/serving.js'
import { refusalOf } from './support/words.js'

const alone = runtime === 'bun' && 'an http server of Bun takes no connection that another has accepted'
const idleAtOnce = runtime === 'bun' && 'Bun ends what is idle when its server closes'
const noCalls = backend().name === 'none' && 'no system calls'

let peer: Peer
let secure: Peer
test.before(async () => {
  peer = await Peer.start()
  secure = await Peer.start('tls-peer-program')
})
test.after(stopPrograms)

fact('bad input is refused by name, value and what is allowed, and the server is left as it was', () => {
  const server = net.createServer()
  assert.match(
    refusalOf(() => guardServer({} as net.Server)),
    /^TypeError: finrst: server is an object of type Object; expected/,
  )
  assert.match(
    refusalOf(() => guardServer(server, 'kind' as 'strict')),
    /TypeError: finrst: policy is "kind"; expected one of/,
  )
  assert.match(
    refusalOf(() => guardServer(server, undefined, { drainConnections: 0 })),
    /RangeError: finrst: options.drainConnections is 0; expected a whole number of connections, 1 … 1000000/,
  )
  assert.match(
    refusalOf(() => guardServer(server, undefined, { limit: 1 } as object)),
    /TypeError: finrst: options field is "limit"/,
  )
  assert.is(Object.hasOwn(server, 'emit'), false)
  const guards = guardServer(server)
  assert.match(
    refusalOf(() => guards.on('end' as 'closing', () => undefined)),
    /TypeError: finrst: event is "end"; expected one of/,
  )
  assert.match(
    refusalOf(() => guards.close({ within: 0 })),
    /RangeError: finrst: within is 0; expected/,
  )
  assert.match(
    refusalOf(() => closeOnSignals({} as typeof guards)),
    /TypeError: finrst: guards is an object/,
  )
  assert.is(guardServer(server), guards, 'one server, one guard')
})

fact('a server that has no connections closes at once, listening or not', async () => {
  assert.is((await guardServer(net.createServer()).close()).connections, 0)
  const { server, guards } = await serving(net.createServer())
  assert.is((await guards.close()).connections, 0)
  assert.is(server.listening, false)
})

fact('a connection of node:net is guarded before any listener sees it', async () => {
  const { guards, port, verdict } = await serving(
    net.createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write('half')
      socket.destroy(new Error('the handler fails'))
    }),
  )
  const link = await peer.connect(port)
  assert.is(await link.ended(), 'reset')
  const { ended, cause } = await verdict()
  assert.is(`${ended}, ${cause}`, 'reset, failure')
  assert.is(guards.guards.size, 0)
  await guards.abort()
})

factIf(noCalls, 'a connection of node:tls is guarded when its handshake is done', async () => {
  const server = tls.createServer(certificate, (socket) => {
    socket.on('error', () => undefined)
    socket.write('half', () => socket.destroy(new Error('the handler fails')))
  })
  const { guards, port } = await serving(server)
  const link = await secure.connect(port, secureFor('https'))
  assert.is(await link.ended(), 'reset')
  await guards.abort()
})

fact('close() waits for the owner of a plain connection, who hears of it, and then resets what is left', async () => {
  const sockets: net.Socket[] = []
  const { guards, port } = await serving(
    net.createServer((socket) => {
      socket.on('error', () => undefined).resume()
      socket.write('half')
      sockets.push(socket)
    }),
  )
  const links = [await peer.connect(port), await peer.connect(port)]
  for (const link of links) await link.got(4)
  guards.on('closing', () => sockets[0]?.end('the other half'))
  const summary = await guards.close({ within: 1000 })
  const endings = await Promise.all(links.map((link) => link.ended()))
  assert.equal(endings, ['eof', 'reset'])
  assert.equal([summary.connections, summary.ended.fin, summary.ended.reset], [2, 1, 1])
})

fact('close() ends at once what its owner has declared complete', async () => {
  const { guards, port, only, server } = await serving(net.createServer((socket) => void socket.resume()))
  const accepted = emitted(server, 'connection')
  const link = await peer.connect(port)
  await accepted
  only().beginMessage()
  only().completeMessage()
  const summary = await guards.close({ within: 600_000 })
  assert.is(await link.ended(), 'eof')
  assert.is(summary.ended.fin, 1)
})

factIf(alone, 'a connection that one guarded server hands on to another leaves both', async () => {
  const inner = http.createServer((_, response) => void response.end('hello'))
  const innerGuards = guardServer(inner)
  const outer = net.createServer((socket) => void inner.emit('connection', socket))
  const { guards, port, verdict } = await serving(outer)
  const link = await peer.connect(port, { keep: true })
  await link.tell('write', get('/', 'Connection: close\r\n'))
  assert.is(await link.ended(), 'eof')
  // The verdict comes first, and the peer's own end later.
  assert.is((await verdict()).ended, 'fin')
  await link.tell('finish')
  for (const each of [guards, innerGuards]) {
    await each.close({ within: 600_000 })
    assert.is(each.guards.size, 0)
  }
})

fact('abort() resets every connection', async () => {
  const { guards, port, server } = await serving(net.createServer((socket) => void socket.on('error', () => undefined)))
  const accepted = emitted(server, 'connection')
  const link = await peer.connect(port)
  await accepted
  const summary = await guards.abort()
  assert.is(await link.ended(), 'reset')
  assert.equal([summary.ended.reset, summary.cause.abort], [1, 1])
})

fact('a handshake that is never done does not hold close() beyond its time', async () => {
  const { guards, port, server } = await serving(tls.createServer(certificate))
  const accepted = emitted(server, 'connection')
  const link = await peer.connect(port)
  await accepted
  await guards.close({ within: 500 })
  await link.ended()
})

for (const kind of kinds) {
  fact(`close() lets an answer finish, with Connection: close, and ends idle connections: ${kind}`, async () => {
    const { guards, port, server } = await servingHttp(kind, ({ url }, response) => {
      if (url === '/idle') return void response.end('idle')
      guards.on('closing', () => setImmediate(() => response.end('finished')))
    })
    const idle = new RawClient(kind, port)
    idle.socket.write(get('/idle'))
    await idle.until((text) => text.includes('idle'))
    const busy = new RawClient(kind, port)
    const asked = emitted(server, 'request')
    busy.socket.write(get('/busy'))
    await asked
    const summary = await guards.close({ within: 600_000, idleMs: 0 })
    assert.is(await busy.ended(), 'eof')
    assert.match(busy.text, /Connection: close[\s\S]*finished/)
    assert.is(await idle.ended(), 'eof')
    assert.is(summary.ended.fin, 2)
    assert.is(guards.guards.size, 0)
  })

  factIf(idleAtOnce, `an idle connection may bring one more request while the server closes: ${kind}`, async () => {
    const { guards, port, server } = await servingHttp(
      kind,
      ({ url }, response) => void response.end(`answer to ${url}`),
    )
    const client = new RawClient(kind, port)
    client.socket.write(get('/1'))
    await client.until((text) => text.includes('answer to /1'))
    const closing = guards.close({ within: 600_000, idleMs: 60_000 })
    assert.is(server.listening, false)
    client.socket.write(get('/2'))
    assert.is(await client.ended(), 'eof')
    assert.match(client.text, /Connection: close[\s\S]*answer to \/2/)
    assert.is((await closing).ended.fin, 1)
  })

  factIf(
    runtime !== 'bun' && kind === 'https' && noCalls,
    `what is not finished in time is reset: ${kind}`,
    async () => {
      const { guards, port } = await servingHttp(kind, (_, response) => void response.write('half'))
      const from = kind === 'http' ? peer : secure
      const link = await from.connect(port, secureFor(kind))
      await link.tell('write', get('/'))
      await link.got(1)
      const summary = await guards.close({ within: 200 })
      assert.is(await link.ended(), 'reset')
      assert.is(summary.ended.reset, 1)
    },
  )
}

// ---- HTTP/2 ------------------------------------------------------------------------------------------------------

interface Http2 {
  client: http2.ClientHttp2Session
  ask(path: string): Promise<{ text: string; error: string }>
}

const connectHttp2 = (port: number, secured: boolean): Http2 => {
  const client = http2.connect(`${secured ? 'https' : 'http'}://127.0.0.1:${port}`, { ca: certificate.cert })
  client.on('error', () => undefined)
  const ask = (path: string): Promise<{ text: string; error: string }> =>
    new Promise((resolve) => {
      const stream = client.request({ ':path': path })
      let text = ''
      let error = ''
      stream.setEncoding('utf8').on('data', (more: string) => {
        text += more
      })
      stream.on('error', (it: NodeJS.ErrnoException) => {
        error = it.message
      })
      stream.on('close', () => resolve({ text, error: error || (stream.rstCode ? `code ${stream.rstCode}` : '') }))
      stream.end()
    })
  return { client, ask }
}

for (const secured of [false, true]) {
  const name = secured ? 'with TLS' : 'without TLS'
  const make = (): http2.Http2Server =>
    secured ? (http2.createSecureServer(certificate) as unknown as http2.Http2Server) : http2.createServer()

  fact(`HTTP/2: complete while no stream is open, closed by GOAWAY: ${name}`, async () => {
    const server = make()
    const streams: http2.ServerHttp2Stream[] = []
    server.on('stream', (stream) => {
      stream.respond()
      stream.write('half ')
      streams.push(stream)
    })
    const { guards, port, only } = await serving(server)
    const { client, ask } = connectHttp2(port, secured)
    const first = ask('/1')
    await emitted(server, 'stream')
    const held = only()
    assert.is(held.armed, !noCalls && held.capabilities.arm.can)
    const closed = emitted(streams[0] as http2.ServerHttp2Stream, 'close')
    streams[0]?.end('whole')
    assert.equal(await first, { text: 'half whole', error: '' })
    await closed
    // Where the kernel has a frame is asked for again and again.
    while (held.armed) await new Promise((resolve) => setTimeout(resolve, 1))
    const second = ask('/2')
    await emitted(server, 'stream')
    const away = emitted(client, 'goaway')
    const closing = guards.close({ within: 600_000 })
    await away
    streams[1]?.end('finished')
    assert.equal(await second, { text: 'half finished', error: '' })
    const summary = await closing
    assert.is(summary.ended.fin, 1, JSON.stringify(summary))
    client.close()
  })

  fact(`HTTP/2: a handler that rejects costs its stream alone: ${name}`, async () => {
    const server = make()
    const caught: unknown[] = []
    const hear = (error: unknown): void => void caught.push(error)
    process.on('unhandledRejection', hear)
    server.on('stream', async (stream, { ':path': path }) => {
      stream.respond()
      if (path === '/fine') return void stream.end('fine')
      stream.write('half')
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('the handler rejects')
    })
    const { guards, port } = await serving(server)
    const { client, ask } = connectHttp2(port, secured)
    const { error } = await ask('/fails')
    assert.ok(error !== '', 'the stream was reset')
    assert.equal(await ask('/fine'), { text: 'fine', error: '' })
    assert.is(guards.guards.size, 1)
    assert.is(caught.length, 1)
    process.off('unhandledRejection', hear)
    client.close()
    await guards.close()
  })
}

test.run()
