// A program with a guarded server of HTTP of which nobody wants to hear a verdict; its handlers do as their path says.
import http from 'node:http'
import type net from 'node:net'
import { guardServer, type Policy } from '#adapter/index'
import { say } from './channel.js'

/** What it reports. */
export type UnwatchedReport = { port: number } | { asked: string } | { quiet: true }

const forSeconds = (seconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * seconds)
}
const many = 'x'.repeat(8_000_000)

// The connection is looked at twice, 10 ms after each other: so each of these fires behind one of those looks.
const whenQuiet = (then: () => void): void => void setTimeout(() => setTimeout(then, 11), 11)

const handlers: Record<string, (response: http.ServerResponse) => void> = {
  '/whole': (response) => {
    response.once('close', () => setImmediate(() => whenQuiet(() => say({ quiet: true }))))
    response.end('whole')
  },
  '/blocks': () => forSeconds(20),
  '/blocks-half': (response) => {
    response.writeHead(200, { connection: 'close' })
    response.write('half')
    forSeconds(20)
  },
  '/exits': () => process.exit(3),
  '/ends-and-exits': (response) => {
    response.end('whole')
    process.exit(3)
  },
  '/many': (response) => {
    response.end(many)
    setImmediate(() => say({ quiet: true }))
  },
  '/never': (response) => void response.write('half'),
}

const server = http.createServer((request, response) => {
  say({ asked: request.url })
  handlers[request.url ?? '']?.(response)
})
guardServer(server, JSON.parse(process.argv[2] ?? '{}') as Policy)
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as net.AddressInfo).port }))
