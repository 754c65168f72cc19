// Tests that no ordinary ending of HTTP loses a byte under a guard: 10 MB to a slow peer with a small receive buffer
// arrive whole, over http and https, whether the connection ends then or idles first, and then end of file.
import http from 'node:http'
import https from 'node:https'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, type Verdict } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { listening, portOf } from './support/pair.js'
import { type LinkOptions, Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'
import { certificate } from './support/secure-pair.js'

const noCalls = backend().name === 'none' && 'no system calls'
const size = 10_000_000
const bytes = Buffer.alloc(size, 'x')
const kinds = ['http', 'https'] as const
type Kind = (typeof kinds)[number]

let peers: Record<Kind, Peer>
test.before(async () => {
  peers = { http: await Peer.start(), https: await Peer.start('tls-peer-program') }
})
test.after(stopPrograms)

/** How the answer is sent, and what the peer asks with. */
const ways: Record<string, { send: (response: http.ServerResponse) => void; headers?: string }> = {
  'Connection: close, at once': { send: (response) => response.end(bytes), headers: 'Connection: close\r\n' },
  'Connection: close, in chunks': {
    send: (response) => {
      for (let at = 0; at < size; at += 100_000) response.write(bytes.subarray(at, at + 100_000))
      response.end()
    },
    headers: 'Connection: close\r\n',
  },
  'kept alive, and closed when it has idled': { send: (response) => response.end(bytes) },
  'HTTP/1.0 in its manner: the end of the connection is the end of the answer': {
    send: (response) => {
      response.useChunkedEncodingByDefault = false
      response.shouldKeepAlive = false
      response.end(bytes)
    },
  },
}

interface Ended {
  bytes: number
  ending: string
  sights: readonly string[]
  verdict: Verdict | undefined
}

const once = async (kind: Kind, name: string, guarded: boolean, how: LinkOptions = {}): Promise<Ended> => {
  const { send, headers = '' } = ways[name] as (typeof ways)[string]
  let verdict: Promise<Verdict> | undefined
  const listener: http.RequestListener = ({ socket }, response) => {
    const held = guarded ? guard(socket) : undefined
    held?.beginMessage()
    verdict = held?.verdict
    response.once('finish', () => held?.completeMessage())
    // Every answer is as long as any other.
    response.setHeader('Date', 'Thu, 26 Nov 2026 00:00:00 GMT')
    send(response)
  }
  const options = { keepAliveTimeout: 200 }
  const server =
    kind === 'http'
      ? http.createServer(options, listener)
      : https.createServer({ ...certificate, ...options }, listener)
  await listening(server)
  const tls = kind === 'http' ? {} : { tls: { ...certificate, version: 'TLSv1.3' as const } }
  const link = await peers[kind].connect(portOf(server), { ...tls, ...how })
  await link.tell('write', `GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`)
  const ending = await link.ended(60_000)
  server.close()
  return { bytes: link.bytes, ending, sights: link.sights, verdict: await verdict }
}

for (const kind of kinds) {
  for (const name of Object.keys(ways)) {
    fact(
      `every byte arrives, then end of file: ${kind}, ${name}`,
      async () => {
        const bare = await once(kind, name, false)
        assert.ok(bare.bytes > size)
        const { bytes: read, ending, sights, verdict } = await once(kind, name, true, { slow: true })
        const trace = `${read} of ${bare.bytes} bytes, ${sights.join()}; ${JSON.stringify(verdict)}`
        assert.is(ending, 'eof', trace)
        assert.is(read, bare.bytes, trace)
        assert.not.ok(sights.includes('reset'), trace)
        // A peer that has closed may answer our close_notify with a reset; no byte is lost then.
        if (kind === 'http') assert.is(verdict?.ended, 'fin', trace)
      },
      120_000,
    )
  }
}

factIf(noCalls, 'a response that was declared complete stays armed until the kernel has it', async () => {
  let held: Guard | undefined
  const server = http.createServer(({ socket }, response) => {
    held = guard(socket)
    held.beginMessage()
    response.end(bytes)
    held.completeMessage()
  })
  await listening(server)
  const link = await peers.http.connect(portOf(server), { paused: true })
  await link.tell('write', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.ok(await eventually(() => held !== undefined))
  // What other connections take their time for.
  await once('http', 'Connection: close, at once', false)
  assert.is(held?.armed, true)
  await link.tell('resume')
  await link.until('all of it', () => link.bytes > size, 60_000)
  assert.ok(await eventually(() => held?.armed === false))
  await held?.abort()
  server.close()
})

test.run()
