// Tests finrst/auto with servers: programs that know nothing of it go on as before, but their failures are resets.
import http from 'node:http'
import http2 from 'node:http2'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket } from 'ws'
import { backend } from '#adapter/libc'
import { endsWith, hears, startServer, startWay, type Way, ways } from './support/auto.js'
import { factIf, soon } from './support/deadline.js'
import { emitted } from './support/pair.js'
import { Peer } from './support/peer.js'
import { startCommand, stopPrograms } from './support/programs.js'
import { RawClient } from './support/raw-client.js'
import { runtime } from './support/runtime.js'
import { certificate } from './support/secure-pair.js'
import { get, secureFor } from './support/serving.js'
import { factWith, runTool } from './support/tools.js'

const noCalls = backend().name === 'none' && 'no system calls'
/** Bun begins TLS on a connection unseen: it ends as the program has it. */
const lacking = runtime === 'bun' ? ['startTls'] : []
const guardedEnding = (way: Way, name: string): string => (way === 'auto' && !lacking.includes(name) ? 'reset' : 'eof')

const secureServer = JSON.stringify(certificate)

let peer: Peer
let securePeer: Peer
test.before(async () => {
  peer = await Peer.start()
  securePeer = await Peer.start('tls-peer-program')
})
test.after(stopPrograms)

const start = (way: Way, name: string, detail = '', env?: NodeJS.ProcessEnv) =>
  startServer(way, 'auto-program', [name, detail], env)

// ---- Failures -------------------------------------------------------------------------------------------------------

const failing: [name: string, what: string, request: string][] = [
  ['throws', 'net: a handler throws', 'question'],
  ['http', 'http: an answer breaks off', get('/half').replace('1.1', '1.0')],
  ['http', 'http: a handler throws in the middle of an answer', get('/throws').replace('1.1', '1.0')],
  ['express', 'express: a handler throws in the middle of an answer', get('/half').replace('1.1', '1.0')],
  ['fastify', 'fastify: a handler throws in the middle of an answer', get('/half').replace('1.1', '1.0')],
]

for (const [name, what, request] of failing) {
  factIf(noCalls, `${what}: end of file without, reset with it`, async () => {
    assert.is(await endsWith(peer, await start('bare', name), request), 'eof')
    assert.is(await endsWith(peer, await start('auto', name), request), 'reset')
  })
}

for (const name of ['https', 'startTls', 'handsOn'] as const) {
  factIf(noCalls, `${name}: what breaks off ends with an end of file without, and is a reset with it`, async () => {
    for (const way of ways) {
      const { port } = await start(way, name, secureServer)
      const link = await (name === 'handsOn' ? peer.connect(port) : securePeer.connect(port, secureFor('https')))
      await link.tell('write', get('/half'))
      assert.is(await link.ended(), guardedEnding(way, name), way)
    }
  })
}

factWith('curl', 'curl', 'curl takes half an answer for the whole without it, and fails with it', async () => {
  for (const [way, code] of [
    ['bare', 0],
    ['auto', 56],
  ] as const) {
    const { port } = await start(way, 'http')
    // Without a length or chunks the end of the connection is the end of the answer.
    const ended = await runTool(['curl', '-sS', '--http1.0', '--max-time', '30', `http://127.0.0.1:${port}/half`])
    assert.is(
      ended.code,
      noCalls && way === 'auto' && runtime === 'deno' ? ended.code : code,
      `${way}: ${ended.errors}`,
    )
    // A reset may overtake what was sent before it.
    if (way === 'bare') assert.is(ended.output, 'half')
  }
})

// ---- What stays as it was -------------------------------------------------------------------------------------------

factIf(false, 'a whole answer is the same with and without it', async () => {
  for (const way of ways) {
    const link = await peer.connect((await start(way, 'answers')).port)
    await link.tell('write', 'question')
    assert.is(await link.ended(), 'eof', way)
    assert.is(link.bytes, 300_000, way)
  }
})

const ask = (agent: http.Agent, port: number, path: string, body?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }
    const request = http.request({ agent, port, host: '127.0.0.1', path, method: body ? 'POST' : 'GET', headers })
    request.once('error', reject).once('response', (response) => {
      let text = String(response.statusCode)
      response.setEncoding('utf8').on('data', (more: string) => {
        text += ` ${more}`
      })
      // The agent takes the connection back in the turn that follows.
      response.once('end', () => setImmediate(() => resolve(text)))
    })
    request.end(body)
  })

