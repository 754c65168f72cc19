// Tests of serve(): a whole answer leaves the connection as it was, and one that is not whole is a reset.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Policy, Verdict } from '#adapter/index'
import { backend } from '#adapter/libc'
import { fact, factIf, isVariant, throughBackend } from './deadline.js'
import { cannotCount, descriptors, eventually } from './descriptors.js'
import { type Link, type LinkOptions, Peer } from './peer.js'
import { stopPrograms } from './programs.js'
import { runtime } from './runtime.js'
import { certificate } from './secure-pair.js'
import { deathFacts } from './serve-deaths.js'
import { type Answer, parted, type ServeOptions, type Serving, serving } from './serve-kit.js'
import { refusalOf, told } from './words.js'

const noCalls = backend().name === 'none' && 'no system calls'
const size = 10_000_000
const request = (more = ''): string => `GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const last = request('Connection: close\r\n')
const bodies: Record<string, () => Response> = {
  'of bytes': () => new Response(new Uint8Array(size)),
  'of text': () => new Response('x'.repeat(size)),
  'a stream': () => new Response(parted(100, size / 100)),
}

let plain: Peer
let secure: Peer

interface Asked {
  link: Link
  server: Serving
}

/** A peer that asks once. */
const asked = async (
  answer: Answer,
  { head = request(), link: how = {}, ...options }: ServeOptions & { head?: string; link?: LinkOptions } = {},
): Promise<Asked> => {
  const server = serving(answer, options)
  const tls = options.tls ? { tls: { ...options.tls, version: 'TLSv1.3' as const } } : {}
  const link = await (options.tls ? secure : plain).connect(server.port, { ...tls, ...how })
  await link.tell('write', head)
  return { link, server }
}

const verdictOf = async ({ verdicts }: Serving): Promise<Verdict> => {
  assert.ok(await eventually(() => verdicts.length > 0), 'there is a verdict')
  return verdicts[0] as Verdict
}

// What a peer reads of the same answer when nothing is guarded and nothing is slow.
const lengths = new Map<string, number>()
const lengthOf = async (name: string, head: string): Promise<number> => {
  const known = lengths.get(name + head)
  if (known !== undefined) return known
  const { link, server } = await asked(bodies[name] as Answer, { bare: true, head })
  await link.got(size)
  if (head === last) await link.ended()
  await server.stop()
  assert.is(await link.ended(), 'eof')
  lengths.set(name + head, link.bytes)
  return link.bytes
}

const wholeFacts = (): void => {
  for (const name of Object.keys(bodies)) {
    fact(
      `10 MB to a slow reader are whole, and the connection stays: ${name}`,
      async () => {
        const { link, server } = await asked(bodies[name] as Answer, { link: { slow: true } })
        const whole = await lengthOf(name, request())
        await link.until('all of it', () => link.bytes >= whole, 60_000)
        if (!noCalls) assert.is(told(await verdictOf(server)), 'unknown by kernel, cause close')
        await link.tell('write', request())
        await link.until('all of it again', () => link.bytes >= 2 * whole, 60_000)
        await server.stop()
        assert.is(await link.ended(), 'eof')
        assert.is(link.bytes, 2 * whole)
      },
      120_000,
    )

    fact(
      `10 MB to a slow reader are whole, and end of file follows: ${name}`,
      async () => {
        const { link, server } = await asked(bodies[name] as Answer, { link: { slow: true }, head: last })
        assert.is(await link.ended(60_000), 'eof')
        assert.is(link.bytes, await lengthOf(name, last))
        if (!noCalls) assert.ok(['fin', 'unknown'].includes((await verdictOf(server)).ended))
        await server.stop()
      },
      120_000,
    )
  }

  fact('a server that listens on every address is guarded too', async () => {
    const { link, server } = await asked(() => new Response('abc'), { everywhere: true })
    await link.got(3)
    if (!noCalls) assert.is((await verdictOf(server)).cause, 'close')
    await server.stop()
  })

  factIf(noCalls, 'between two exchanges nothing is held and nothing is armed', async () => {
    const { link, server } = await asked(() => new Response('abc'), { policy: 'strict' })
    await verdictOf(server)
    assert.is(server.guards[0]?.armed, false)
    await server.stop()
    assert.is(await link.ended(), 'eof')
  })

  factIf(noCalls, 'an answer that the runtime still holds is not taken for a whole one', async () => {
    const { link, server } = await asked(() => new Response(new Uint8Array(size)), { link: { paused: true } })
    // The time that others take, who come and go meanwhile.
    for (let count = 0; count < 10; count += 1) {
      const other = await plain.connect(server.port)
      await other.tell('write', last)
      assert.is(await other.ended(), 'eof')
      assert.ok(await eventually(() => server.verdicts.length > count))
    }
    assert.is(server.verdicts.length, 10)
    await link.tell('resume')
    await link.until('all of it', () => link.bytes > size, 60_000)
    assert.ok(await eventually(() => server.verdicts.length === 11))
    await server.stop()
  })

  factIf(noCalls || cannotCount, 'no descriptor is left behind, whole or reset', async () => {
    let number = 0
    const server = serving(() => {
      number += 1
      if (number % 2 === 0) throw new Error('half way')
      return new Response('abc')
    })
    const before = descriptors()
    for (let count = 1; count <= 20; count += 1) {
      const link = await plain.connect(server.port)
      await link.tell('write', last)
      assert.is(await link.ended(), count % 2 === 0 ? 'reset' : 'eof')
    }
    assert.ok(await eventually(() => descriptors() <= before), `${descriptors()} of ${before}`)
    assert.is(server.verdicts.length, 20)
    await server.stop()
  })
}

// What does not come to an answer.
const endings: Record<string, Answer> = {
  'a body that fails': () => new Response(parted(2, 1000, new Error('half way'))),
  'a handler that throws': () => {
    throw new Error('half way')
  },
  'a handler that rejects': () => Promise.reject(new Error('half way')),
}

const brokenFacts = (): void => {
  for (const [name, answer] of Object.entries(endings)) {
    for (const head of [request(), last]) {
      for (const tls of [undefined, certificate]) {
        const which = `${head === last ? 'Connection: close' : 'keep-alive'}${tls ? ', TLS' : ''}`
        factIf(noCalls, `${name} is a reset: ${which}`, async () => {
          const { link, server } = await asked(answer, { head, ...(tls ? { tls } : {}) })
          assert.is(await link.ended(), 'reset')
          const verdict = await verdictOf(server)
          assert.is(`${verdict.ended} by ${verdict.by}, ${verdict.delivery}`, 'reset by us, lost')
          assert.not.ok(link.sights.includes('notified'))
          await server.stop()
        })
      }
    }
  }

  factIf(noCalls, 'whichever answer of a busy connection fails is a reset', async () => {
    let number = 0
    const { link, server } = await asked(() => {
      number += 1
      if (number === 6) throw new Error('half way')
      return new Response('abc')
    })
    let before = 0
    for (let count = 1; count < 6; count += 1) {
      await link.until(`answer ${count}`, () => link.bytes > before)
      before = link.bytes
      await link.tell('write', request())
    }
    assert.is(await link.ended(), 'reset')
    assert.is(number, 6)
    assert.ok(await eventually(() => server.verdicts.some(({ ended, by }) => ended === 'reset' && by === 'us')))
    await server.stop()
  })

  fact('a handler that throws is answered for by who handles errors, and that answer is whole', async () => {
    const fail: Answer = () => {
      throw new Error('half way')
    }
    const { link, server } = await asked(fail, {
      head: last,
      onError: () => new Response('x'.repeat(1000), { status: 500 }),
    })
    assert.is(await link.ended(), 'eof')
    assert.ok(link.bytes > 1000)
    await server.stop()
  })

  factIf(noCalls, 'onFailure close: the answer of the runtime, and then end of file', async () => {
    const { link, server } = await asked(() => Promise.reject(new Error('half way')), {
      policy: { onFailure: 'close' },
    })
    assert.is(await link.ended(), 'eof')
    assert.ok(link.bytes > 20, `${link.bytes} bytes`)
    assert.is(told(await verdictOf(server)), 'fin by us, cause failure')
    await server.stop()
  })

  factIf(noCalls, "the peer's reset in the middle of an answer is told", async () => {
    const { link, server } = await asked(() => new Response(parted(1e6, 1000)))
    await link.got(1000)
    await link.tell('reset')
    assert.is(told(await verdictOf(server)), 'reset by peer, cause peer')
    await server.stop()
  })

  factIf(noCalls, 'a peer that does not read is reset when Bun gives it up', async () => {
    if (runtime !== 'bun') return
    const { link, server } = await asked(() => new Response(new Uint8Array(size)), {
      idleSeconds: 1,
      link: { paused: true },
    })
    assert.is((await verdictWithin(server, 15_000)).ended, 'reset')
    await link.tell('resume')
    assert.is(await link.ended(), 'reset')
    await server.stop()
  })

  fact('a body that is shorter than its length is a reset, where the runtime sends the length', async () => {
    const answer = (): Response => new Response(parted(2, 1000), { headers: { 'content-length': '5000' } })
    const { link, server } = await asked(answer, { head: last })
    // Bun leaves the length out, and what it sends instead is whole.
    if (runtime === 'bun' || noCalls) assert.is(await link.ended(), 'eof')
    else assert.is(await link.ended(), 'reset')
    await server.stop()
  })
}

const verdictWithin = async (server: Serving, ms: number): Promise<Verdict> => {
  assert.ok(await eventually(() => server.verdicts.length > 0, ms), 'there is a verdict')
  return server.verdicts[0] as Verdict
}

const otherFacts = (): void => {
  fact('a connection that idles ends with end of file', async () => {
    const { link, server } = await asked(() => new Response('abc'), { idleSeconds: 1 })
    await link.got(3)
    if (!noCalls) await verdictOf(server)
    // Deno has no such time; it closes what is idle when it shuts down.
    if (runtime === 'deno') await server.stop()
    assert.is(await link.ended(), 'eof')
    if (runtime === 'bun') await server.stop()
  })

  fact('a WebSocket works, and is not guarded', async () => {
    const server = serving((_, upgrade) => upgrade())
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`)
    const echo = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send('hello')
      socket.onmessage = ({ data }) => resolve(data)
      socket.onerror = () => reject(new Error('no WebSocket'))
    })
    assert.is(echo, 'echo hello')
    if (!noCalls) assert.is((await verdictOf(server)).ended, 'unknown')
    const closed = new Promise((resolve) => {
      socket.onclose = ({ wasClean }) => resolve(wasClean)
    })
    socket.close()
    assert.is(await closed, true)
    await server.stop()
  })

  fact('options that are none are refused, and named', () => {
    const refusal = (options: ServeOptions): string => refusalOf(() => serving(() => new Response('x'), options))
    assert.match(refusal({ policy: 'loose' as Policy }), /^TypeError: finrst: policy is "loose"/)
    assert.match(refusal({ policy: { drainMs: 0 } }), /^RangeError: finrst: policy\.drainMs is 0/)
  })

  fact('the harm: bare, a body that fails is no reset that anybody could rely on', async () => {
    const { link, server } = await asked(() => new Response(parted(2, 1000, new Error('half way'))), { bare: true })
    // Bun resets; Deno sends the FIN of a whole answer.
    assert.is(await link.ended(), runtime === 'bun' ? 'reset' : 'eof')
    await server.stop()
  })
}

