// finrst/auto for Deno: `deno run --preload npm:finrst/auto app.ts` guards the connections of an unchanged program.
//
// 1. What `deno serve` and fetch() open shows no sockets to any program, and is not guarded.
// 2. TLS that begins on a connection takes it over: the guard of the connection gives way to one of TLS.
import process from 'node:process'
import { startAuto, type Told } from '../core/environment.js'
import { replace } from '../core/originals.js'
import { guardClients, guardServers, guardTlsOver, quietly, warnOnce } from '../net/auto.js'
import { connGivesWay, guardConn } from './native.js'
import { deno, type Listener, type ServeHandler, type ServeOptions, type TcpConn, variable } from './runtime.js'
import { serve } from './serve.js'
import { netHost } from './socket.js'

type Connect = (...values: never[]) => Promise<TcpConn>
type Listen = (...values: never[]) => Listener

const host = { ...netHost, unasked: true }

function guardNativeServers({ policy }: Told, take: (conn: TcpConn) => TcpConn): void {
  const guarded = (listener: Listener): Listener => {
    const { accept } = listener
    return Object.assign(listener, { accept: async () => take(await Reflect.apply(accept, listener, [])) })
  }
  for (const name of ['listen', 'listenTls'] as const) {
    replace(
      deno,
      name,
      (listen: Listen) =>
        (...values: never[]) =>
          guarded(listen(...values)),
    )
  }
  replace(deno, 'serve', () => (first: ServeOptions | ServeHandler, second?: ServeHandler) => {
    const given = typeof first === 'function' ? { handler: first } : second ? { ...first, handler: second } : first
    return serve({ ...given, policy } as Parameters<typeof serve>[0] & { handler: ServeHandler })
  })
}

function guardNativeClients(take: (conn: TcpConn) => TcpConn): void {
  for (const name of ['connect', 'connectTls'] as const) {
    replace(
      deno,
      name,
      (connect: Connect) =>
        async (...values: never[]) =>
          take(await connect(...values)),
    )
  }
}

function start(told: Told): void {
  const take = (conn: TcpConn): TcpConn => {
    quietly(() => warnOnce(told, host))
    quietly(() => guardConn(conn, told.policy, true))
    return conn
  }
  if (told.servers) guardServers(told, host)
  if (told.servers) guardNativeServers(told, take)
  if (told.clients) guardClients(told, host)
  if (told.clients) guardNativeClients(take)
  guardTlsOver(told, host)
  replace(deno, 'startTls', (startTls: Connect) => async (...values: never[]) => {
    const gaveWay = connGivesWay(values[0] as unknown as TcpConn)
    const conn = await startTls(...values)
    return gaveWay ? take(conn) : conn
  })
}

startAuto(variable, ['Deno.dlopen'], start, () => process.exit(2))
