// Tests express, fastify and ws under guardServer(): what they do stays as it was, but their failures are resets.
import http from 'node:http'
import express from 'express'
import fastify from 'fastify'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket, WebSocketServer } from 'ws'
import { guardServer } from '#adapter/index'
import { fact, factIf } from './support/deadline.js'
import { emitted, portOf } from './support/pair.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { RawClient } from './support/raw-client.js'
import { runtime } from './support/runtime.js'
import { get, type Serving, serving } from './support/serving.js'

const bun = runtime === 'bun' && 'the connections of this http server cannot be guarded'

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

factIf(bun, 'express: keep-alive, bodies, errors before and in an answer, close()', async () => {
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

factIf(bun, 'fastify: keep-alive, bodies, errors before and in an answer, close()', async () => {
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

factIf(bun, 'fastify: its own close() ends idle connections with a FIN', async () => {
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

factIf(bun, 'ws: messages, its closing handshake, and a server that closes', async () => {
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
  assert.is((await verdict()).ended, 'fin')
  const second = await open()
  const going = new Promise((resolve) => second.once('close', resolve))
  guards.on('closing', () => {
    for (const socket of sockets.clients) socket.close(1001)
  })
  const summary = await guards.close({ within: 600_000 })
  assert.is(await going, 1001)
  assert.equal([summary.ended.fin, summary.ended.reset], [2, 0])
})

if (bun) {
  fact('there is nothing to test here, because guardServer() refuses such a server', () => {
    assert.throws(() => guardServer(http.createServer()), /finrst: server is an http server of Bun/)
  })
}

test.run()
