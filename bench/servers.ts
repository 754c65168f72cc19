// A server of HTTP: requests over kept-alive connections, and a connection for each request, guarded against bare.
import http from 'node:http'
import net from 'node:net'
import { guardServer } from '../adapters/node/index.js'
import { comparePairs, type Pair } from './pairs.js'

const body = Buffer.alloc(1024, 'x')
const parallel = 8
const request = (connection: string): string => `GET / HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`

interface Serving {
  port: number
  stop(): Promise<unknown>
}

async function serve(guarded: boolean): Promise<Serving> {
  const server = http.createServer((_, response) => {
    response.setHeader('Content-Length', body.length)
    response.end(body)
  })
  const guards = guarded ? guardServer(server) : undefined
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async (): Promise<unknown> =>
    guards?.close({ idleMs: 0 }) ?? new Promise((resolve) => server.close(resolve))
  return { port: (server.address() as net.AddressInfo).port, stop }
}

// Asks again and again over one connection; an answer ends with the last byte of its body.
function keepAsking(port: number, more: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.once('close', () => (asking ? reject(new Error('a request was not answered')) : resolve()))
    let length = 0
    let asking = false
    let expected = Number.POSITIVE_INFINITY
    const ask = (): void => {
      length = 0
      asking = more()
      if (asking) socket.write(request('keep-alive'))
      else socket.end()
    }
    socket.on('data', (chunk) => {
      if (length === 0) expected = chunk.indexOf('\r\n\r\n') + 4 + body.length
      length += chunk.length
      if (length >= expected) ask()
    })
    ask()
  })
}

function askOnce(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    socket.resume()
    socket.write(request('close'))
  })
}

/** Microseconds of a request. */
async function microseconds(guarded: boolean, count: number, keepAlive: boolean): Promise<number> {
  const { port, stop } = await serve(guarded)
  let left = count
  const more = (): boolean => left-- > 0
  const started = process.hrtime.bigint()
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      if (keepAlive) return keepAsking(port, more)
      while (more()) await askOnce(port)
    }),
  )
  const spent = Number(process.hrtime.bigint() - started) / 1000
  await stop()
  return spent / count
}

/** Bare over guarded in time, which is guarded over bare in throughput. */
export async function benchServers(rounds: number, count: number): Promise<Map<string, Pair>> {
  const pairs = new Map<string, Pair>()
  for (const [name, keepAlive, each] of [
    ['keep-alive', true, count * 10],
    ['a connection for each request', false, count],
  ] as const) {
    for (const guarded of [true, false]) await microseconds(guarded, each, keepAlive)
    pairs.set(
      name,
      await comparePairs(
        rounds,
        () => microseconds(false, each, keepAlive),
        () => microseconds(true, each, keepAlive),
      ),
    )
  }
  return pairs
}
