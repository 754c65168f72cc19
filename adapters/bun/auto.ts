// finrst/auto for Bun: `bun --preload finrst/auto app.ts` guards the connections of an unchanged program.
//
// 1. The servers of node:net and node:http are made of Bun.listen() and Bun.serve(), and are guarded as what they are.
// 2. fetch() shows no sockets to any program, and is not guarded.
import { startAuto, type Told } from '../core/environment.js'
import { replace } from '../core/originals.js'
import { guardClients, guardServers, quietly } from '../net/auto.js'
import { guardBunSocket, type Handlers, observe } from './native.js'
import { bun, type BunSocket, type ServeOptions } from './runtime.js'
import { serve } from './serve.js'
import { netHost } from './socket.js'

interface Opens {
  socket: Handlers & object
}

type Open = (options: Opens) => unknown

const host = { ...netHost, unasked: true }

/** What node:net and node:http hand to Bun, and no program does. */
const isOfNode = (options: object): boolean => 'pauseOnConnect' in options || 'onNodeHTTPRequest' in options

/** What has handlers, which may be given anew later. */
interface Reloads {
  reload?(options: never): unknown
}

// The handlers, which guard each socket before the program sees it.
function guarded<T extends Opens>(options: T, { policy }: Told): T {
  if (isOfNode(options) || typeof options.socket !== 'object') return options
  const handlers = options.socket
  const open = (socket: BunSocket & Reloads): unknown => {
    quietly(() => guardBunSocket(socket, policy, true))
    keepsObserved(socket, (next: Opens) => ({ ...next, socket: observe(next.socket) }))
    return handlers.open && Reflect.apply(handlers.open, handlers, [socket] as never)
  }
  return { ...options, socket: observe({ ...handlers, open }) }
}

// Handlers that come later are wrapped as the first ones were: a guard that sees nothing would hold on for ever.
function keepsObserved(it: Reloads, wrap: (next: never) => object): void {
  const { reload } = it
  if (reload !== undefined) it.reload = (next) => Reflect.apply(reload, it, [wrap(next) as never])
}

function start(told: Told): void {
  if (told.servers) {
    guardServers(told, host)
    replace(bun, 'listen', (listen: Open) => (options: Opens) => {
      const listener = listen(guarded(options, told)) as Reloads
      if (!isOfNode(options)) keepsObserved(listener, (next: Opens) => guarded(next, told))
      return listener
    })
    replace(bun, 'serve', (its) => (options: ServeOptions) => {
      return isOfNode(options) ? its(options) : serve({ ...options, policy: told.policy })
    })
  }
  if (told.clients) {
    guardClients(told, host)
    replace(bun, 'connect', (connect: Open) => (options: Opens) => connect(guarded(options, told)))
  }
}

startAuto(
  (name) => process.env[name],
  ['bun:ffi'],
  start,
  () => process.exit(2),
)
