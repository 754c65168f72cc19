// Tests express, fastify, hono and ws under guardServer(): what they do stays as it was, but their failures are resets.
import http from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { stream } from 'hono/streaming'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket, WebSocketServer } from 'ws'
import { guard, guardServer, type Policy } from '#adapter/index'
import { fact } from './support/deadline.js'
import { emitted, portOf } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { RawClient } from './support/raw-client.js'
import { runtime } from './support/runtime.js'
import { get, type Serving, serving } from './support/serving.js'

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

/** What both frameworks are asked: answers over one connection, JSON in and out, a failure before and in the answer. */
const smoke = async ({ port, guards }: Serving): Promise<void> => {
  const client = new RawClient('http', port)
  const ask = async (request: string, answer: string): Promise<void> => {
    client.socket.write(request)
    await client.until((text) => text.includes(answer))
  }
  await ask(get('/hello'), 'hello')
  const body = JSON.stringify({ number: 41 })
  const headers = `Host: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  await ask(`POST /add HTTP/1.1\r\n${headers}${body}`, '{"number":42}')
  await ask(get('/missing'), '404 Not Found')
  await ask(get('/fails'), '500 Internal Server Error')
  await ask(get('/hello'), 'hello')
  assert.is(guards.guards.size, 1, 'one connection served all of them')
  const link = await peer.connect(port)
  await link.tell('write', get('/breaks'))
  assert.is(await link.ended(), 'reset')
  const closing = guards.close({ within: 600_000, idleMs: 0 })
  assert.is(await client.ended(), 'eof')
  const { ended } = await closing
  assert.equal([ended.fin, ended.reset], [1, 1])
}

fact('express: keep-alive, bodies, errors before and in an answer, close()', async () => {
  const app = express()
  app.set('env', 'test')
  app.use(express.json())
  app.get('/hello', (_, response) => void response.send('hello'))
  app.post('/add', ({ body }, response) => void response.json({ number: body.number + 1 }))
  app.get('/fails', async () => {
    throw new Error('fails')
  })
  app.get('/breaks', (_, response) => {
    response.write('half')
    throw new Error('breaks')
  })
  await smoke(await serving(http.createServer(app)))
})

fact('fastify: keep-alive, bodies, errors before and in an answer, close()', async () => {
  const app = fastify()
  app.get('/hello', async () => 'hello')
  app.post('/add', async ({ body }) => ({ number: (body as { number: number }).number + 1 }))
  app.get('/fails', async () => {
    throw new Error('fails')
  })
  app.get('/breaks', (_, reply) => {
    reply.hijack()
    reply.raw.write('half', () => reply.raw.destroy(new Error('breaks')))
  })
  const guards = guardServer(app.server)
  await app.listen({ port: 0, host: '127.0.0.1' })
  await smoke({ port: portOf(app.server), guards } as Serving)
  await app.close()
})

fact('fastify: its own close() ends idle connections with a FIN', async () => {
  const app = fastify()
  app.get('/hello', async () => 'hello')
  const guards = guardServer(app.server)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = new RawClient('http', portOf(app.server))
  client.socket.write(get('/hello'))
  await client.until((text) => text.includes('hello'))
  await app.close()
  assert.is(await client.ended(), 'eof')
  assert.is((await guards.close()).ended.fin, 1)
})

type Env = { Bindings: HttpBindings }

/** A body that breaks off, as a response of the web standard has it. */
const breaking = (): ReadableStream<Uint8Array> => {
  const parts = ['half', 'way'].map((text) => new TextEncoder().encode(text)).values()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = parts.next()
      if (done) throw new Error('breaks')
      controller.enqueue(value)
    },
  })
}

/** hono as its node server serves it. */
const servingHono = (app: Hono<Env>, policy?: Policy): Promise<Serving<http.Server>> =>
  serving(createAdaptorServer({ fetch: app.fetch }) as http.Server, policy)

fact('hono: keep-alive, bodies, errors before and in an answer, close()', async () => {
  const app = new Hono<Env>()
  app.get('/hello', (c) => c.text('hello'))
  app.post('/add', async (c) => c.json({ number: (await c.req.json()).number + 1 }))
  app.get('/fails', () => {
    throw new Error('fails')
  })
  app.get('/breaks', (c) => c.body(breaking()))
  app.onError((_, c) => c.text('failed', 500))
  await smoke(await servingHono(app))
})

fact('hono: what its streaming helper catches it ends as if it were whole, unless onError says fail()', async () => {
  const app = new Hono<Env>()
  const half = async (it: { write(text: string): Promise<unknown> }): Promise<void> => {
    await it.write('half')
    throw new Error('breaks')
  }
  const failing =
    (c: Context<Env>) =>
    async (error: Error): Promise<void> =>
      void guard(c.env.incoming.socket).fail(error)
  app.get('/caught', (c) => stream(c, half, async () => undefined))
  app.get('/told', (c) => stream(c, half, failing(c)))
  const { port, guards } = await servingHono(app)
  const ended = async (path: string): Promise<string> => {
    const client = new RawClient('http', port)
    client.socket.write(get(path, 'Connection: close\r\n'))
    return `${await client.ended()} ${client.text.endsWith('0\r\n\r\n') ? 'whole' : 'cut'}`
  }
  assert.is(await ended('/caught'), 'eof whole')
  assert.is(await ended('/told'), 'reset cut')
  await guards.abort()
})

fact('hono: its early 413 is read by a client that goes on with its upload', async () => {
  const app = new Hono<Env>()
  app.post('/', bodyLimit({ maxSize: 1000 }), async (c) => c.text(`${(await c.req.text()).length} bytes`))
  // The verdict waits until all of the upload has been drained.
  const { port, guards, verdict } = await servingHono(app, { confirm: 'peer' })
  const client = new RawClient('http', port)
  const size = 10_000_000
  const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`
  client.socket.end(head + 'x'.repeat(size))
  assert.is(await client.ended(), 'eof')
  assert.match(client.text, /^HTTP\/1\.1 413 [\s\S]*Payload Too Large/)
  const { ended, cause } = await verdict()
  assert.is(`${ended}, ${cause}`, 'fin, close')
  await guards.abort()
})

/** Bun puts a `ws` of its own in place of the package, which ends its connections past their sockets. */
const wsEnded = runtime === 'bun' ? 'unknown' : 'fin'

fact('ws: messages, its closing handshake, and a server that closes', async () => {
  const server = http.createServer((_, response) => void response.end('plain'))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)))
  const { guards, port, verdict } = await serving(server)
  const open = async (): Promise<WebSocket> => {
    const client = new WebSocket(`ws://127.0.0.1:${port}`)
    await emitted(client, 'open')
    return client
  }
  const first = await open()
  const echoed = new Promise((resolve) => first.once('message', (data) => resolve(String(data))))
  first.send('one')
  assert.is(await echoed, 'echo one')
  const closed = new Promise((resolve) => first.once('close', resolve))
  first.close(1000)
  assert.is(await closed, 1000)
  assert.is((await verdict()).ended, wsEnded)
  const second = await open()
  const going = new Promise((resolve) => second.once('close', resolve))
  guards.on('closing', () => {
    for (const socket of sockets.clients) socket.close(1001)
  })
  const summary = await guards.close({ within: 600_000 })
  assert.is(await going, 1001)
  assert.equal([summary.ended[wsEnded], summary.ended.reset], [2, 0])
})

test.run()
