// Programs of users of the package, for the tests that install it: what they run, and what they compile.
import type { RuntimeName } from '../../scripts/runtimes.ts'

/** How a program comes to the package. */
export type ModuleKind = 'esm' | 'cjs'

/** The import of names, in one of the two kinds of modules. */
const importing = (kind: ModuleKind, names: string, from: string): string =>
  kind === 'esm' ? `import ${names} from '${from}'` : `const ${names.replace('* as ', '')} = require('${from}')`

/** The entry for a runtime: require() of Deno does not know the condition `deno`, so that the name has to say it. */
const entryOf = (runtime: RuntimeName, kind: ModuleKind): string =>
  runtime === 'deno' && kind === 'cjs' ? 'finrst/deno' : 'finrst'

/**
 * A connection of each runtime's own, and of node:net, from the package alone: one that is complete, one that is not.
 * It prints what {@link guarded} answers.
 */
export const guarding = (runtime: RuntimeName, kind: ModuleKind = 'esm'): string => `
  ${importing(kind, 'net', 'node:net')}
  ${importing(kind, `{ guard${runtime === 'bun' ? ', observe' : ''} }`, entryOf(runtime, kind))}
  ${importing(kind, '* as named', `finrst/${runtime}`)}
  const hostname = '127.0.0.1'
  const peer = (port) => new Promise((resolve) => {
    let bytes = 0
    const socket = net.connect({ port, host: hostname }).on('data', (chunk) => { bytes += chunk.length })
    socket.on('end', () => resolve(bytes + ' end of file')).on('error', ({ code }) => resolve(bytes + ' ' + code))
  })
  const told = []
  const serve = async (socket, policy) => {
    const held = guard(socket, policy)
    socket.write(new Uint8Array(1000))
    setTimeout(() => { if (policy === 'strict') held[Symbol.dispose](); else void held.close() }, 50)
    told.push((await held.verdict).ended, held.capabilities.backend)
  }
  const main = async () => {
    for (const policy of ['compatible', 'strict']) {
      const server = net.createServer((socket) => void serve(socket, policy))
      await new Promise((resolve) => server.listen(0, hostname, resolve))
      told.push(await peer(server.address().port))
      server.close()
      if ('${runtime}' === 'deno') {
        const listener = Deno.listen({ port: 0, hostname })
        void listener.accept().then((conn) => serve(conn, policy))
        told.push(await peer(listener.addr.port))
        listener.close()
      } else if ('${runtime}' === 'bun') {
        const open = (socket) => void serve(socket, policy)
        const listener = Bun.listen({ port: 0, hostname, socket: observe({ open, data() {} }) })
        told.push(await peer(listener.port))
        listener.stop()
      }
    }
    console.log(JSON.stringify([named.guard === guard, ...told.sort()]))
    process.exit()
  }
  void main()`

const backends = { node: 'koffi', deno: 'Deno.dlopen', bun: 'bun:ffi' } as const

/** What {@link guarding} prints where everything is as it should be. */
export const guarded = (runtime: RuntimeName, backend: string = backends[runtime]): (string | boolean)[] => {
  const kinds = runtime === 'node' ? 1 : 2
  const each = ['1000 ECONNRESET', '1000 end of file', backend, backend, 'fin', 'reset']
  return [true, ...each.flatMap((word) => Array.from({ length: kinds }, () => word)).sort()]
}

/** What a user of Node compiles, whose libraries are checked too. */
export const consumer = `
import { connect, type Socket } from 'node:net'
import { countVerdicts, explain, type Explanation, guard, type Guard, type MeterLike, type Policy } from 'finrst'
import { run, table, type Verdict } from 'finrst'
import { guard as nodeGuard } from 'finrst/node'
import { presets } from 'finrst/core'
import { type Cell, cellsOf, platforms, type Row, type Rule, rules, strengthOf, type Vector } from 'finrst/spec'
import { table as inlined, type Evidence, type Platform, type Run, type TableRow, runs, vectors } from 'finrst/spec'

const policy: Policy = { preset: 'strict', drainIdleMs: 1000 }
const socket: Socket = connect(1, 'localhost')
const held: Guard = guard(socket, policy)
export const verdict: Verdict = await held.close({ within: 5000 })
export const length: number = await run(socket, async (inner) => {
  await inner.finishSending()
  return 1
})
export const told: Explanation | undefined = explain(verdict.rule)
export const others = [nodeGuard, presets]
const [row]: TableRow[] = table('close.unread')
const same: Row | undefined = row ?? inlined('close.unread')[0]
export const cells: Cell[] = same === undefined ? [] : cellsOf(same, 'linux')
export const words: string[] = cells.map((cell) => cell.is + strengthOf(cell))
export const refs: string[] = cells.flatMap(({ evidence }) => evidence.map(({ kind, ref }: Evidence) => kind + ref))
export const data: [Platform | undefined, Rule | undefined, Vector | undefined, Run | undefined] = [
  platforms[0], rules[0], vectors[0], runs[0],
]
for (const vector of vectors) if ('event' in vector) words.push(vector.rule, ...vector.plan)
// @ts-expect-error: a cell has no strength of its own
cells[0]?.strength
// @ts-expect-error: there is no such preset
guard(socket, 'lenient')
const meter: MeterLike = { createCounter: () => ({ add: () => undefined }) }
export const counts = countVerdicts({ meter }).snapshot()
`