for (const name of ['express', 'fastify'] as const) {
  factIf(false, `${name}: the same answers over the same number of connections`, async () => {
    const told: unknown[] = []
    for (const way of ways) {
      const { port } = await start(way, name)
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const answers = [await ask(agent, port, '/hello'), await ask(agent, port, '/add', '{"number":41}')]
      answers.push((await ask(agent, port, '/missing')).slice(0, 3), await ask(agent, port, '/connections'))
      agent.destroy()
      told.push(answers)
    }
    assert.equal(told[0], ['200 hello', '200 {"number":42}', '404', '200 {"connections":1}'])
    assert.equal(told[1], told[0])
  })
}

const open = async ({ port }: { port: number }): Promise<WebSocket> => {
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  await emitted(client, 'open')
  return client
}

const says = async (client: WebSocket, text: string): Promise<string> => {
  const echoed = new Promise((resolve) => client.once('message', (data) => resolve(String(data))))
  client.send(text)
  return (await soon('the echo', echoed)) as string
}

factIf(false, 'ws: messages and its closing handshake', async () => {
  for (const way of ways) {
    const client = await open(await start(way, 'ws'))
    assert.is(await says(client, 'one'), 'echo one')
    const closed = new Promise((resolve) => client.once('close', resolve))
    client.close(1000)
    assert.is(await soon('the close', closed), 1000, way)
  }
})

factIf(noCalls, 'ws: a handler that throws is a reset to its client', async () => {
  const upgrade = 'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
  const request = get('/', `${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`)
  for (const way of ways) {
    const client = new RawClient('http', (await start(way, 'ws')).port)
    client.socket.write(request)
    await client.until((text) => text.includes('101 Switching'))
    // A masked text frame of four bytes.
    client.socket.write(Buffer.concat([Buffer.from([0x81, 0x84, 0, 0, 0, 0]), Buffer.from('fail')]))
    assert.is(await client.ended(), guardedEnding(way, 'ws'), way)
  }
})

factIf(false, 'http2: requests over one session', async () => {
  for (const way of ways) {
    const { port } = await start(way, 'http2', secureServer)
    const session = http2.connect(`https://localhost:${port}`, { ca: certificate.cert })
    for (const _ of [1, 2]) {
      let text = ''
      const stream = session.request({ ':path': '/' }).setEncoding('utf8')
      stream.on('data', (more) => {
        text += more
      })
      await soon('the answer', emitted(stream, 'end'))
      assert.is(text, 'hello', way)
    }
    await soon('the session closes', new Promise<void>((resolve) => session.close(resolve)))
  }
})

factIf(false, 'a server that closes ends its idle connections with a FIN, and its process as ever', async () => {
  const told: unknown[] = []
  for (const way of ways) {
    const { port, program } = await start(way, 'closes')
    const client = new RawClient('http', port)
    client.socket.write(get('/'))
    await client.until((text) => text.includes('hello'))
    const exits = hears(program)
    program.child.kill('SIGTERM')
    told.push([await client.ended(), await exits])
    await soon('it ends', program.died)
  }
  assert.equal(told[0], ['eof', { exits: 0 }])
  assert.equal(told[1], told[0])
})

factIf(runtime !== 'node' && 'about modules of Node', 'a CommonJS program is guarded as well', async () => {
  const source = `
    const server = require('net').createServer((socket) => socket.once('data', () => {
      socket.write('half', () => { throw new Error('the handler fails') })
    }))
    server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))`
  for (const [way, flags] of [
    ['eof', []],
    ['reset', ['--import', 'finrst/auto']],
  ] as const) {
    const program = startCommand([process.execPath, ...flags, '--input-type=commonjs', '--eval', source])
    assert.is(await endsWith(peer, await hears(program), 'question'), noCalls ? 'eof' : way)
  }
})

factIf(noCalls, 'a server that is killed: end of file without, reset with it', async () => {
  for (const way of ways) {
    const { port, program } = await start(way, 'waits')
    const accepted = hears(program)
    const link = await peer.connect(port)
    await accepted
    program.child.kill('SIGKILL')
    assert.is(await link.ended(), way === 'auto' ? 'reset' : 'eof', way)
  }
})

