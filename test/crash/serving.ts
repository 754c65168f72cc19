// Serves with what Node has and the other runtimes copy: node:net, node:tls, node:http and node:https.
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import tls from 'node:tls'
import { floodBytes, partBytes, type Situation, type Transport, wholeBytes } from './cells.js'

/** What is to be served, and what is done with each connection. */
export interface Served {
  transport: Transport
  situation: Situation
  cert: string
  key: string
  /** Arms or guards a connection; before anything is written. */
  hold(socket: object): void
  /** Passes the handlers of a native socket through the adapter, where that needs it. */
  observe<T extends object>(handlers: T): T
  /** A connection has come as far as the situation says. */
  ready(): void
}

const content = (bytes: number): Buffer => Buffer.alloc(bytes, 'x')

const perSocket =
  ({ situation, hold, ready }: Served) =>
  (socket: Socket): void => {
    socket.on('error', () => undefined).resume()
    hold(socket)
    if (situation === 'finished') socket.end(content(wholeBytes), ready)
    else {
      socket.write(content(situation === 'flowing' ? floodBytes : partBytes))
      ready()
    }
  }

const perRequest =
  ({ situation, ready }: Served): RequestListener =>
  (_, response) => {
    response.on('error', () => undefined)
    response.socket?.on('error', () => undefined)
    if (situation === 'finished') response.writeHead(200, { connection: 'close' }).end(content(wholeBytes))
    else if (situation === 'keep-alive') response.end(content(wholeBytes))
    else {
      response.writeHead(200, { 'content-length': 2 * floodBytes })
      response.write(content(situation === 'flowing' ? floodBytes : partBytes))
    }
    ready()
  }

/** Listens on a port of its own; resolves to it. */
export function serveNode(served: Served): Promise<number> {
  const { transport, cert, key } = served
  const half = { allowHalfOpen: true }
  const servers: Partial<Record<Transport, () => Server>> = {
    net: () => net.createServer(half, perSocket(served)),
    tls: () => tls.createServer({ ...half, cert, key }, perSocket(served)),
    // An idle connection must not be closed by the server before the program dies.
    http: () => http.createServer({ keepAliveTimeout: 60_000 }, perRequest(served)),
    https: () => https.createServer({ cert, key, keepAliveTimeout: 60_000 }, perRequest(served)),
  }
  const server = servers[transport]?.()
  if (server === undefined) throw new Error(`node has no ${transport}`)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
