// The guarded program of the endurance tests: it serves every ending over every transport, and reports in lines.
//
// 1. It checks each verdict against what was asked for; the peer checks what it reads.
// 2. What it holds is told on request, after a garbage collection.
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { guard, guardServer, type PolicyOptions, type ServerGuard, type Summary, type Verdict } from '#adapter/index'
import type { Certificate } from '../support/certificate.js'
import { obey, say } from '../support/channel.js'
import { descriptors } from '../support/descriptors.js'
import { allocator, anonymousBytes } from './allocator.js'
import { answer, contradiction, endings, mostBytes } from './endings.js'
import { serve, serveBare, type Watcher } from './handlers.js'
import { Unwatched } from './unwatched.js'

/** What the program is started with. */
export interface Plan {
  /** Where it listens. */
  host: string
  policy?: PolicyOptions
  certificate?: Certificate
  /** Every verdict is told. */
  tells?: boolean
  /** Nobody guards the connections: to show the harm. */
  bare?: boolean
  /** What is kept of each connection of node:net, to show that it would be noticed. */
  leaks?: Leak
}

/** An object, a descriptor, or memory of no object. */
export type Leak = 'memory' | 'descriptors' | 'native'

/** `unwatched` is HTTP whose verdicts nobody hears. */
export type Transport = 'net' | 'tls' | 'http' | 'https' | 'unwatched'
export type Ports = Partial<Record<Transport, number>>

/** What the program holds. */
export interface Sample {
  seconds: number
  connections: number
  rss: number
  heapUsed: number
  /** Bytes that the C library's allocator has given out, where it can be asked. */
  allocated?: number
  /** What of `rss` is no file's, when that allocator has trimmed. */
  anonymous?: number
  descriptors: number
  /** Guards of http servers that have not let go. */
  guards: number
}

/** What it reports. */
export type Told =
  | { told: 'ports'; ports: Ports }
  | { told: 'verdict'; id: number; verdict: Verdict }
  | { told: 'sample'; sample: Sample }
  | { told: 'problem'; ending: string; why: string }
  | { told: 'endings'; counts: Record<string, number> }
  | { told: 'reopened'; summary: Summary; port: number }
  | { told: 'dialled'; how: 'connected' | 'refused' | 'gave up' }

/** What it is asked. */
export type Order =
  | 'sample'
  | 'endings'
  /** Closes the server that nobody watches, and opens another. */
  | 'reopen'
  | { dial: string; port: number; within: number }

const plan = JSON.parse(process.argv[2] ?? '{}') as Plan
const tell = (it: Told): void => say(it)
const counts: Record<string, number> = {}
let connections = 0

const count = (transport: string, { ended, by, cause }: Verdict): void => {
  connections += 1
  const key = `${transport}: ${ended} by ${by}, ${cause}`
  counts[key] = (counts[key] ?? 0) + 1
}

const kept: unknown[] = []

const watcher = (transport: Transport): Watcher => ({
  ended: ({ ending, id }, held) => {
    void held.verdict.then((verdict) => {
      count(transport, verdict)
      if (plan.tells) return tell({ told: 'verdict', id, verdict })
      const why = contradiction(verdict, endings[ending].verdict)
      if (why !== undefined) tell({ told: 'problem', ending: `${transport} ${ending}`, why })
    })
  },
  complain: (ending, why) => tell({ told: 'problem', ending: `${transport} ${ending}`, why }),
})

const nativeBytes = 4096
if (plan.leaks === 'native' && allocator === undefined) throw new Error('here no allocator can be asked for memory')

const leak = async (socket: net.Socket): Promise<void> => {
  if (plan.leaks === 'native') allocator?.take(nativeBytes)
  if (plan.leaks === 'memory') kept.push(Buffer.alloc(200).toString('hex'))
  if (plan.leaks !== 'descriptors') return
  const { openSync } = await import('node:fs')
  kept.push(openSync('/dev/null', 'r'))
  socket.unref()
}

const countBare = (socket: net.Socket): void =>
  void socket.once('close', () => {
    connections += 1
  })

const welcome =
  (transport: 'net' | 'tls') =>
  (socket: net.Socket): void => {
    if (!plan.bare) return serve(socket, plan.policy, watcher(transport))
    countBare(socket)
    serveBare(socket)
  }

const plain = (): net.Server =>
  net.createServer({ allowHalfOpen: true }, (socket) => {
    welcome('net')(socket)
    void leak(socket)
  })

const secure = (certificate: Certificate): tls.Server =>
  tls.createServer({ ...certificate, allowHalfOpen: true }).on('secureConnection', welcome('tls'))

