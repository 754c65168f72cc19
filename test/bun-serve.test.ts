// Tests serve() of Bun: Bun.serve() with guarded connections.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { serve } from '../adapters/bun/index.js'
import { factIf } from './support/deadline.js'
import { eventually } from './support/descriptors.js'
import { Peer } from './support/peer.js'
import { serveFacts } from './support/serve-facts.js'

serveFacts(import.meta.url)

const noCalls = backend().name === 'none' && 'no system calls'

factIf(noCalls, 'handlers of routes are guarded, by method too and after reload(), and keep their this', async () => {
  const peer = await Peer.start()
  const fail = (): never => {
    throw new Error('half way')
  }
  const seen: string[] = []
  const routes = { '/any': fail, '/method': { GET: fail }, '/static': new Response('static') }
  const server = serve({
    port: 0,
    hostname: '127.0.0.1',
    routes,
    fetch: () => new Response('fetch'),
    onVerdict: ({ ended }) => void seen.push(ended),
  })
  const ending = async (path: string): Promise<string> => {
    const link = await peer.connect(server.port ?? 0)
    await link.tell('write', `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    return link.ended()
  }
  assert.is(await ending('/any'), 'reset')
  assert.is(await ending('/method'), 'reset')
  assert.is(await ending('/static'), 'eof')
  assert.is(await ending('/other'), 'eof')
  server.reload({ routes: { '/later': fail }, fetch: fail } as never)
  assert.is(await ending('/later'), 'reset')
  assert.is(await ending('/other'), 'reset')
  assert.ok(await eventually(() => seen.length === 5), seen.join())
  await server.stop()
})

// Bun ends with 1 behind every error of a handler; here they are made on purpose.
process.on('beforeExit', () => process.exit(process.exitCode ?? 0))

test.run()
