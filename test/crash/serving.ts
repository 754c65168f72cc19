// Serves with what Node has and the other runtimes copy: node:net, node:tls, node:http and node:https.
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import tls from 'node:tls'
import { floodBytes, partBytes, type Situation, type Transport, wholeBytes } from './cells.js'

/** What a guard is told of the messages of a connection, and what it has made of that. */
export interface Messages {
  readonly armed: boolean
  beginMessage(): void
  completeMessage(): void
}

/** What is to be served, and what is done with each connection. */
export interface Served {
  transport: Transport
  situation: Situation
  cert: string
  key: string
  /** Arms or guards a connection; before anything is written. Answers its guard, if it has one. */
  hold(socket: object): Messages | undefined
  /** Passes the handlers of a native socket through the adapter, where that needs it. */
  observe<T extends object>(handlers: T): T
  /** The guarded server of the runtime, and what it is to be given; undefined: nothing is guarded. */
  serve: { by: (...values: never[]) => unknown; policy: string } | undefined
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

/** Calls back when the guard has seen that all is in the kernel; without a guard at once. */
export const whenDisarmed = (held: Messages | undefined, then: () => void): void => {
  if (held?.armed) setTimeout(() => whenDisarmed(held, then), 1)
  else then()
}

// An exchange of HTTP is a message: behind a response that is complete the connection may end at any time.
const perRequest =
  ({ situation, hold, ready }: Served): RequestListener =>
  ({ socket }, response) => {
    const held = hold(socket)
    held?.beginMessage()
    socket.on('error', () => undefined)
    response
      .on('error', () => undefined)
      .once('finish', () => {
        held?.completeMessage()
        whenDisarmed(held, ready)
      })
    if (situation === 'finished') response.writeHead(200, { connection: 'close' }).end(content(wholeBytes))
    else if (situation === 'keep-alive') response.end(content(wholeBytes))
    else {
      response.writeHead(200, { 'content-length': 2 * floodBytes })
      response.write(content(situation === 'flowing' ? floodBytes : partBytes))
      ready()
    }
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
