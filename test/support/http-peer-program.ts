// A server in a process of its own that answers GET at once and no upload, and reports how each connection ends.
//
// TLS is behind a connection of its own inside of this process: a reset that meets TLS may pass for an end of file, so
// the end is taken from the connection that the client has.
import net from 'node:net'
import tls from 'node:tls'
import type { Certificate } from './certificate.js'
import { say } from './channel.js'
import { hiddenReset } from './descriptors.js'

/** What it says. */
export type HttpSight = { port: number } | { saw: 'upload' | 'eof' | 'reset'; connection: number; requests: number }

interface Connection {
  id: number
  requests: number
}

const [certificate] = process.argv.slice(2).map((text) => JSON.parse(text) as Certificate)
// undici takes one or two seconds less than it is told.
const answer = 'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=4\r\nContent-Length: 2\r\n\r\nhi'
let connections = 0

const tell = (saw: 'upload' | 'eof' | 'reset', { id, requests }: Connection): void =>
  say({ saw, connection: id, requests } satisfies HttpSight)

const answerTo = (socket: net.Socket, connection: Connection): void => {
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    const text = chunk.toString('latin1')
    for (const [, method] of text.matchAll(/(GET|POST) \S+ HTTP/g)) {
      connection.requests += 1
      if (method === 'GET') socket.write(answer)
    }
    if (text.includes('part')) tell('upload', connection)
  })
}

const watch = (socket: net.Socket): Connection => {
  connections += 1
  const connection = { id: connections, requests: 0 }
  let ended = false
  const end = (saw: 'eof' | 'reset'): void => {
    if (!ended) tell(saw, connection)
    ended = true
  }
  socket.on('end', () => {
    end(hiddenReset(socket) ? 'reset' : 'eof')
    socket.end()
  })
  socket.on('error', () => end('reset'))
  return connection
}

/** By the port that they come from. */
const inside = new Map<number, Connection>()
const secure = tls.createServer({ ...certificate, allowHalfOpen: true }, (socket) => {
  answerTo(socket, inside.get(socket.remotePort ?? 0) ?? { id: 0, requests: 0 })
})

const server = net.createServer((socket) => {
  const connection = watch(socket)
  if (certificate === undefined) return answerTo(socket, connection)
  const inner = net.connect((secure.address() as net.AddressInfo).port, '127.0.0.1', () => {
    inside.set(inner.localPort ?? 0, connection)
    socket.on('data', (chunk) => inner.write(chunk))
  })
  inner.on('data', (chunk) => socket.write(chunk)).on('error', () => undefined)
  socket.on('close', () => inner.destroy())
})
secure.listen(0, '127.0.0.1', () =>
  server.listen(0, '127.0.0.1', () => say({ port: (server.address() as net.AddressInfo).port } satisfies HttpSight)),
)
