// Tests finrst audit: what it finds of real servers, that it keeps its bounds, and that it contacts nobody else.
import { readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { audit, boundsOf, parseAddress } from '../conformance/audit/audit.js'
import { Connection } from '../conformance/audit/connection.js'
import { readAnswers } from '../conformance/audit/http.js'
import { httpProbes } from '../conformance/audit/http-probes.js'
import { tcpProbes } from '../conformance/audit/tcp-probes.js'
import { loadTable } from '../conformance/files.js'
import { servers } from './audit/servers.js'
import { buildCommandLine, finrst, folder, validator, within } from './support/command-line.js'
import { fact, factIf } from './support/deadline.js'

test.before(buildCommandLine)
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** Each server's findings; where a race of the server decides, every one that was seen. */
interface Expected {
  server: string
  findings: Record<string, string[]>
}

const waitMs = 6000

for (const { name, missing, start } of servers) {
  const body = async (): Promise<void> => {
    const server = await start()
    try {
      const options = { address: `127.0.0.1:${server.port}`, http: true, path: '/', waitMs }
      const found = await audit(options, () => undefined)
      const expected: Expected = JSON.parse(readFileSync(join('test/audit/expected', `${name}.json`), 'utf8'))
      assert.equal(found.findings.map(({ probe }) => probe).sort(), Object.keys(expected.findings).sort())
      for (const { probe, level, says } of found.findings) {
        const told = `${level}: ${says}`
        assert.ok(
          expected.findings[probe]?.includes(told),
          `${name}, ${probe}: ${told}; expected ${expected.findings[probe]}`,
        )
      }
      const bounds = boundsOf(options)
      assert.ok(found.connections <= bounds.connections && found.sentBytes <= bounds.sendBytes)
    } finally {
      await server.stop()
    }
  }
  const title = `the findings about ${name} are those that are recorded`
  if (missing !== undefined && process.env.CI !== undefined) fact(title, () => assert.unreachable(missing))
  else factIf(missing ?? false, title, body, 150_000)
}

/** A server of one sort of connections; counts them and where they came from. */
const serve = async (
  onConnection: (socket: net.Socket) => void,
): Promise<{ port: number; came: () => number; stop(): void }> => {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    came: () => sockets.size,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const levelsOf = async (http: boolean, onConnection: (socket: net.Socket) => void): Promise<Record<string, string>> => {
  const server = await serve(onConnection)
  try {
    const found = await audit({ address: `127.0.0.1:${server.port}`, http, path: '/', waitMs: 800 }, () => undefined)
    assert.is(server.came(), found.connections)
    return Object.fromEntries(found.findings.map(({ probe, level }) => [probe, level]))
  } finally {
    server.stop()
  }
}

fact('a server that sends a part and then FIN is told as bad in every probe that it answers', async () => {
  const levels = await levelsOf(true, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf'))
    socket.resume()
  })
  for (const probe of ['answer', 'half-close', 'pipelined', 'bad-request', 'idle-behind-answer', 'half-request']) {
    assert.is(levels[probe], 'bad', probe)
  }
})

fact('a server that resets behind its answers is told so', async () => {
  const levels = await levelsOf(true, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nwhole', () => socket.resetAndDestroy())
    })
  })
  assert.is(levels.answer, 'bad')
  assert.is(levels['early-reply'], 'risk')
  assert.is(levels.pipelined, 'risk')
})

fact('a server that answers what it must not, or nobody after a reset, is told as bad', async () => {
  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  const both = await levelsOf(true, (socket) => {
    socket.once('data', () => socket.end(ok + ok))
    socket.resume()
  })
  assert.is(both.pipelined, 'bad')
  let count = 0
  const broken = await levelsOf(true, (socket) => {
    count += 1
    if (count < 7) socket.once('data', () => socket.end(ok))
    socket.resume()
  })
  assert.is(broken.answer, 'good')
  assert.is(broken.abort, 'bad')
})

fact('a server on TCP is asked without a word of HTTP', async () => {
  let text = ''
  const graceful = await levelsOf(false, (socket) => {
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
    })
    socket.on('end', () => socket.end())
  })
  assert.equal(graceful, { 'half-close': 'good', unread: 'good', abort: 'good', idle: 'note' })
  assert.match(text, /^x+\.?$/)
  const rude = await levelsOf(false, (socket) => {
    socket.on('end', () => socket.resetAndDestroy())
    socket.resume()
  })
  assert.is(rude['half-close'], 'risk')
})

fact('a reset behind a FIN is seen', async () => {
  const server = await serve((socket) => {
    // Paused, so that bytes lie unread when it closes: FIN at the end, RST at the close.
    socket.pause()
    socket.once('readable', () => undefined)
    socket.end('bye', () => setTimeout(() => socket.destroy(), 50))
  })
  try {
    const connection = await Connection.open({ name: 'test', host: '127.0.0.1', port: server.port }, 200_000)
    connection.send(new Uint8Array(150_000))
    assert.is(await connection.ending(5000), 'fin')
    await connection.lookBehindFin(500)
    assert.ok(connection.resetLater)
    connection.release()
  } finally {
    server.stop()
  }
})

