// Tests a guarded server of HTTP of whose connections nobody wants to hear: one whose answers are whole at once has no
// guard, and none of its clients must be able to tell.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import http, { type RequestListener } from 'node:http'
import net from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Ending, guard, guardServer, type ServerGuard, type Verdict } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf } from './support/deadline.js'
import { emitted, listening, portOf } from './support/pair.js'
import { type Link, Peer } from './support/peer.js'
import { reportsOf, type Running, startProgram, stopPrograms } from './support/programs.js'
import { RawClient } from './support/raw-client.js'
import { get } from './support/serving.js'
import type { UnwatchedReport } from './support/unwatched-program.js'

const noCalls = backend().name === 'none' && 'no system calls'
const close = 'Connection: close\r\n'
const requests = [
  ['the last one', close],
  ['and more may follow', ''],
] as const

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

interface Served {
  server: http.Server
  guards: ServerGuard
  port: number
}

const serve = async (handler: RequestListener): Promise<Served> => {
  const server = http.createServer(handler)
  const guards = guardServer(server)
  await listening(server)
  return { server, guards, port: portOf(server) }
}

/** How a client's connection ends that sends this, and what its server counted. */
const endingOf = async (request: string, handler: RequestListener): Promise<string> => {
  const { guards, port } = await serve(handler)
  const link = await peer.connect(port)
  await link.tell('write', request)
  const ending = await link.ended()
  const { connections, ended } = await guards.close({ within: 2_000, idleMs: 0 })
  const [counted] = Object.entries(ended).filter(([, count]) => count > 0)
  return `${ending} ${link.bytes > 0 ? 'after bytes' : 'at once'}, ${connections} counted as ${counted?.[0]}`
}

const wholeAndFin = 'eof after bytes, 1 counted as fin'

fact('the last answer is whole, and then there is a FIN', async () => {
  assert.is(await endingOf(get('/', close), (_, response) => void response.end('whole')), wholeAndFin)
})

fact('so is one that is whole only later', async () => {
  const later: RequestListener = (_, response) => void setTimeout(() => response.end('whole'), 5)
  assert.is(await endingOf(get('/', close), later), wholeAndFin)
})

fact('so is one whose handler destroys the connection behind it', async () => {
  const hasty: RequestListener = ({ socket }, response) => {
    response.end('whole')
    socket.destroy()
  }
  assert.is(await endingOf(get('/', close), hasty), wholeAndFin)
})

fact('so is one whose handler ends the connection behind it', async () => {
  const hasty: RequestListener = ({ socket }, response) => {
    response.end('whole')
    socket.end()
  }
  assert.is(await endingOf(get('/'), hasty), wholeAndFin)
})

for (const [how, handler] of Object.entries<RequestListener>({
  'is destroyed in the middle': (_, response) => {
    response.write('half')
    response.destroy()
  },
  'is shorter than its header says': (_, response) => {
    response.setHeader('Content-Length', 10)
    response.end('half')
  },
  'gives way to resetAndDestroy()': ({ socket }, response) => {
    response.write('half')
    socket.resetAndDestroy()
  },
})) {
  for (const [which, header] of requests) {
    factIf(noCalls, `an answer that ${how} is a reset, ${which}`, async () => {
      assert.match(await endingOf(get('/', header), handler), /^reset .* 1 counted as reset$/)
    })
  }
}

// The bytes are in the kernel when write() returns, and nobody reads them before the answer is closed.
fact('what the client sends meanwhile does not reset its answer', async () => {
  let client: RawClient | undefined
  const { guards, port } = await serve((_, response) => {
    client?.socket.write('more'.repeat(100))
    response.end('x'.repeat(20_000))
  })
  client = new RawClient('http', port)
  client.socket.write(get('/', close))
  assert.is(await client.ended(), 'eof')
  assert.ok(client.text.length > 20_000)
  await guards.abort()
})

fact('several requests on one connection, and the client ends it', async () => {
  let connections = 0
  const { server, guards, port } = await serve((request, response) => void response.end(`to ${request.url}`))
  server.on('connection', () => {
    connections += 1
  })
  const client = new RawClient('http', port)
  for (const path of ['/1', '/2', '/3']) {
    client.socket.write(get(path))
    await client.until((text) => text.includes(`to ${path}`))
  }
  client.socket.end()
  assert.is(await client.ended(), 'eof')
  const { ended } = await guards.close({ within: 2_000, idleMs: 0 })
  assert.equal([connections, ended.fin], [1, 1])
})

fact("a listener of a socket's 'finish' hears it", async () => {
  let finished = 0
  const listens: RequestListener = ({ socket }, response) => {
    socket.once('finish', () => {
      finished += 1
    })
    response.end('whole')
  }
  assert.is(await endingOf(get('/', close), listens), wholeAndFin)
  assert.is(finished, 1)
})