// Where nobody hears of verdicts a connection has no guard as long as nothing is to be decided.
const unheardFacts = (): void => {
  const unheard = true

  for (const [name, head] of [
    ['the connection stays', request()],
    ['end of file follows', last],
  ] as const) {
    for (const tls of [undefined, certificate]) {
      const which = `${name}${tls ? ', TLS' : ''}`
      fact(`unheard, 10 MB to a slow reader are whole: ${which}`, async () => {
        const { link, server } = await asked(bodies['of bytes'] as Answer, {
          unheard,
          head,
          ...(tls ? { tls } : {}),
          link: { slow: true },
        })
        const whole = await lengthOf('of bytes', head)
        await link.until('all of it', () => link.bytes >= whole, 60_000)
        if (head !== last) await server.stop()
        assert.is(await link.ended(60_000), 'eof')
        assert.is(link.bytes, whole)
        if (head === last) await server.stop()
      })
    }
  }

  for (const [name, answer] of Object.entries(endings)) {
    for (const head of [request(), last]) {
      const which = head === last ? 'Connection: close' : 'keep-alive'
      factIf(noCalls, `unheard, ${name} is a reset: ${which}`, async () => {
        const { link, server } = await asked(answer, { unheard, head })
        assert.is(await link.ended(), 'reset')
        await server.stop()
      })
    }
  }

  factIf(noCalls, 'unheard, an early answer reaches a client that goes on sending its upload', async () => {
    const upload = 1_000_000
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${upload}\r\n\r\n`
    const answer = (): Response => new Response('x'.repeat(1000), { status: 413 })
    const { link, server } = await asked(answer, { unheard, head, link: { paused: true } })
    for (let sent = 0; sent < upload; sent += upload / 10) {
      // The time in which it would be closed: others come and go.
      const other = await plain.connect(server.port)
      await other.tell('write', last)
      assert.is(await other.ended(), 'eof')
      await link.tell('write', upload / 10)
    }
    await link.tell('resume')
    assert.is(await link.ended(), 'eof')
    assert.ok(link.bytes > 1000)
    await server.stop()
  })

  factIf(
    noCalls || cannotCount,
    'unheard, no descriptor is left behind, whole, reset or left by the peer',
    async () => {
      let number = 0
      const server = serving(
        () => {
          number += 1
          if (number % 3 === 0) throw new Error('half way')
          return number % 3 === 1 ? new Response('abc') : new Response(parted(1e6, 1000))
        },
        { unheard },
      )
      const before = descriptors()
      for (let count = 1; count <= 30; count += 1) {
        const link = await plain.connect(server.port)
        await link.tell('write', last)
        if (count % 3 === 2) {
          await link.got(1000)
          await link.tell('reset')
        } else assert.is(await link.ended(), count % 3 === 0 ? 'reset' : 'eof')
      }
      assert.ok(await eventually(() => descriptors() <= before), `${descriptors()} of ${before}`)
      await server.stop()
    },
  )

  fact('unheard, a connection that idles ends with end of file', async () => {
    const { link, server } = await asked(() => new Response('abc'), { unheard, idleSeconds: 1 })
    await link.got(3)
    if (runtime === 'deno') await server.stop()
    assert.is(await link.ended(), 'eof')
    if (runtime === 'bun') await server.stop()
  })
}

/** Every fact of a runtime's serve(). */
export const serveFacts = (file: string): void => {
  test.before(async () => {
    plain = await Peer.start()
    secure = await Peer.start('tls-peer-program')
  })
  test.after(stopPrograms)
  wholeFacts()
  brokenFacts()
  otherFacts()
  unheardFacts()
  deathFacts(
    () => plain,
    () => secure,
  )
  if (!isVariant) fact('all of this holds with FINRST_BACKEND=none', () => throughBackend(file, 'none'), 120_000)
}
