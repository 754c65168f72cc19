// Tests finrst/auto with clients: what they give up is a reset, what they have done ends as before.
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { hears, startWay, ways } from './support/auto.js'
import { factIf, soon } from './support/deadline.js'
import { hiddenReset } from './support/descriptors.js'
import { serving } from './support/http-peer.js'
import { listening, portOf } from './support/pair.js'
import { stopPrograms } from './support/programs.js'
import { runtime } from './support/runtime.js'
import { certificate } from './support/secure-pair.js'

const noCalls = backend().name === 'none' && 'no system calls'
const hidden = runtime !== 'node' && 'the fetch of this runtime shows no sockets'
test.after(stopPrograms)

const start = (way: 'bare' | 'auto', name: string, port = 0, env: NodeJS.ProcessEnv = {}) =>
  startWay(way, 'auto-client-program', [name, String(port)], env)

factIf(noCalls, 'a client that is killed in the middle of an upload: end of file without, reset with it', async () => {
  for (const [way, env, ending] of [
    ['bare', {}, 'eof'],
    ['auto', {}, 'reset'],
    ['auto', { FINRST_CLIENTS: '0' }, 'eof'],
  ] as const) {
    const { port, next } = await serving('http')
    const program = await start(way, 'upload', port, env)
    assert.is((await next()).saw, 'upload')
    program.child.kill('SIGKILL')
    assert.is((await next()).saw, ending, way)
  }
})

for (const [name, kind] of [
  ['connects', 'http'],
  ['connectsTls', 'https'],
] as const) {
  factIf(noCalls, `${name}: a client that is killed: end of file without, reset with it`, async () => {
    for (const way of ways) {
      const { port, next } = await serving(kind)
      const program = await start(way, name, port)
      assert.is((await next()).saw, 'upload')
      program.child.kill('SIGKILL')
      assert.is((await next()).saw, way === 'auto' ? 'reset' : 'eof', way)
    }
  })
}

factIf(noCalls, 'a client that gives up in the middle of an upload: end of file without, reset with it', async () => {
  for (const way of ways) {
    const { port, next } = await serving('http')
    const program = await start(way, 'givesUp', port)
    assert.is((await next()).saw, 'upload')
    program.tell('give up')
    assert.is((await next()).saw, way === 'auto' ? 'reset' : 'eof', way)
  }
})

factIf(noCalls || hidden, 'fetch: a client that is killed in the middle of an upload is a reset with it', async () => {
  for (const way of ways) {
    const { port, next } = await serving('http')
    const program = await start(way, 'fetches', port)
    assert.is((await next()).saw, 'upload')
    program.child.kill('SIGKILL')
    assert.is((await next()).saw, way === 'auto' ? 'reset' : 'eof', way)
  }
})

factIf(
  noCalls || hidden,
  'fetch: a client keeps its connection, and is killed while it idles: end of file',
  async () => {
    for (const way of ways) {
      const { port, next } = await serving('http')
      const program = await start(way, 'fetchesIdle', port)
      await hears(program)
      program.child.kill('SIGKILL')
      assert.equal(await next(), { saw: 'eof', connection: 1, requests: 3 }, way)
    }
  },
)

factIf(noCalls, 'a client keeps its connection as without it, and is killed while it idles: end of file', async () => {
  for (const way of ways) {
    const { port, next } = await serving('http')
    const program = await start(way, 'idle', port)
    await hears(program)
    program.child.kill('SIGKILL')
    // The global agent keeps connections by itself.
    assert.equal(await next(), { saw: 'eof', connection: 1, requests: 3 }, way)
  }
})

factIf(false, 'a program ends when nothing is left to do, and its idle connection with it: end of file', async () => {
  for (const way of ways) {
    const { port, next } = await serving('http')
    const program = await start(way, 'asks', port)
    assert.equal(await soon('it ends', program.died), { code: 0, signal: null }, `${way}: ${program.errors()}`)
    assert.equal(await next(), { saw: 'eof', connection: 1, requests: 3 }, way)
  }
})

factIf(false, 'a request without an agent ends with an end of file', async () => {
  const { port, next } = await serving('http')
  await hears(await start('auto', 'once', port))
  assert.is((await next()).saw, 'eof')
})

/** Reads one connection, keeps its own side open, and answers what was read and how it ended. */
const readingOne = async (): Promise<{
  port: number
  read: Promise<[text: string, ending: string]>
  close(): void
}> => {
  const server = net.createServer({ allowHalfOpen: true })
  await listening(server)
  server.unref()
  let accepted: net.Socket | undefined
  const read = new Promise<[string, string]>((resolve) => {
    server.once('connection', (socket) => {
      accepted = socket.unref()
      let text = ''
      socket.setEncoding('utf8').on('data', (more) => {
        text += more
      })
      socket.once('end', () => resolve([text, hiddenReset(socket) ? 'reset' : 'eof']))
      socket.once('error', () => resolve([text, 'reset']))
    })
  })
  const close = (): void => {
    accepted?.destroy()
    server.close()
  }
  return { port: portOf(server), read, close }
}

factIf(false, 'a client that leaves ends with its last byte, whatever its peer does', async () => {
  for (const way of ways) {
    const { port, read, close } = await readingOne()
    // The peer keeps its side open, and what waits for its FIN would wait for weeks.
    const bounds = { FINRST_DRAIN_IDLE_MS: '2000000000', FINRST_DRAIN_MS: '2000000000' }
    const program = await start(way, 'leaves', port, bounds)
    assert.equal(await soon('it ends', program.died), { code: 0, signal: null }, program.errors())
    assert.equal(await read, ['all of it', 'eof'], way)
    close()
  }
})

factIf(false, 'a session of HTTP/2 is left alone: a client that is killed is an end of file', async () => {
  for (const way of ways) {
    const { port, read, close } = await readingOne()
    const program = await start(way, 'opensHttp2', port)
    await hears(program)
    program.child.kill('SIGKILL')
    assert.is((await read)[1], 'eof', way)
    close()
  }
})

factIf(false, 'TLS that begins on a connection, HTTP/2 and pipes go on as without it', async () => {
  const endings: string[] = []
  const secure = tls.createServer({ ...certificate, allowHalfOpen: true }, (socket) => {
    socket.once('data', () => socket.end(Buffer.alloc(300_000)))
    socket.once('end', () => endings.push('end')).once('error', () => endings.push('error'))
  })
  await listening(secure)
  const session = http2.createSecureServer(certificate, (_, response) => void response.end('hello'))
  await listening(session)
  for (const each of [secure, session]) each.unref()
  for (const way of ways) {
    for (const [name, port, answer] of [
      ['startTls', portOf(secure), { bytes: 300_000 }],
      ['askHttp2', portOf(session), { text: 'hello' }],
      ['pipe', 0, { text: 'hello' }],
    ] as const) {
      const program = await start(way, name, port)
      assert.equal(await hears(program), answer, `${way} ${name}`)
      assert.equal(await soon('it ends', program.died), { code: 0, signal: null }, `${way} ${name}`)
    }
  }
  await soon('the server is left', new Promise((resolve) => secure.close(resolve)))
  assert.equal(endings, ['end', 'end'])
  session.close()
})

test.run()