/** What a user of CommonJS compiles. */
export const requiringConsumer = `
import net = require('node:net')
import finrst = require('finrst')
import spec = require('finrst/spec')
const { guard } = require('finrst/node') as typeof import('finrst/node')
export const held: finrst.Guard = finrst.guard(net.connect(1), 'strict')
export const closing: Promise<finrst.Verdict> = guard(net.connect(1)).close()
export const rows: number = spec.rows.length
// @ts-expect-error: there is no such preset
finrst.guard(net.connect(1), 'lenient')
`

/** What a browser runs: it asks the engine for a decision. */
export const deciding = `
import { engine, explain } from 'finrst/core'
const { version, decide } = engine()
console.log([version(), decide(0, 0, 1, 0), explain('close-flushes').rule].join(' '))
`

// An answer that breaks off, and how its client takes it.
export const unchanged = `
  import net from 'node:net'
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).write('half', () => socket.destroy(new Error('no more')))
  })
  server.listen(0, '127.0.0.1', () => {
    const client = net.connect(server.address().port, '127.0.0.1').resume()
    client.on('end', () => console.log('end of file')).on('error', ({ code }) => console.log(code))
    client.on('close', () => process.exit())
  })`

/** What a user of Deno compiles. It imports nothing of Node, so that no types of Node are asked for. */
export const denoConsumer = `
import { guard, guardServer, run, serve, type Summary, type TcpConn, type Verdict } from 'finrst'
const answer = (request: Request, info: Deno.ServeHandlerInfo) => new Response(request.url + info.remoteAddr.transport)
const server: Deno.HttpServer<Deno.NetAddr> = serve({ port: 0, policy: 'strict' }, answer)
await server.shutdown()
for (const handler of [() => new Response('x')]) serve({ onVerdict: ({ ended }) => console.log(ended), handler })
// @ts-expect-error: a handler answers
serve({}, () => 7)
guard(await Deno.connectTls({ port: 1, hostname: 'localhost' }))
const conn: TcpConn = await Deno.connect({ port: 1 })
export const verdict: Verdict = await guard(conn, 'strict').close()
for await (const accepted of Deno.listen({ port: 0 })) await run(accepted, () => undefined)
const listeners = [guardServer(Deno.listen({ port: 0 })), guardServer(Deno.listenTls({ port: 0, cert: '', key: '' }))]
export const summaries: Summary[] = await Promise.all(listeners.map((it) => it.close({ within: 1000 })))
// @ts-expect-error: a listener is no connection
guard(Deno.listen({ port: 0 }))
`

/** What a user of OpenTelemetry compiles. */
export const meterConsumer = `
import { metrics, type Meter } from '@opentelemetry/api'
import { countVerdicts } from 'finrst'
const meter: Meter = metrics.getMeter('server')
export const counts = countVerdicts({ meter }).snapshot()
// @ts-expect-error: the api is no meter
countVerdicts({ meter: metrics })
`

/** What a user of Bun compiles. */
export const bunConsumer = `
import { guard, guardServer, listen, observe, run, serve, type Summary, type Verdict } from 'finrst'
import { connect } from 'node:net'
const socket = await Bun.connect({ hostname: 'localhost', port: 1, socket: observe({ data() {} }) })
export const verdict: Verdict = await guard(socket, 'strict').close()
Bun.listen<{ count: number }>({
  hostname: 'localhost',
  port: 0,
  allowHalfOpen: true,
  socket: observe({
    async open(accepted: Bun.Socket<{ count: number }>) {
      await run(accepted, () => void (accepted.data.count += 1))
    },
    data() {},
  }),
})
interface State { count: number }
const listener = listen<Bun.Socket<State>, Bun.TCPSocketListener<State>>({
  hostname: 'localhost',
  port: 0,
  socket: {
    open: (accepted) => void (accepted.data = { count: 1 }),
    data: (accepted, chunk) => void accepted.end(chunk),
  },
})
export const summary: Summary = await guardServer(listener).close({ within: 1000 })
guardServer(listen({ port: 0, socket: { data: (accepted, chunk) => void accepted.end(chunk) } }))
// @ts-expect-error: there are no handlers
listen({ port: 0 })
const server = serve<ReturnType<typeof Bun.serve>>({
  port: 0,
  policy: { onFailure: 'close' },
  fetch: (request: Request, its: Bun.Server<undefined>) => new Response(its.requestIP(request)?.address),
  onVerdict: ({ ended }) => console.log(ended),
})
await server.stop()
// @ts-expect-error: there is no such preset
serve({ policy: 'lenient', fetch: () => new Response('x') })
guard(connect(1))
// @ts-expect-error: handlers are an object
observe('handlers')
`
