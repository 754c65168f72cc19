// Programs that know nothing of finrst: servers that answer or fail, and clients that stop in the middle or wait.
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import express from 'express'
import fastify from 'fastify'
import { WebSocketServer } from 'ws'
import { say } from './channel.js'

const [name = '', port = ''] = process.argv.slice(2)
const keepAlive = setInterval(() => undefined, 60_000)

const listen = (server: net.Server): void => {
  server.listen(0, '127.0.0.1', () => say({ port: (server.address() as net.AddressInfo).port }))
}

const answer: http.RequestListener = ({ url }, response) => {
  if (url === '/half') response.write('half', () => response.destroy())
  else response.end('hello')
}

const expressApp = (): http.RequestListener => {
  const app = express().set('env', 'test').use(express.json())
  app.get('/hello', (_, response) => void response.send('hello'))
  app.post('/add', ({ body }, response) => void response.json({ number: body.number + 1 }))
  app.get('/half', (_, response) => void response.write('half', () => response.destroy()))
  return app
}

const fastifyApp = async (): Promise<void> => {
  const app = fastify()
  app.get('/hello', async () => 'hello')
  app.post('/add', async ({ body }) => ({ number: (body as { number: number }).number + 1 }))
  app.get('/half', (_, reply) => {
    reply.hijack()
    reply.raw.write('half', () => reply.raw.destroy())
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  say({ port: (app.server.address() as net.AddressInfo).port })
}

const wsServer = (): net.Server => {
  const server = http.createServer(answer)
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(`echo ${String(data)}`))
  })
  return server
}

const url = `http://127.0.0.1:${port}/`
const get = (): Promise<void> =>
  new Promise((resolve, reject) => {
    http.get(url, (response) => response.resume().once('end', () => setImmediate(resolve))).once('error', reject)
  })

/** TLS over a connection that was there before, as mail and databases begin it. */
const startTls = async (): Promise<void> => {
  const below = net.connect(Number(port), '127.0.0.1')
  await new Promise((resolve) => below.once('connect', resolve))
  const socket = tls.connect({ socket: below, rejectUnauthorized: false, servername: 'localhost' })
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.once('end', () => say({ text: text.length }))
  socket.once('error', (error) => say({ error: error.message }))
  socket.end('question')
}

const askHttp2 = async (): Promise<void> => {
  const session = http2.connect(`https://localhost:${port}`, { rejectUnauthorized: false })
  session.once('error', (error) => say({ error: error.message }))
  const stream = session.request({ ':path': '/' })
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  await new Promise((resolve) => stream.once('end', resolve))
  session.close(() => say({ text }))
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
  http: () => listen(http.createServer(answer)),
  express: () => listen(http.createServer(expressApp())),
  fastify: fastifyApp,
  ws: () => listen(wsServer()),
  upload: () => {
    http.request(url, { method: 'POST', headers: { 'content-length': 1000 } }).write('a part')
  },
  idle: async () => {
    for (const _ of [1, 2, 3]) await get()
    say({ idle: true })
  },
  once: () =>
    http.get(url, { agent: false }, (response) => response.resume().once('end', () => say({ answered: true }))),
  startTls,
  askHttp2,
  pipe: () => {
    const path = process.platform === 'win32' ? `\\\\.\\pipe\\finrst-${process.pid}` : `/tmp/finrst-${process.pid}.sock`
    const server = net
      .createServer((socket) => socket.end('hello'))
      .listen(path, () => {
        net.connect(path).on('data', (chunk) => {
          server.close()
          say({ text: String(chunk) })
        })
      })
  },
}

await programs[name]?.()
void keepAlive
