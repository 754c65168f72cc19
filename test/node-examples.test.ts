// Tests the programs of examples/: each is run as it says, and does what it says.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket } from 'ws'
import { fact, soon } from './support/deadline.js'
import { hiddenReset } from './support/descriptors.js'
import { type Example, startExample } from './support/example.js'
import { emitted, listening, portOf } from './support/pair.js'
import { runtime } from './support/runtime.js'

const running: Example[] = []
test.after.each(async () => {
  await Promise.all(running.splice(0).map((example) => example.stop()))
})

const start = (name: string, ...args: string[]): Example => {
  const example = startExample(name, ...args)
  running.push(example)
  return example
}

/** Reads to the end: how many bytes, and what the end was. */
const readAll = (socket: net.Socket): Promise<string> =>
  new Promise((resolve) => {
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
    socket.once('end', () =>
      resolve(`${bytes} ${runtime === 'node' && hiddenReset(socket) ? 'ECONNRESET' : 'end of file'}`),
    )
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(`${bytes} ${code}`))
  })

fact(
  'proxy: a FIN for a FIN, a reset for a reset, and both when it is killed',
  async () => {
    const server = net.createServer({ allowHalfOpen: true })
    await listening(server)
    const proxy = start('proxy', '0', `127.0.0.1:${portOf(server)}`)
    const port = Number((await proxy.prints(/listening on port (\d+)/))[1])
    const open = async (): Promise<[net.Socket, net.Socket]> => {
      const accepted = new Promise<net.Socket>((resolve) => server.once('connection', resolve))
      const client = net.connect({ port, host: 'localhost', allowHalfOpen: true })
      await emitted(client, 'connect')
      return [client, await soon('the proxy connects', accepted)]
    }
    const [asking, answering] = await open()
    const question = readAll(answering)
    asking.end(Buffer.alloc(1000))
    assert.is(await question, '1000 end of file')
    const answer = readAll(asking)
    answering.end(Buffer.alloc(300_000))
    assert.is(await answer, '300000 end of file')
    await proxy.prints(/client fin by \w+, target fin by \w+/)

    const [client, target] = await open()
    const part = readAll(client)
    target.write(Buffer.alloc(1000))
    await emitted(client, 'data')
    target.resetAndDestroy()
    assert.is(await part, '1000 ECONNRESET')
    await proxy.prints(/client reset by us, target reset by peer/)

    const pair = await open()
    const ends = pair.map(readAll)
    pair[0].write('it relays')
    await emitted(pair[1], 'data')
    await proxy.stop()
    assert.equal(await Promise.all(ends), ['0 ECONNRESET', '9 ECONNRESET'])
    server.close()
  },
  60_000,
)

fact(
  'file-server: the whole file and an end of file, or a reset',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'finrst-example-'))
    const file = join(folder, 'file')
    writeFileSync(file, Buffer.alloc(20_000_000))
    const server = start('file-server', '0', file)
    const port = Number((await server.prints(/listening on port (\d+)/))[1])
    const get = (): net.Socket => net.connect({ port, host: 'localhost' })
    assert.is(await readAll(get()), '20000000 end of file')
    await server.prints(/fin, (?:confirmed|acked)/)
    rmSync(folder, { recursive: true })
    assert.is(await readAll(get()), '0 ECONNRESET')

    mkdirSync(folder)
    writeFileSync(file, Buffer.alloc(20_000_000))
    const client = get()
    const part = readAll(client)
    await emitted(client, 'data')
    client.pause()
    await server.stop()
    client.resume()
    assert.match(await part, /ECONNRESET/)
    rmSync(folder, { recursive: true })
  },
  60_000,
)

fact(
  'upload-server: a refusal is read, however much of the upload is under way',
  async () => {
    const server = start('upload-server', '0', '1000')
    const port = Number((await server.prints(/listening on port (\d+)/))[1])
    const send = (body: string, bytes: number): Promise<string> => {
      const client = net.connect({ port, host: 'localhost' })
      let answer = ''
      client.setEncoding('latin1').on('data', (text) => {
        answer += text
      })
      const end = readAll(client)
      client.write(`PUT / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`)
      client.write(body)
      return end.then((how) => `${/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]} ${how.replace(/^\d+ /, '')}`)
    }
    assert.is(await send('hello', 5), '200 end of file')
    // Bun does not drain an upload whose request is paused.
    const refused = await send('x'.repeat(3_000_000), 3_000_000)
    if (runtime === 'bun') return
    assert.is(refused, '413 end of file')
    await server.prints(/fin: close, \w+; [\s\S]*fin: close, \w+; the upload was/)
  },
  60_000,
)

fact(
  'line-protocol: what came too late is known, and a line without an end is a reset',
  async () => {
    const server = start('line-protocol')
    const port = Number((await server.prints(/listening on port (\d+)/))[1])
    const client = net.connect({ port, host: 'localhost' })
    client.write('one\nquit\ntwo\n')
    assert.is(await readAll(client), '8 end of file')
    await server.prints(/fin, \w+; too late, \w+ of it: "two\\n"/)
    const other = net.connect({ port, host: 'localhost', allowHalfOpen: true })
    const end = readAll(other)
    other.end('half a line')
    assert.match(await end, /ECONNRESET/)
    await server.prints(/reset: the last line has no end/)
  },
  60_000,
)

fact(
  'graceful-shutdown: SIGTERM lets an answer finish and closes a WebSocket with 1001',
  async () => {
    const server = start('graceful-shutdown')
    const port = Number((await server.prints(/listening on port (\d+)/))[1])
    const client = new WebSocket(`ws://localhost:${port}/`)
    await emitted(client, 'open')
    const echoed = new Promise((resolve) => client.once('message', (data) => resolve(String(data))))
    client.send('hello')
    assert.is(await echoed, 'hello')
    const code = new Promise((resolve) => client.once('close', resolve))
    const slow = net.connect({ port, host: 'localhost' })
    const answer = new Promise<string>((resolve) => {
      let text = ''
      slow.setEncoding('latin1').on('data', (more) => {
        text += more
      })
      slow.once('end', () => resolve(text))
      slow.once('error', ({ message }) => resolve(message))
    })
    const begun = new Promise((resolve) => slow.once('data', resolve))
    slow.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await begun
    await server.stop('SIGTERM')
    assert.is(await code, 1001)
    assert.match(await answer, /the first half, [\s\S]*the second half\n\r\n0\r\n\r\n$/)
  },
  60_000,
)

const programs = readdirSync('examples')
  .filter((file) => file.endsWith('.ts') && file !== 'arguments.ts')
  .map((file) => basename(file, '.ts'))

fact(
  'every example explains itself, and says what is wrong with its arguments',
  async () => {
    assert.is(programs.length, 5)
    for (const name of programs) {
      const help = start(name, '--help')
      await help.prints(new RegExp(`^usage: node examples/${name}\\.ts \\[port\\]`))
      assert.is(await help.ended, 0, name)
      const wrong = start(name, '70000')
      await wrong.prints(/port is "70000"; expected a whole number, 0 … 65535/)
      assert.is(await wrong.ended, 2, name)
    }
  },
  120_000,
)

test.run()
