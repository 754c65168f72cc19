// Clients that know nothing of finrst: they stop in the middle, wait, leave, or speak something else than plain TCP.
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { say } from './channel.js'

const [name = '', port = ''] = process.argv.slice(2)
const url = `http://127.0.0.1:${port}/`

const get = (): Promise<void> =>
  new Promise((resolve, reject) => {
    http.get(url, (response) => response.resume().once('end', () => setImmediate(resolve))).once('error', reject)
  })

const asks = async (): Promise<void> => {
  for (const _ of [1, 2, 3]) await get()
}

/** Until it is killed. */
const wait = (): void => void setInterval(() => undefined, 60_000)

const upload = (): http.ClientRequest => {
  const request = http.request(url, { method: 'POST', headers: { 'content-length': 1000 } })
  request.on('error', () => undefined).write('a part')
  return request
}

/** TLS over a connection that was there before, as mail and databases begin it. */
const startTls = async (): Promise<void> => {
  const below = net.connect(Number(port), '127.0.0.1')
  await new Promise((resolve) => below.once('connect', resolve))
  const socket = tls.connect({ socket: below, rejectUnauthorized: false, servername: 'localhost' })
  let bytes = 0
  socket.on('data', (chunk) => {
    bytes += chunk.length
  })
  socket.once('end', () => say({ bytes }))
  socket.once('error', (error) => say({ error: error.message }))
  // Its own end is the runtime's, when the server's has come.
  socket.write('question')
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

const pipe = (): void => {
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\finrst-${process.pid}` : `/tmp/finrst-${process.pid}.sock`
  const server = net
    .createServer((socket) => socket.end('hello'))
    .listen(path, () => {
      net.connect(path).on('data', (chunk) => {
        server.close()
        say({ text: String(chunk) })
      })
    })
}

const programs: Record<string, () => unknown> = {
  upload: () => {
    upload()
    wait()
  },
  connects: () => {
    const socket = net.connect(Number(port), '127.0.0.1')
    socket.on('connect', () => socket.write('a part'))
    wait()
  },
  connectsTls: () => {
    // A server of TLS 1.3 sends tickets after the handshake: unread, they would make a reset of any death.
    const versions = { maxVersion: 'TLSv1.2' } as const
    const socket = tls.connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false, ...versions })
    socket.on('secureConnect', () => socket.write('a part'))
    wait()
  },
  // It gives up by itself, at the test's word, and goes on.
  givesUp: () => {
    const request = upload()
    process.stdin.once('data', () => request.destroy())
    wait()
  },
  fetches: () => {
    const body = new ReadableStream({
      start: (to) => to.enqueue(new TextEncoder().encode('a part')),
    })
    void fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit).catch(() => undefined)
    wait()
  },
  asks,
  fetchesIdle: async () => {
    for (const _ of [1, 2, 3]) {
      await (await fetch(url)).text()
      // undici takes the connection back in the turn that follows.
      await new Promise((resolve) => setImmediate(resolve))
    }
    say({ idle: true })
    wait()
  },
  idle: async () => {
    await asks()
    say({ idle: true })
    wait()
  },
  once: () =>
    http.get(url, { agent: false }, (response) => response.resume().once('end', () => say({ answered: true }))),
  // Whatever the peer does, nothing keeps this program any longer.
  leaves: () => {
    const socket = net.connect(Number(port), '127.0.0.1')
    socket.once('connect', () => socket.write('all of it', () => socket.destroy()))
  },
  opensHttp2: () => {
    http2.connect(url).once('connect', () => say({ connected: true }))
    wait()
  },
  startTls,
  askHttp2,
  pipe,
}

await programs[name]?.()
