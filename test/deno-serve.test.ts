// Tests serve() of Deno: Deno.serve() with guarded connections.
import http2 from 'node:http2'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { serve } from '../adapters/deno/index.js'
import { fact, factIf } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { certificate } from './support/secure-pair.js'
import { serveFacts } from './support/serve-facts.js'
import { parted, serving } from './support/serve-kit.js'

serveFacts(import.meta.url)

const noCalls = backend().name === 'none' && 'no system calls'

fact('serve() takes a handler alone, in the options, and behind them, as Deno does, and nothing else', async () => {
  const handler = (): Response => new Response('abc')
  const quiet = { port: 0, hostname: '127.0.0.1', onListen: () => undefined }
  for (const server of [serve({ ...quiet, handler }), serve(quiet, handler)]) {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}/`)
    assert.is(await response.text(), 'abc')
    assert.is(response.headers.get('transfer-encoding'), null)
    await server.shutdown()
    await server.finished
  }
  assert.throws(() => serve(quiet as never), /^finrst: handler is undefined; expected a function/)
  assert.throws(() => serve(7 as never), /^finrst: options is 7; expected options or a handler/)
  assert.throws(() => serve({ ...quiet, onVerdict: 7 } as never, handler), /finrst: onVerdict is 7/)
})

factIf(noCalls, 'a stream of HTTP/2 that fails is reset alone, and its connection serves on', async () => {
  const server = serving(
    ({ url }) => new Response(url.endsWith('/fails') ? parted(2, 1000, new Error('half way')) : parted(20, 1000)),
    { tls: certificate },
  )
  const session = http2.connect(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false })
  const read = (path: string): Promise<number | string> =>
    new Promise((resolve) => {
      let bytes = 0
      const stream = session.request({ ':path': path })
      stream.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length
      })
      stream.on('end', () => resolve(bytes))
      stream.on('error', () => resolve('reset'))
    })
  assert.equal(await Promise.all([read('/long'), read('/fails'), read('/')]), [20_000, 'reset', 20_000])
  assert.is(await read('/again'), 20_000)
  assert.ok(await eventually(() => server.verdicts.length > 0))
  assert.is(
    server.verdicts.every(({ ended, cause }) => ended === 'unknown' && cause === 'close'),
    true,
  )
  await new Promise<void>((resolve) => session.close(resolve))
  await server.stop()
})

test.run()