// ---- Programs that guard for themselves -----------------------------------------------------------------------------

for (const copy of ['installed', 'own'] as const) {
  for (const how of ['guard', 'guardServer'] as const) {
    factIf(noCalls, `a program with ${how}() of its ${copy} copy has its own policy, and one verdict`, async () => {
      for (const way of ways) {
        const started = await start(way, 'guarding', `${copy} ${how}`)
        const verdicts: unknown[] = []
        started.program.hear((verdict) => verdicts.push(verdict))
        // A second verdict of the first connection would come before that of the second one.
        for (const _ of [1, 2]) {
          const verdict = hears(started.program)
          assert.is(await endsWith(peer, started, 'question'), 'reset', way)
          await verdict
        }
        const expected = { ended: 'reset', cause: 'drop' }
        assert.equal(verdicts, [expected, expected], way)
      }
    })
  }
}

// ---- Variables ------------------------------------------------------------------------------------------------------

factIf(noCalls, 'the variables are the policy: a crash leaves what the kernel does', async () => {
  const env = { FINRST_PRESET: 'manual', FINRST_FLUSH_MS: '1000' }
  assert.is(await endsWith(peer, await start('auto', 'throws', '', env), 'question'), 'eof')
})

factIf(false, 'servers are left alone where the variables say so', async () => {
  const half = get('/half').replace('1.1', '1.0')
  assert.is(await endsWith(peer, await start('auto', 'http', '', { FINRST_SERVERS: '0' }), half), 'eof')
})

const hasNodeFfi = (process.getBuiltinModule?.('node:ffi' as 'node:fs') as unknown) !== undefined
const alwaysCalls = (runtime !== 'node' || hasNodeFfi) && 'another way to the system calls cannot be left out'

factIf(alwaysCalls, 'where system calls are missed a program is told so, once, unless it wants none', async () => {
  for (const [wanted, warnings] of [
    ['node:ffi', 1],
    ['none', 0],
  ] as const) {
    const started = await start('auto', 'answers', '', { FINRST_BACKEND: wanted, NODE_NO_WARNINGS: '' })
    for (const _ of [1, 2]) assert.is(await endsWith(peer, started, 'question'), 'eof')
    const told = started.program.errors().match(/FinrstWarning: a crash of this program is no reset: no way/g) ?? []
    assert.is(told.length, warnings, started.program.errors())
  }
})

for (const [name, value, words] of [
  ['FINRST_PRESET', 'loose', /^finrst: FINRST_PRESET is "loose"; expected one of compatible, strict, manual$/],
  ['FINRST_ON_DROP', '__proto__', /^finrst: FINRST_ON_DROP is "__proto__"; expected one of close, abort$/],
  [
    'FINRST_ON_EXIT',
    'process.abort()',
    /^finrst: FINRST_ON_EXIT is "process.abort\(\)"; expected one of abort, close$/,
  ],
  [
    'FINRST_FLUSH_MS',
    '1e3',
    /^finrst: FINRST_FLUSH_MS is "1e3"; expected a whole number of milliseconds, 1 … 2147483647$/,
  ],
  ['FINRST_DRAIN_MS', '0', /^finrst: FINRST_DRAIN_MS is 0; expected a whole number of milliseconds, 1 … 2147483647$/],
  [
    'FINRST_DRAIN_CONNECTIONS',
    '-1',
    /^finrst: FINRST_DRAIN_CONNECTIONS is "-1"; expected a whole number of connections/,
  ],
  ['FINRST_SERVERS', 'no', /^finrst: FINRST_SERVERS is "no"; expected one of 0, 1$/],
  ['FINRST_BACKEND', 'libc', /^finrst: FINRST_BACKEND is "libc"; expected one of .*, none$/],
] as const) {
  factIf(false, `a program does not start with ${name}=${value}, and is told why`, async () => {
    const program = await startWay('auto', 'auto-program', ['answers'], { [name]: value })
    const said: unknown[] = []
    program.hear((message) => said.push(message))
    assert.equal(await soon('it ends', program.died), { code: 2, signal: null })
    assert.match(program.errors().trim(), words)
    assert.equal(said, [])
  })
}

test.run()
