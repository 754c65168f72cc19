// finrst/auto for Bun: `bun --preload finrst/auto app.ts` guards the connections of an unchanged program.
//
// 1. The servers of node:net and node:http are made of Bun.listen() and Bun.serve(), and are guarded as what they are.
// 2. fetch() shows no sockets to any program, and is not guarded.
import { startAuto, type Told } from '../core/environment.js'
import type { Unasked } from '../core/listener.js'
import { replace } from '../core/originals.js'
import { guardClients, guardServers, quietly, warnOnce } from '../net/auto.js'
import { guardBunListener, listen, observeAll } from './listener.js'
import { guardBunSocket } from './native.js'
import { bun, type BunSocket, type ListenOptions, type ServeOptions } from './runtime.js'
import { serve } from './serve.js'
import { netHost } from './socket.js'

type Open = (options: ListenOptions) => unknown

const host = { ...netHost, unasked: true }

/** What node:net and node:http hand to Bun, and no program does. */
const isOfNode = (options: object): boolean => 'pauseOnConnect' in options || 'onNodeHTTPRequest' in options

/** Whether they are a program's, and have handlers. */
const isOurs = (options: ListenOptions | undefined): options is ListenOptions =>
  typeof options?.socket === 'object' && options.socket !== null && !isOfNode(options)

function start(told: Told): void {
  const { policy, options: bounds } = told
  const unasked: Unasked<BunSocket> = (socket, its) => {
    warnOnce(told, host)
    return guardBunSocket(socket, its, true)
  }
  if (told.servers) {
    guardServers(told, host)
    replace(bun, 'listen', (its: Open) => (options: ListenOptions) => {
      if (!isOurs(options)) return its(options)
      const listener = listen(options)
      quietly(() => guardBunListener(listener, policy, bounds, unasked))
      return listener
    })
    replace(bun, 'serve', (its) => (options: ServeOptions) => {
      return isOfNode(options) ? its(options) : serve({ ...options, policy })
    })
  }
  if (told.clients) {
    guardClients(told, host)
    const opened = (socket: object): void => void quietly(() => unasked(socket as BunSocket, policy))
    replace(bun, 'connect', (its: Open) => (options: ListenOptions) => {
      return its(isOurs(options) ? { ...options, socket: observeAll(options.socket, { opened }) } : options)
    })
  }
}

startAuto(
  (name) => process.env[name],
  ['bun:ffi'],
  start,
  () => process.exit(2),
)