/** The length of an answer that the path names: `/whole/1000`. */
const listener: http.RequestListener = (request, response) => {
  const [, what = '', text = '0'] = (request.url ?? '').split('/')
  const bytes = Math.min(Number(text), mostBytes)
  if (what === 'early') {
    response.writeHead(413, { connection: 'close', 'content-length': bytes })
    return void response.end(answer(bytes))
  }
  response.writeHead(200, { 'content-length': bytes })
  if (what === 'broken') return void response.write(answer(bytes >> 1), () => response.destroy())
  if (what === 'later') return void setTimeout(() => response.end(answer(bytes)), 1)
  response.end(answer(bytes))
}

const servers: ServerGuard[] = []

const web = (transport: 'http' | 'https' | 'unwatched', server: http.Server | https.Server): net.Server => {
  if (plan.bare) return server.on(transport === 'https' ? 'secureConnection' : 'connection', countBare)
  const guards = guardServer(server, plan.policy)
  guards.on('verdict', (verdict) => {
    count(transport, verdict)
    // Whole answers and broken ones are asked for, and nothing that takes too long or too much.
    const { ended, by, cause, rule } = verdict
    if (cause === 'deadline' || cause === 'limit' || (ended === 'reset' && by === 'us' && cause !== 'drop')) {
      tell({ told: 'problem', ending: transport, why: `${ended} by ${by}, ${cause} (rule ${rule})` })
    }
  })
  servers.push(guards)
  return server
}

const listen = (server: net.Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    // Many connect at once when a rest is over.
    server.listen({ port: 0, host: plan.host, backlog: 1024 }, () =>
      resolve((server.address() as net.AddressInfo).port),
    )
  })

const collect = async (): Promise<void> => {
  const it = globalThis as { gc?: () => void; Bun?: { gc(all: boolean): void } }
  // A turn of the event loop between two collections lets finalizers run.
  for (let times = 0; times < 4; times += 1) {
    if (it.Bun !== undefined) it.Bun.gc(true)
    else it.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const started = performance.now()

const sample = async (): Promise<void> => {
  await collect()
  const { rss, heapUsed } = process.memoryUsage()
  const allocated = allocator?.allocated()
  allocator?.trim()
  const anonymous = anonymousBytes()
  const native = {
    ...(allocated === undefined ? {} : { allocated }),
    ...(anonymous === undefined ? {} : { anonymous }),
  }
  const guards = servers.reduce((sum, each) => sum + each.guards.size, 0)
  const seconds = (performance.now() - started) / 1000
  tell({
    told: 'sample',
    sample: { seconds, connections, rss, heapUsed, ...native, descriptors: descriptors(), guards },
  })
}

// A connection of our own is guarded when it is there; one that does not come to be is the owner's to give up.
const dial = (host: string, port: number, within: number): void => {
  const socket = net.connect({ host, port })
  const timer = setTimeout(() => socket.destroy(), within)
  let how: 'connected' | 'refused' | 'gave up' = 'gave up'
  socket.once('connect', () => {
    how = 'connected'
    guard(socket)
    socket.end()
  })
  socket.once('error', () => {
    how = 'refused'
  })
  socket.once('close', () => {
    clearTimeout(timer)
    tell({ told: 'dialled', how })
  })
  socket.resume()
}

process.on('uncaughtException', (error) => tell({ told: 'problem', ending: 'uncaught', why: error.stack ?? '' }))
process.on('unhandledRejection', (error) => tell({ told: 'problem', ending: 'unhandled', why: String(error) }))

const unwatched = new Unwatched(listener, listen, plan.policy)

const reopen = async (): Promise<void> => {
  const summary = await unwatched.close()
  connections += summary.connections
  for (const of of ['ended', 'delivery'] as const) {
    for (const [word, times] of Object.entries(summary[of])) {
      const key = `unwatched: ${of} ${word}`
      if (times > 0) counts[key] = (counts[key] ?? 0) + times
    }
  }
  tell({ told: 'reopened', summary, port: await unwatched.open() })
}

const ports: Ports = { net: await listen(plain()) }
if (plan.certificate !== undefined) {
  const { certificate } = plan
  ports.tls = await listen(secure(certificate))
  ports.http = await listen(web('http', http.createServer(listener)))
  ports.https = await listen(web('https', https.createServer(certificate, listener)))
  ports.unwatched = plan.bare ? await listen(web('unwatched', http.createServer(listener))) : await unwatched.open()
}
tell({ told: 'ports', ports })
obey((message) => {
  const order = message as Order
  if (order === 'sample') void sample()
  else if (order === 'reopen') void reopen()
  else if (order === 'endings') tell({ told: 'endings', counts })
  else dial(order.dial, order.port, order.within)
})
