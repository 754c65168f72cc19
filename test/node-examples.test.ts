// Tests the programs of examples/: each is run as it says, and does what it says.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fact, soon } from './support/deadline.js'
import { hiddenReset } from './support/descriptors.js'
import { type Example, startExample } from './support/example.js'
import { emitted, listening, portOf } from './support/pair.js'

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
    socket.once('end', () => resolve(`${bytes} ${hiddenReset(socket) ? 'ECONNRESET' : 'end of file'}`))
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

test.run()
