// finrst/auto for Deno: `deno run --preload npm:finrst/auto app.ts` guards the connections of an unchanged program.
//
// 1. What `deno serve` and fetch() open shows no sockets to any program, and is not guarded.
// 2. TLS that begins on a connection takes it over: the guard of the connection gives way to one of TLS.
import process from 'node:process'
import { startAuto, type Told } from '../core/environment.js'
import type { Unasked } from '../core/listener.js'
import { replace } from '../core/originals.js'
import { guardClients, guardServers, guardTlsOver, quietly, warnOnce } from '../net/auto.js'
import { guardDenoListener } from './listener.js'
import { connGivesWay, guardConn } from './native.js'
import { deno, type ServeHandler, type ServeOptions, type TcpConn, type TcpListener, variable } from './runtime.js'
import { serve } from './serve.js'
import { netHost } from './socket.js'

type Connect = (...values: never[]) => Promise<TcpConn>
type Listen = (...values: never[]) => TcpListener

const host = { ...netHost, unasked: true }

function guardNativeServers({ policy, options }: Told, unasked: Unasked<TcpConn>): void {
  for (const name of ['listen', 'listenTls'] as const) {
    replace(deno, name, (listen: Listen) => (...values: never[]) => {
      const listener = listen(...values)
      quietly(() => guardDenoListener(listener, policy, options, unasked))
      return listener
    })
  }
  replace(deno, 'serve', () => (first: ServeOptions | ServeHandler, second?: ServeHandler) => {
    const given = typeof first === 'function' ? { handler: first } : second ? { ...first, handler: second } : first
    return serve({ ...given, policy } as Parameters<typeof serve>[0] & { handler: ServeHandler })
  })
}

function start(told: Told): void {
  const { policy, servers, clients } = told
  const unasked: Unasked<TcpConn> = (conn, its) => {
    warnOnce(told, host)
    return guardConn(conn, its, true)
  }
  const take = (conn: TcpConn): TcpConn => {
    quietly(() => unasked(conn, policy))
    return conn
  }
  if (servers) guardServers(told, host)
  if (servers) guardNativeServers(told, unasked)
  if (clients) guardClients(told, host)
  for (const name of clients ? (['connect', 'connectTls'] as const) : []) {
    replace(
      deno,
      name,
      (connect: Connect) =>
        (...values: never[]) =>
          connect(...values).then(take),
    )
  }
  guardTlsOver(told, host)
  replace(deno, 'startTls', (startTls: Connect) => async (...values: never[]) => {
    const gaveWay = connGivesWay(values[0] as unknown as TcpConn)
    const conn = await startTls(...values)
    return gaveWay ? take(conn) : conn
  })
}

startAuto(variable, ['Deno.dlopen'], start, () => process.exit(2))
