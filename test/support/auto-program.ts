// Servers that know nothing of finrst, but for those that guard for themselves: they answer, break off, fail, or stop.
import diagnostics from 'node:diagnostics_channel'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import express from 'express'
import fastify from 'fastify'
import { WebSocketServer } from 'ws'
import * as ownCopy from '#adapter/index'
import type { Certificate } from './certificate.js'
import { say } from './channel.js'

const [name = '', detail = ''] = process.argv.slice(2)
const certificate = (): Certificate => JSON.parse(detail) as Certificate

const listen = (server: net.Server): void => {
  server.listen(0, '127.0.0.1', () => say({ port: (server.address() as net.AddressInfo).port }))
}

let connections = 0
const counted = (server: net.Server): net.Server =>
  server.on('connection', () => {
    connections += 1
  })

const answer = ({ url }: { url?: string | undefined }, response: http.ServerResponse): void => {
  if (url === '/half') response.write('half', () => response.destroy())
  else if (url === '/throws') {
    response.write('half', () => {
      throw new Error('the handler fails')
    })
  } else response.end('hello')
}

const expressApp = (): http.RequestListener => {
  const app = express().set('env', 'test').use(express.json())
  app.get('/hello', (_, response) => void response.send('hello'))
  app.post('/add', ({ body }, response) => void response.json({ number: body.number + 1 }))
  app.get('/connections', (_, response) => void response.json({ connections }))
  app.get('/half', (_, response) => {
    response.write('half', () => {
      throw new Error('the handler fails')
    })
  })
  return app
}

const fastifyApp = async (): Promise<void> => {
  const app = fastify()
  app.get('/hello', async () => 'hello')
  app.post('/add', async ({ body }) => ({ number: (body as { number: number }).number + 1 }))
  app.get('/connections', async () => ({ connections }))
  app.get('/half', (_, reply) => {
    reply.hijack()
    reply.raw.write('half', () => {
      throw new Error('the handler fails')
    })
  })
  counted(app.server)
  await app.listen({ port: 0, host: '127.0.0.1' })
  say({ port: (app.server.address() as net.AddressInfo).port })
}

const wsServer = (): net.Server => {
  const server = http.createServer(answer)
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (data) => {
      socket.send(`echo ${String(data)}`, () => {
        if (String(data) === 'fail') throw new Error('the handler fails')
      })
    })
  })
  return server
}

/** A server that finrst guards besides: by the copy that is installed, or by the one in this bundle. */
const guarding = async (): Promise<void> => {
  const [copy, how] = detail.split(' ')
  const installed: string = 'finrst'
  const { guard, guardServer } = copy === 'own' ? ownCopy : ((await import(installed)) as typeof ownCopy)
  diagnostics.subscribe('finrst:verdict', (ending) => {
    const { ended, cause } = (ending as { verdict: ownCopy.Verdict }).verdict
    say({ ended, cause })
  })
  const server = net.createServer((socket) => {
    if (how === 'guard') guard(socket, 'strict')
    // Compatible, it would be a FIN; strict, it is none.
    socket.once('data', () => socket.write('whole', () => socket.destroy()))
  })
  if (how === 'guardServer') guardServer(server, 'strict')
  listen(server)
}

const programs: Record<string, () => unknown> = {
  throws: () =>
    listen(
      net.createServer((socket) => {
        socket.write('half')
        socket.once('data', () => {
          throw new Error('the handler fails')
        })
      }),
    ),
  answers: () => listen(net.createServer((socket) => socket.once('data', () => socket.end(Buffer.alloc(300_000))))),
  waits: () => listen(net.createServer(() => say({ accepted: true }))),
  http: () => listen(http.createServer(answer)),
  https: () => listen(https.createServer(certificate(), answer)),
  http2: () => listen(http2.createSecureServer(certificate(), (_, response) => void response.end('hello'))),
  // One server takes the connection, another one gets it: as those do that tell protocols apart.
  handsOn: () => {
    const inner = http.createServer(answer)
    listen(net.createServer((socket) => void inner.emit('connection', socket)))
  },
  startTls: () =>
    listen(
      net.createServer((socket) => {
        const secure = new tls.TLSSocket(socket, { ...certificate(), isServer: true })
        secure
          .on('error', () => undefined)
          .on('data', () => secure.write('half', () => secure.destroy(new Error('fails'))))
      }),
    ),
  express: () => listen(counted(http.createServer(expressApp()))),
  fastify: fastifyApp,
  ws: () => listen(wsServer()),
  guarding,
  closes: () => {
    const server = http.createServer(answer)
    process.once('SIGTERM', () => server.close())
    process.once('exit', (code) => say({ exits: code }))
    listen(server)
  },
}

await programs[name]?.()
