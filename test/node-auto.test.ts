// Tests finrst/auto: programs that know nothing of it go on as before, but what they leave incomplete is a reset.
import http2 from 'node:http2'
import { pathToFileURL } from 'node:url'
import tls from 'node:tls'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket } from 'ws'
import { backend } from '#adapter/libc'
import { factIf, soon } from './support/deadline.js'
import { serving } from './support/http-peer.js'
import { emitted, listening, portOf } from './support/pair.js'
import { Peer } from './support/peer.js'
import { programPath, type Running, startProgram, stopPrograms } from './support/programs.js'
import { RawClient } from './support/raw-client.js'
import { runtime } from './support/runtime.js'
import { certificate } from './support/secure-pair.js'
import { get } from './support/serving.js'

const other = runtime !== 'node' && 'finrst/auto is for Node'
const noCalls = other || (backend().name === 'none' && 'no system calls')

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

type Way = 'bare' | 'auto'

const start = async (way: Way, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Running> => {
  const hook = pathToFileURL(await programPath('auto-hook')).href
  return startProgram('auto-program', args, way === 'auto' ? { ...env, NODE_OPTIONS: `--import=${hook}` } : env)
}

/** The next that a program says; what it wrote to its error output if it dies first. */
const hears = async <T>(program: Running): Promise<T> => {
  const died = program.died.then(({ code, signal }) => {
    throw new Error(`it ended with ${signal ?? code}: ${program.errors()}`)
  })
  return soon('the program says something', Promise.race([program.next(), died])) as Promise<T>
}

const startServer = async (way: Way, name: string, env?: NodeJS.ProcessEnv): Promise<number> =>
  (await hears<{ port: number }>(await start(way, [name], env))).port

const endsWith = async (port: number, request: string): Promise<string> => {
  const link = await peer.connect(port)
  await link.tell('write', request)
  return link.ended()
}

// ---- Servers --------------------------------------------------------------------------------------------------------

factIf(noCalls, 'a handler that throws: end of file without, reset with it', async () => {
  assert.is(await endsWith(await startServer('bare', 'throws'), 'question'), 'eof')
  assert.is(await endsWith(await startServer('auto', 'throws'), 'question'), 'reset')
})

factIf(
  other,
  'an answer that breaks off: end of file without, reset with it, unless the variables say otherwise',
  async () => {
    const half = get('/half').replace('1.1', '1.0')
    assert.is(await endsWith(await startServer('bare', 'http'), half), 'eof')
    assert.is(await endsWith(await startServer('auto', 'http'), half), 'reset')
    assert.is(await endsWith(await startServer('auto', 'http', { FINRST_SERVERS: '0' }), half), 'eof')
  },
)

factIf(noCalls, 'the variables are the policy: a crash leaves what the kernel does', async () => {
  const env = { FINRST_PRESET: 'manual', FINRST_FLUSH_MS: '1000' }
  assert.is(await endsWith(await startServer('auto', 'throws', env), 'question'), 'eof')
})

factIf(other, 'a whole answer is the same with and without it', async () => {
  for (const way of ['bare', 'auto'] as const) {
    const link = await peer.connect(await startServer(way, 'answers'))
    await link.tell('write', 'question')
    assert.is(await link.ended(), 'eof', way)
    assert.is(link.bytes, 300_000, way)
  }
})

for (const name of ['express', 'fastify'] as const) {
  factIf(other, `${name}: answers over one connection as without it, and a reset for one that breaks off`, async () => {
    for (const way of ['bare', 'auto'] as const) {
      const port = await startServer(way, name)
      const client = new RawClient('http', port)
      const ask = async (request: string, answer: string): Promise<void> => {
        client.socket.write(request)
        await client.until((text) => text.includes(answer))
      }
      await ask(get('/hello'), 'hello')
      const body = JSON.stringify({ number: 41 })
      const headers = `Host: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      await ask(`POST /add HTTP/1.1\r\n${headers}${body}`, '{"number":42}')
      await ask(get('/missing'), '404 Not Found')
      client.socket.destroy()
      assert.is(await endsWith(port, get('/half')), way === 'auto' ? 'reset' : 'eof')
    }
  })
}

factIf(other, 'ws: messages and its closing handshake', async () => {
  const client = new WebSocket(`ws://127.0.0.1:${await startServer('auto', 'ws')}`)
  await emitted(client, 'open')
  const echoed = new Promise((resolve) => client.once('message', (data) => resolve(String(data))))
  client.send('one')
  assert.is(await soon('the echo', echoed), 'echo one')
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.close(1000)
  assert.is(await soon('the close', closed), 1000)
})

// ---- Clients --------------------------------------------------------------------------------------------------------

factIf(noCalls, 'a client that is killed in the middle of an upload: end of file without, reset with it', async () => {
  for (const [way, env, ending] of [
    ['bare', {}, 'eof'],
    ['auto', {}, 'reset'],
    ['auto', { FINRST_CLIENTS: '0' }, 'eof'],
  ] as const) {
    const { port, next } = await serving('http')
    const program = await start(way, ['upload', String(port)], env)
    assert.is((await next()).saw, 'upload')
    program.child.kill('SIGKILL')
    assert.is((await next()).saw, ending)
  }
})

factIf(noCalls, 'a client keeps its connection as without it, and is killed while it idles: end of file', async () => {
  for (const way of ['bare', 'auto'] as const) {
    const { port, next } = await serving('http')
    const program = await start(way, ['idle', String(port)])
    await hears(program)
    program.child.kill('SIGKILL')
    // The agent of Node 20 and later keeps connections by itself.
    assert.equal(await next(), { saw: 'eof', connection: 1, requests: 3 }, way)
  }
})

factIf(other, 'a request without an agent ends with an end of file', async () => {
  const { port, next } = await serving('http')
  await hears(await start('auto', ['once', String(port)]))
  assert.is((await next()).saw, 'eof')
})

factIf(other, 'TLS that begins on a connection, HTTP/2 and pipes go on as without it', async () => {
  const secure = tls.createServer({ ...certificate, allowHalfOpen: true }, (socket) => {
    socket.resume().once('end', () => socket.end(Buffer.alloc(300_000)))
  })
  await listening(secure)
  const session = http2.createSecureServer(certificate, (_, response) => void response.end('hello'))
  await listening(session)
  for (const way of ['bare', 'auto'] as const) {
    const told = async (...args: string[]): Promise<unknown> => hears(await start(way, args))
    assert.equal(await told('startTls', String(portOf(secure))), { text: 300_000 }, way)
    assert.equal(await told('askHttp2', String(portOf(session))), { text: 'hello' }, way)
    assert.equal(await told('pipe'), { text: 'hello' }, way)
  }
  secure.close()
  session.close()
})

// ---- Variables ------------------------------------------------------------------------------------------------------

for (const [name, value, words] of [
  ['FINRST_PRESET', 'loose', /^finrst: FINRST_PRESET .*"loose".*"compatible".*$/],
  ['FINRST_ON_DROP', '__proto__', /^finrst: FINRST_ON_DROP .*"__proto__".*"close".*"abort".*$/],
  ['FINRST_FLUSH_MS', '1e3', /^finrst: FINRST_FLUSH_MS .*"1e3".*2147483647.*$/],
  ['FINRST_DRAIN_MS', '0', /^finrst: FINRST_DRAIN_MS is 0; .*2147483647.*$/],
  ['FINRST_SERVERS', 'no', /^finrst: FINRST_SERVERS is "no"; expected "0" or "1"$/],
] as const) {
  factIf(other, `a program does not start with ${name}=${value}, and is told why`, async () => {
    const program = await start('auto', ['pipe'], { [name]: value })
    let said: unknown
    program.hear((message) => {
      said = message
    })
    assert.equal(await soon('it ends', program.died), { code: 2, signal: null })
    assert.match(program.errors().trim(), words)
    assert.is(said, undefined)
  })
}

test.run()