factIf(noCalls, 'resetAndDestroy() between two requests is a reset, and told as one of ours', async () => {
  let socket: net.Socket | undefined
  const { guards, port } = await serve((request, response) => {
    socket = request.socket
    response.end('whole')
  })
  const client = new RawClient('http', port)
  client.socket.write(get('/'))
  await client.until((text) => text.includes('whole'))
  socket?.resetAndDestroy()
  assert.is(await client.ended(), 'reset')
  const { ended, cause } = await guards.close({ within: 2_000, idleMs: 0 })
  assert.equal([ended.reset, cause.abort], [1, 1])
})

for (const [who, request, answer] of [
  ['the client', get('/1', close), {}],
  ['the server', get('/1'), { connection: 'close' }],
] as const) {
  fact(`what is asked behind the last request, as ${who} says, does not reset its answer`, async () => {
    const { guards, port } = await serve((_, response) => void response.writeHead(200, answer).end('x'.repeat(20_000)))
    const link = await peer.connect(port, { slow: true })
    await link.tell('write', request + get('/2').repeat(50))
    assert.is(await link.ended(), 'eof')
    assert.ok(link.bytes > 20_000)
    await guards.abort()
  })
}

fact('an early answer to an upload is read to its end', async () => {
  const { guards, port } = await serve((_, response) => {
    response.writeHead(413, { connection: 'close' }).end('too large')
  })
  const link = await peer.connect(port)
  await link.tell('write', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n')
  for (let part = 0; part < 5; part += 1) await link.tell('write', 200_000)
  assert.is(await link.ended(), 'eof')
  assert.ok(link.bytes > 50)
  await guards.abort()
})

fact('what is uploaded behind an early answer does not reset it', async () => {
  let closed: Promise<unknown> | undefined
  const { guards, port } = await serve((_, response) => {
    closed = new Promise((resolve) => response.once('close', () => setImmediate(() => setImmediate(resolve))))
    response.writeHead(413, { connection: 'close' }).end('x'.repeat(20_000))
  })
  const link = await peer.connect(port, { paused: true })
  await link.tell('write', `POST / HTTP/1.1\r\nHost: a\r\n${close}Content-Length: 2000\r\n\r\n`)
  while (closed === undefined) await new Promise((resolve) => setImmediate(resolve))
  await closed
  await link.tell('write', 1_000)
  await link.tell('write', 1_000)
  await link.tell('resume')
  assert.is(await link.ended(), 'eof')
  assert.ok(link.bytes > 20_000)
  await guards.abort()
})

fact('an idle connection of a server that closes gets a FIN', async () => {
  const { guards, port } = await serve((_, response) => void response.end('whole'))
  const client = new RawClient('http', port)
  client.socket.write(get('/'))
  await client.until((text) => text.includes('whole'))
  const summary = await guards.close({ within: 5_000, idleMs: 10 })
  assert.is(await client.ended(), 'eof')
  assert.equal([summary.connections, summary.ended.fin], [1, 1])
})

fact('guard() gives the guard of a connection, which the server closes with the others', async () => {
  const verdicts: Promise<Verdict>[] = []
  const { guards, port } = await serve(({ socket }, response) => {
    verdicts.push(guard(socket).verdict)
    response.end('whole')
  })
  const client = new RawClient('http', port)
  client.socket.write(get('/', close))
  assert.is(await client.ended(), 'eof')
  assert.is((await verdicts[0])?.ended, 'fin')
  assert.is((await guards.close({ within: 2_000 })).connections, 1)
})

fact('who begins to listen late hears of the connections that are open', async () => {
  const { server, guards, port } = await serve((_, response) => void response.end('whole'))
  const client = new RawClient('http', port)
  await emitted(server, 'connection')
  const heard = new Promise<Verdict>((resolve) => guards.on('verdict', resolve))
  client.socket.write(get('/', close))
  assert.is((await heard).ended, 'fin')
  assert.is(await client.ended(), 'eof')
  await guards.abort()
})

fact('who begins to listen between two requests hears that the last answer was whole', async () => {
  const { guards, port } = await serve((_, response) => void response.end('whole'))
  const client = new RawClient('http', port)
  client.socket.write(get('/'))
  await client.until((text) => text.includes('whole'))
  const heard = new Promise<Verdict>((resolve) => guards.on('verdict', resolve))
  client.socket.end()
  assert.is((await heard).ended, 'fin')
  assert.is(await client.ended(), 'eof')
  await guards.abort()
})

fact('and so does who subscribes to the channel', async () => {
  const { server, guards, port } = await serve((_, response) => void response.end('whole'))
  const accepted = new Promise<object>((resolve) => server.once('connection', resolve))
  const client = new RawClient('http', port)
  const socket = await accepted
  let listener = (_: unknown): void => {}
  const heard = new Promise<Ending>((resolve) => {
    listener = (message) => resolve(message as Ending)
  })
  subscribe('finrst:verdict', listener)
  client.socket.write(get('/', close))
  const ending = await heard
  assert.is(ending.verdict.ended, 'fin')
  assert.is(ending.socket, socket)
  unsubscribe('finrst:verdict', listener)
  await guards.abort()
})

/** What clients do to a connection, by which it ends sooner or later. */
const conducts: ((socket: net.Socket) => void)[] = [
  (socket) => void socket.write(get('/', close)),
  (socket) => void socket.write(get('/later', close)),
  (socket) => void socket.write(get('/'), () => socket.end()),
  (socket) => void socket.write(get('/later'), () => socket.end()),
  (socket) => void socket.write(get('/'), () => setTimeout(() => socket.resetAndDestroy(), 5)),
  (socket) => void socket.write(get('/later'), () => socket.resetAndDestroy()),
  (socket) => void socket.write(get('/') + get('/') + get('/', close)),
  (socket) => void socket.write('no request at all\r\n\r\n'),
  (socket) => void socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n', () => socket.destroy()),
  (socket) => void socket.end(),
  (socket) => void socket.resetAndDestroy(),
  (socket) => void socket.write(get('/destroyed')),
]

fact('whatever clients do, every connection is counted once, and none is left', async () => {
  const { server, guards, port } = await serve(({ url, socket }, response) => {
    if (url === '/later') setTimeout(() => response.end('later'), 2)
    else if (url === '/destroyed') socket.destroy()
    else response.end('at once')
  })
  let accepted = 0
  server.on('connection', () => {
    accepted += 1
  })
  const visit = async (number: number): Promise<void> => {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined)
    const over = new Promise((resolve) => socket.once('close', resolve))
    socket.resume().once('connect', () => conducts[number % conducts.length]?.(socket))
    await over
  }
  const visits = 25 * conducts.length
  for (let number = 0; number < visits; number += conducts.length) {
    await Promise.all(conducts.map((_, which) => visit(number + which)))
  }
  const { connections, unguarded } = await guards.close({ within: 5_000, idleMs: 0 })
  assert.is(connections + unguarded, accepted)
  assert.is(guards.guards.size, 0)
})

