// Tests what a client of serve() reads when its process dies in the middle of an answer, where nobody hears of verdicts
// and so a connection has no guard yet.
import * as assert from 'uvu/assert'
import { backend } from '#adapter/libc'
import { factIf, soon } from './deadline.js'
import type { Death } from './death.js'
import type { Peer } from './peer.js'
import { startProgram } from './programs.js'
import { runtime } from './runtime.js'
import { certificate } from './secure-pair.js'
import type { Middle } from './serve-program.js'

const noCalls = backend().name === 'none' && 'no system calls'
const deaths: Death[] = [
  ...(['throw', 'reject', 'exit 0', 'SIGKILL', 'SIGTERM'] as const),
  ...(runtime === 'deno' ? (['Deno.exit'] as const) : []),
]

/** The facts; the peers are asked for once they run. */
export const deathFacts = (plain: () => Peer, secure: () => Peer): void => {
  for (const tls of [false, true]) deathsOf(tls ? secure : plain, tls)
}

const deathsOf = (peer: () => Peer, tls: boolean): void => {
  for (const middle of ['the handler waits', 'the body flows'] as Middle[]) {
    for (const how of deaths) {
      factIf(noCalls, `unheard, death by ${how} while ${middle} is a reset${tls ? ', TLS' : ''}`, async () => {
        const program = await startProgram('serve-program', [middle, ...(tls ? [JSON.stringify(certificate)] : [])])
        const { port } = (await soon(`a port; it wrote ${program.errors()}`, program.next())) as { port: number }
        const link = await peer().connect(port, tls ? { tls: { ...certificate, version: 'TLSv1.3' } } : {})
        const asked = program.next()
        await link.tell('write', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await soon('the handler is called', asked)
        if (middle === 'the body flows') await link.got(1000)
        if (how === 'SIGKILL') program.child.kill('SIGKILL')
        else program.tell(how)
        await soon(`the death by ${how}`, program.died)
        assert.is(await link.ended(), 'reset')
        assert.not.ok(link.sights.includes('eof'))
      })
    }
  }
}
