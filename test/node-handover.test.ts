// Tests that a guarded socket can be handed to a child process: it is the child's then, and nothing of it stays here.
import { type ChildProcess, fork } from 'node:child_process'
import http from 'node:http'
import type net from 'node:net'
import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Guard, guard, guardServer } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, soon } from './support/deadline.js'
import { cannotCount, descriptors, eventually } from './support/descriptors.js'
import { emitted, plain } from './support/pair.js'
import { Peer } from './support/peer.js'
import { programPath, stopPrograms } from './support/programs.js'
import { runtime } from './support/runtime.js'

const noCalls = backend().name === 'none' && 'no system calls'

let peer: Peer
let heir: ChildProcess
test.before(async () => {
  peer = await Peer.start()
  heir = fork(await programPath('heir-program'), { stdio: 'ignore' })
  await soon('a child that listens', emitted(heir, 'message'))
})
test.after(async () => {
  heir.kill('SIGKILL')
  await stopPrograms()
})

const handOver = async (text: string): Promise<{ link: Awaited<ReturnType<typeof plain>>['link']; held: Guard }> => {
  const { socket, link } = await plain(peer, {})
  const held = guard(socket)
  await new Promise<void>((resolve, reject) => {
    heir.send(text, socket, (error) => (error ? reject(error) : resolve()))
  })
  return { link, held }
}

fact('what the child writes arrives, and its end is the end of file', async () => {
  const { link, held } = await handOver('x'.repeat(50_000))
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 50_000)
  const verdict = await held.verdict
  assert.is(`${verdict.ended}, ${verdict.rule}`, 'unknown, os-decides')
  assert.is(held.armed, false)
})

factIf(noCalls || cannotCount, 'no duplicate is left behind', async () => {
  await handOver('first')
  const before = descriptors()
  for (let count = 0; count < 10; count += 1) {
    const { link } = await handOver('x')
    assert.is(await link.ended(), 'eof')
  }
  assert.ok(await eventually(() => descriptors() <= before), `${descriptors()} of ${before}`)
})

const sendsNone = runtime === 'bun' && 'Bun sends no socket of an http server'

// Such a connection has no guard yet, and is armed while a request of it is answered.
for (const when of runtime === 'deno' ? (['connection', 'request'] as const) : (['connection'] as const)) {
  factIf(
    sendsNone,
    `a connection of a guarded server of HTTP is the child's that was sent at its ${when}`,
    async () => {
      const server = http.createServer()
      const sent = new Promise<void>((resolve, reject) => {
        server.on(when, (it: net.Socket | http.IncomingMessage) => {
          const socket = it instanceof http.IncomingMessage ? it.socket : it
          heir.send('x'.repeat(50_000), socket, (error) => (error ? reject(error) : resolve()))
        })
      })
      guardServer(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const link = await peer.connect((server.address() as net.AddressInfo).port)
      await link.tell('write', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await soon('it is sent', sent)
      assert.is(await link.ended(), 'eof')
      assert.is(link.bytes, 50_000)
      server.close()
    },
  )
}

const heirInWorker = "require('node:worker_threads').parentPort.once('message', (socket) => socket.end('still ours'))"

// Node has begun to move sockets to workers (24.21); others refuse, and then nothing is lost.
fact('a worker takes a socket whole, or not at all', async () => {
  const { socket, link } = await plain(peer, {})
  const held = guard(socket)
  const worker = new Worker(heirInWorker, { eval: true })
  let taken = true
  try {
    worker.postMessage(socket, [socket as never])
  } catch {
    taken = false
    socket.end('still ours')
  }
  assert.is(await link.ended(), 'eof')
  assert.is(link.bytes, 10)
  assert.is((await held.verdict).ended, taken ? 'unknown' : 'fin')
  assert.is(held.armed, false)
  await worker.terminate()
})

test.run()
