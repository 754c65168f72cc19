// Programs of users of the package, for the tests that install it: what they run, and what they compile.

// A connection of each runtime's own, and of node:net, from the package alone: one that is complete, one that is not.
export const guarding = (runtime: 'node' | 'deno' | 'bun'): string => `
  import net from 'node:net'
  import { guard } from 'finrst'
  import * as named from 'finrst/${runtime}'
  ${runtime === 'bun' ? "import { observe } from 'finrst'" : ''}
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
  process.exit()`

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