test('answers are read whole, in parts, in chunks, and without a length', () => {
  const read = (text: string, ...methods: string[]) =>
    readAnswers(Buffer.from(text), methods).map(({ status, complete }) => [status, complete])
  const ok = 'HTTP/1.1 200 OK\r\n'
  assert.equal(read(`${ok}Content-Length: 2\r\n\r\nokHTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n`, 'GET', 'GET'), [
    [200, true],
    [404, true],
  ])
  assert.equal(read(`${ok}content-length: 3\r\n\r\nok`), [[200, false]])
  assert.equal(read(`${ok}content-len`), [[200, false]])
  assert.equal(read(`${ok}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`), [[200, true]])
  assert.equal(read(`${ok}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\r\n\r\n`), [[200, true]])
  assert.equal(read(`${ok}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n`), [[200, false]])
  assert.equal(read(`${ok}\r\nall of it`), [[200, undefined]])
  assert.equal(read(`${ok}content-length: 9\r\n\r\n`, 'HEAD'), [[200, true]])
  assert.equal(read(`HTTP/1.1 100 Continue\r\n\r\n${ok}content-length: 0\r\n\r\n`), [[200, true]])
  assert.equal(read('HTTP/1.1 204 No Content\r\n\r\n'), [[204, true]])
  assert.equal(read('SSH-2.0-x\r\n'), [])
})

test('an address is a host and a port, and nothing else', () => {
  assert.equal(parseAddress('localhost:80'), { host: 'localhost', port: 80 })
  assert.equal(parseAddress('[::1]:8080'), { host: '::1', port: 8080 })
  for (const wrong of [
    'localhost',
    'http://localhost:80',
    '::1:80',
    'a:0',
    'a:65536',
    'a b:80',
    '[1.2.3.4]:80',
    ':80',
    'u@h:1',
  ]) {
    assert.throws(() => parseAddress(wrong), /address must be host:port|port must be 1/, wrong)
  }
})

test('every probe names itself once, and a row that it rests on is there', () => {
  for (const probes of [httpProbes, tcpProbes]) assert.is(new Set(probes.map(({ id }) => id)).size, probes.length)
  assert.ok(loadTable().some(({ id }) => id === 'close.unread'))
})

test(
  'a connection refuses to send more than was allowed, and keeps no more than its bound',
  within(async () => {
    const server = await serve((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(new Uint8Array(65_536)));
      }
      socket.on('drain', more)
      more()
    })
    try {
      const connection = await Connection.open({ name: 'test', host: '127.0.0.1', port: server.port }, 10)
      assert.throws(() => connection.send('more than ten bytes'), /sends more than 10 bytes/)
      await connection.until(() => connection.received >= 1024 * 1024, 20_000)
      assert.is(connection.received, 1024 * 1024)
      assert.is(connection.bytes().length, 1024 * 1024)
      connection.release()
    } finally {
      server.stop()
    }
  }),
)

test(
  'a dry run contacts nobody and tells the bounds',
  within(async () => {
    const server = await serve(() => undefined)
    try {
      const { code, out } = await finrst('audit', `127.0.0.1:${server.port}`, '--http', '--dry-run')
      assert.is(code, 0)
      assert.match(out, /^would connect to 127\.0\.0\.1, port \d+, and to nobody else:$/m)
      assert.match(out, /^in all at most 10 connections, \d+ KiB sent, 10240 KiB received;$/m)
      for (const { id } of httpProbes) assert.ok(out.includes(`  ${id} `), id)
      assert.is(server.came(), 0)
      assert.is((await finrst('audit', 'no-such-host.invalid:80', '--dry-run')).code, 0)
    } finally {
      server.stop()
    }
  }),
)

test(
  'its report fits its schema, and its exit code says whether something is bad',
  within(async () => {
    const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n'
    let body = 'ok'
    const server = await serve((socket) => {
      socket.once('data', () => socket.end(ok + body))
      socket.on('end', () => socket.end())
      socket.resume()
    })
    try {
      const address = `127.0.0.1:${server.port}`
      const good = await finrst('audit', address, '--http', '--wait', '0.5', '--json', '-')
      assert.is(good.code, 0, good.out)
      const valid = validator('audit.schema.json')
      assert.ok(valid(JSON.parse(good.out)), JSON.stringify(valid.errors))
      body = 'o'
      const bad = await finrst('audit', address, '--http', '--wait', '0.5')
      assert.is(bad.code, 1)
      assert.match(bad.out, /✗ bad {3}An answer with Connection: close {2}answer\n {8}did {3}one GET/)
      assert.match(bad.out, /so {4}a part of an answer \(200\), and then end of file: .* {2}\(RFC 9112 8\)/)
    } finally {
      server.stop()
    }
  }),
)

test(
  'what cannot be asked gives 2, and a server that is not there 3',
  within(async () => {
    for (const [flags, told] of [
      [['localhost'], /address must be host:port/],
      [['localhost:1', '--wait', '0'], /--wait must be seconds/],
      [['localhost:1', '--wait', '1e9'], /--wait must be seconds/],
      [['localhost:1', '--http', '--path', 'a b'], /--path must begin with/],
      [['localhost:1', '--http', '--path', '/\r\nX: y'], /--path must begin with/],
    ] as const) {
      const { code, errors } = await finrst('audit', ...flags)
      assert.is(code, 2, flags.join(' '))
      assert.match(errors, told)
    }
    const server = await serve(() => undefined)
    server.stop()
    const gone = await finrst('audit', `127.0.0.1:${server.port}`)
    assert.is(gone.code, 3)
    assert.match(gone.errors, /^finrst: 127\.0\.0\.1:\d+ cannot be connected to: connect ECONNREFUSED/)
    const strange = await finrst('audit', 'no-such-host.invalid:80')
    assert.is(strange.code, 3)
    assert.match(strange.errors, /^finrst: no-such-host\.invalid cannot be found: /)
  }),
)

test.run()
