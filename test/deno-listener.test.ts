// Tests guardServer() around Deno.listen() and Deno.listenTls(), and what is refused in their place.
import { rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guardServer } from '../adapters/deno/index.js'
import type { TcpConn, TcpListener } from '../adapters/deno/runtime.js'
import { fact } from './support/deadline.js'
import { listenerFacts, refusedFacts, signalFacts } from './support/listener-facts.js'
import { denoKit, denoTlsKit } from './support/native-deno.js'
import { Peer } from './support/peer.js'
import { stopPrograms } from './support/programs.js'

interface DenoNet {
  listen(options: {
    port?: number
    hostname?: string
    transport?: 'unix'
    path?: string
  }): TcpListener & AsyncIterable<TcpConn> & { readonly addr: { readonly transport: string; readonly port: number } }
  serve(options: object, handler: () => Response): { shutdown(): Promise<void> }
}
const deno = (globalThis as unknown as { Deno: DenoNet }).Deno

let peer: Peer
test.before(async () => {
  peer = await Peer.start()
})
test.after(stopPrograms)

listenerFacts(denoKit)
listenerFacts(denoTlsKit)
refusedFacts(denoKit)
signalFacts()

fact('a `for await` gets guarded connections, and ends when the server is closed', async () => {
  const listener = deno.listen({ port: 0, hostname: '127.0.0.1' })
  const guards = guardServer(listener)
  const served = (async (): Promise<number> => {
    let count = 0
    for await (const conn of listener) {
      count += 1
      // A whole answer, and a half one that is forgotten.
      if (count === 1) void conn.write(new Uint8Array(10)).then(() => conn.closeWrite())
      else void conn.write(new Uint8Array(5))
    }
    return count
  })()
  const whole = await peer.connect(listener.addr.port)
  assert.is(await whole.ended(), 'eof')
  const half = await peer.connect(listener.addr.port)
  await half.got(5)
  const closing = guards.close({ within: 500 })
  assert.is(await served, 2)
  assert.is(await half.ended(), 'reset')
  const { ended } = await closing
  assert.equal([ended.fin, ended.reset], [1, 1])
})

fact('a connection that came in over IPv4 to a listener of IPv6 is guarded', async () => {
  const listener = deno.listen({ port: 0, hostname: '::' })
  const guards = guardServer(listener)
  const coming = listener.accept()
  const link = await peer.connect(listener.addr.port)
  await coming
  assert.is(guards.guards.size, 1)
  const { ended, unguarded } = await guards.abort()
  assert.is(await link.ended(), 'reset')
  assert.equal([ended.reset, unguarded], [1, 0])
})

fact('what is no listener of TCP is refused, and what would do is named', async () => {
  const path = `build/test/deno-listener-${process.pid}.sock`
  const unix = deno.listen({ transport: 'unix', path })
  const server = deno.serve({ port: 0, hostname: '127.0.0.1', onListen: () => undefined }, () => new Response(''))
  for (const other of [unix, server, {}, null, 7]) {
    assert.throws(
      () => guardServer(other as never),
      /^finrst: server is .*Deno\.listenTls\(\) over TCP; .* use serve\(\)/,
    )
  }
  unix.close()
  rmSync(path, { force: true })
  await server.shutdown()
})

test.run()
