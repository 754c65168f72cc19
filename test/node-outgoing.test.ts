// Tests guardAgent() and guardFetch(): what a server in another process reads when a client gives up, idles or dies.
import http from 'node:http'
import https from 'node:https'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as adapter from '#adapter/index'
import { guardAgent } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, isVariant, soon, throughBackend } from './support/deadline.js'
import { type Kind, serving } from './support/http-peer.js'
import { startProgram, stopPrograms } from './support/programs.js'
import { runtime } from './support/runtime.js'
import { certificate } from './support/secure-pair.js'

const noCalls = backend().name === 'none' && 'no system calls'
const otherFetch = runtime !== 'node' && 'the fetch of this runtime shows no sockets'
test.after(stopPrograms)

const makeAgent = (kind: Kind): http.Agent =>
  kind === 'http' ? new http.Agent({ keepAlive: true }) : new https.Agent({ keepAlive: true, ca: certificate.cert })

const request = (kind: Kind, port: number, agent: http.Agent, options: http.RequestOptions = {}): http.ClientRequest =>
  (kind === 'http' ? http : https).request({
    host: '127.0.0.1',
    port,
    agent,
    servername: 'localhost',
    ...options,
  } as object)

const get = (kind: Kind, port: number, agent: http.Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = request(kind, port, agent).on('error', reject).end()
    // The agent takes the connection back in the turn that follows.
    asked.once('response', (response) => response.resume().once('end', () => setImmediate(resolve)))
  })

const startUpload = (kind: Kind, port: number, agent: http.Agent): http.ClientRequest => {
  const upload = request(kind, port, agent, { method: 'POST', headers: { 'content-length': 1000 } })
  upload.on('error', () => undefined).write('a part')
  return upload
}

/** TLS cannot be reset by the runtime alone, except in Bun; what the kernel sends then is chance. */
const cannotReset = (kind: Kind): string | false =>
  noCalls && kind === 'https' && runtime !== 'bun' && 'no system calls, and no reset of TLS without'

for (const kind of ['http', 'https'] as const) {
  fact(`a connection that waits in the pool of an agent is used again, and ends with a FIN: ${kind}`, async () => {
    const { port, next } = await serving(kind)
    const agent = guardAgent(makeAgent(kind), 'strict')
    for (const _ of [1, 2, 3]) await get(kind, port, agent)
    agent.destroy()
    assert.equal(await next(), { saw: 'eof', connection: 1, requests: 3 })
  })

  factIf(
    cannotReset(kind),
    `an upload that is given up is a reset, and an end of file without a guard: ${kind}`,
    async () => {
      const { port, next } = await serving(kind)
      for (const [agent, ending] of [
        // Without a guard TLS may reset, by chance: a client has often not read the session tickets.
        ...(kind === 'http' ? ([[makeAgent(kind), 'eof']] as const) : []),
        [guardAgent(makeAgent(kind)), 'reset'],
      ] as const) {
        const upload = startUpload(kind, port, agent)
        assert.is((await next()).saw, 'upload')
        upload.destroy()
        assert.is((await next()).saw, ending)
        agent.destroy()
      }
    },
  )

  factIf(
    cannotReset(kind),
    `an upload that is given up on a connection that was used before is a reset too: ${kind}`,
    async () => {
      const { port, next } = await serving(kind)
      const agent = guardAgent(makeAgent(kind))
      await get(kind, port, agent)
      const upload = startUpload(kind, port, agent)
      assert.equal(await next(), { saw: 'upload', connection: 1, requests: 2 })
      upload.destroy()
      assert.is((await next()).saw, 'reset')
      agent.destroy()
    },
  )
}

fact('an agent that is guarded twice is guarded once, and what is none is refused in words', async () => {
  const agent = makeAgent('http')
  assert.is(guardAgent(agent), agent)
  const { createConnection } = agent as unknown as Record<string, unknown>
  guardAgent(agent)
  assert.is((agent as unknown as Record<string, unknown>).createConnection, createConnection)
  assert.throws(() => guardAgent({} as never), /^finrst: agent is an object of type Object; expected an http.Agent/)
  const fresh = makeAgent('http')
  assert.throws(() => guardAgent(fresh, 'loose' as never), /^finrst: .*"loose"/)
  assert.not(Object.hasOwn(fresh, 'keepSocketAlive'))
})

// ---- The death of a client ------------------------------------------------------------------------------------------

for (const kind of ['agent', 'fetch'] as const) {
  for (const [stage, ending] of [
    ['upload', 'reset'],
    ['idle', 'eof'],
  ] as const) {
    const missing = noCalls || (kind === 'fetch' && otherFetch)
    factIf(missing, `a client that is killed: ${kind}, ${stage}: ${ending}`, async () => {
      const { port, next } = await serving('http')
      const program = await startProgram('client-program', [kind, stage, String(port)])
      const staged = program.next()
      if (stage === 'upload') assert.is((await next()).saw, 'upload')
      await soon('the stage', staged)
      program.child.kill('SIGKILL')
      assert.is((await next()).saw, ending)
    })
  }
}

// ---- fetch() --------------------------------------------------------------------------------------------------------

const { guardFetch } = adapter as unknown as { guardFetch: (policy?: adapter.Policy) => { stop(): void } }

factIf(
  otherFetch,
  'an upload through fetch() that is given up is a reset, and the next connection is none of it',
  async () => {
    const { port, next } = await serving('http')
    const url = `http://127.0.0.1:${port}/`
    const guarded = guardFetch()
    const controller = new AbortController()
    const body = new ReadableStream({ start: (it) => it.enqueue(new TextEncoder().encode('a part')) })
    const init = { method: 'POST', body, duplex: 'half', signal: controller.signal }
    const asked = fetch(url, init as RequestInit).catch((error: Error) => error.name)
    assert.is((await next()).saw, 'upload')
    controller.abort()
    assert.is(await asked, 'AbortError')
    assert.is((await next()).saw, 'reset')
    guarded.stop()
  },
)

factIf(
  otherFetch,
  'a connection that waits in the pool of fetch() is used again, and its time ends with a FIN',
  async () => {
    const { port, next } = await serving('http')
    const url = `http://127.0.0.1:${port}/`
    const guarded = guardFetch('strict')
    for (const _ of [1, 2, 3]) {
      assert.is(await (await fetch(url)).text(), 'hi')
      // It goes back into the pool in a turn that follows.
      await new Promise((resolve) => setImmediate(resolve))
    }
    guarded.stop()
    // undici lets go of it with an error of its own.
    assert.equal(await next(), { saw: 'eof', connection: 1, requests: 3 })
  },
)

factIf(
  runtime === 'node' ? false : 'fetch() of this runtime is its own',
  'guardFetch() refuses what is no policy',
  () => {
    assert.throws(() => guardFetch('loose' as never), /^finrst: .*"loose"/)
  },
)

if (runtime !== 'node') {
  fact('where fetch() is the own one of the runtime there is no guardFetch()', () => {
    assert.not('guardFetch' in adapter)
  })
}

if (!isVariant) {
  fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(import.meta.url, 'none'), 110_000)
}

test.run()
