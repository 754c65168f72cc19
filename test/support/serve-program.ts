// A program that serves one request with serve(), where nobody hears of verdicts, and dies in the middle as it is told.
import type { Certificate } from './certificate.js'
import { obey, say } from './channel.js'
import { type Death, die } from './death.js'
import { parted, serving } from './serve-kit.js'

/** Where it is when it dies: no byte is written, or some are. */
export type Middle = 'the handler waits' | 'the body flows'

const middle = process.argv[2] as Middle
const tls = process.argv[3] === undefined ? {} : { tls: JSON.parse(process.argv[3]) as Certificate }

const server = serving(
  () => {
    say('asked')
    return middle === 'the body flows' ? new Response(parted(1e6, 1000)) : new Promise<Response>(() => undefined)
  },
  { unheard: true, ...tls },
)
obey((how) => die(how as Death))
say({ port: server.port })
