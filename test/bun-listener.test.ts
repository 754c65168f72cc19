// Tests guardServer() around listen() of Bun, with TLS and without, and what is refused in its place.
import { rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type BunListener, type BunSocket, guardServer, listen } from '../adapters/bun/index.js'
import { fact } from './support/deadline.js'
import { listenerFacts, refusedFacts, signalFacts } from './support/listener-facts.js'
import { bunKit, bunListenKit, bunListenTlsKit } from './support/native-bun.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

listenerFacts(bunListenKit)
listenerFacts(bunListenTlsKit)
refusedFacts(bunListenKit)
signalFacts()

const answering = (text: string): { open(socket: BunSocket): void; data(): void } => ({
  open: (socket) => void socket.end(text),
  data: () => undefined,
})

fact('a connection is guarded before `open` is called, also by handlers that came with reload()', async () => {
  const seen: number[] = []
  const counting = (): ReturnType<typeof answering> => ({
    ...answering('all of it'),
    open: (socket) => {
      seen.push(guards.guards.size)
      socket.end('all of it')
    },
  })
  const listener = listen({ port: 0, hostname: '127.0.0.1', socket: counting() })
  const guards = guardServer(listener)
  assert.is(await (await peer.connect(listener.port ?? 0)).ended(), 'eof')
  listener.reload({ socket: counting() } as never)
  assert.is(await (await peer.connect(listener.port ?? 0)).ended(), 'eof')
  const { ended } = await guards.close()
  assert.equal([seen, ended.fin], [[1, 1], 2])
})

fact('handlers that a socket is given later are seen as the first ones were', async () => {
  const later = { data: (socket: BunSocket) => void socket.write('all of it') }
  const open = (socket: BunSocket): void =>
    (socket as unknown as { reload(options: object): void }).reload({ socket: later })
  const listener = listen({ port: 0, hostname: '127.0.0.1', socket: { open, data: () => undefined } })
  const guards = guardServer(listener)
  const link = await peer.connect(listener.port ?? 0)
  await link.tell('write', 'question')
  await link.got(9)
  // Bun closes by itself now, and a guard that does not hear of it would hold on to the connection.
  await link.tell('finish')
  assert.is(await link.ended(), 'eof')
  assert.is((await guards.close()).ended.fin, 1)
})

fact('a connection that came in over IPv4 to a listener of IPv6 is guarded', async () => {
  const listener = listen({ port: 0, hostname: '::', socket: answering('all of it') })
  const guards = guardServer(listener)
  assert.is(await (await peer.connect(listener.port ?? 0)).ended(), 'eof')
  const { ended, unguarded } = await guards.close()
  assert.equal([ended.fin, unguarded], [1, 0])
})

interface BunServers {
  listen(options: object): BunListener
  serve(options: object): { stop(force: boolean): Promise<void> }
}
const bun = (globalThis as unknown as { Bun: BunServers }).Bun

fact('what cannot be seen or is no TCP is refused, and what would do is named', async () => {
  const { server, stop } = await bunKit.listen()
  assert.throws(
    () => guardServer(server as never),
    /^finrst: server is a listener of Bun .* make it with listen\(\) of finrst/,
  )
  stop()
  const path = `build/test/bun-listener-${process.pid}.sock`
  const unix = listen({ unix: path, socket: answering('') })
  const served = bun.serve({ port: 0, fetch: () => new Response('') })
  for (const other of [unix, served, {}, null, 7]) {
    assert.throws(
      () => guardServer(other as never),
      /^finrst: server is .* what listen\(\) gives over TCP; .* use serve\(\)/,
    )
  }
  unix.stop()
  rmSync(path, { force: true })
  await served.stop(true)
  assert.throws(() => listen(7 as never), /^finrst: options is 7; expected/)
  assert.throws(() => listen({ port: 0 } as never), /^finrst: handlers is undefined/)
})

test.run()