factIf(noCalls, 'a policy that waits for the peer is obeyed', async () => {
  const server = http.createServer((_, response) => void response.end('whole'))
  const guards = guardServer(server, { confirm: 'peer' })
  await listening(server)
  const link = await peer.connect(portOf(server))
  await link.tell('write', get('/', close))
  assert.is(await link.ended(), 'eof')
  const { connections, delivery } = await guards.close({ within: 2_000, idleMs: 0 })
  assert.equal([connections, delivery.handed], [1, 0])
})

// ---- Deaths ---------------------------------------------------------------------------------------------------------

interface Asked {
  program: Running
  link: Link
  until(what: string, holds: (report: UnwatchedReport) => boolean): Promise<UnwatchedReport>
}

const asked = async (path: string, policy: object = {}, header = ''): Promise<Asked> => {
  const program = await startProgram('unwatched-program', [JSON.stringify(policy)])
  const until = reportsOf<UnwatchedReport>(program)
  const first = await until('a port', (it) => 'port' in it)
  const link = await peer.connect('port' in first ? first.port : 0, { paused: path === '/many' })
  await link.tell('write', get(path, header))
  await until(`${path} is asked`, (it) => 'asked' in it)
  return { program, link, until }
}

for (const [which, header] of requests) {
  for (const path of ['/blocks', '/blocks-half', '/never', '/many']) {
    factIf(noCalls, `${path}: a kill by a signal is a reset, ${which}`, async () => {
      const { program, link, until } = await asked(path, {}, header)
      if (path === '/many') await until('that it has returned', (it) => 'quiet' in it)
      if (path === '/never') await link.until('half an answer', () => link.bytes > 0)
      program.child.kill('SIGKILL')
      await program.died
      if (path === '/many') await link.tell('resume')
      assert.is(await link.ended(), 'reset')
    })
  }

  factIf(noCalls, `an exit in the middle of a handler is a reset, ${which}`, async () => {
    const { program, link } = await asked('/exits', {}, header)
    await program.died
    assert.is(await link.ended(), 'reset')
  })

  factIf(noCalls, `an exit behind a whole answer is a FIN, ${which}`, async () => {
    const { program, link } = await asked('/ends-and-exits', {}, header)
    await program.died
    assert.is(await link.ended(), 'eof')
    assert.ok(link.bytes > 0)
  })
}

factIf(noCalls, 'unless the policy says that both are a FIN', async () => {
  const exits = await asked('/exits', { onExit: 'close' })
  await exits.program.died
  assert.is(await exits.link.ended(), 'eof')
  const dies = await asked('/blocks', { onCrash: 'leave' })
  dies.program.child.kill('SIGKILL')
  await dies.program.died
  assert.is(await dies.link.ended(), 'eof')
})

for (const path of ['/whole', '/whole-watched']) {
  fact(`${path}: a kill by a signal between two requests is a FIN`, async () => {
    const { program, link, until } = await asked(path)
    await until('that it has been quiet', (it) => 'quiet' in it)
    program.child.kill('SIGKILL')
    await program.died
    assert.is(await link.ended(), 'eof')
  })
}

test.run()
