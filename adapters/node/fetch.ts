// Guards the connections of fetch() and of undici, which tells of them on diagnostics channels.
//
// 1. A connection that speaks HTTP/2 is left alone: its session reads and writes past the stream of the socket.
// 2. A connection is idle when every request on it was sent and answered, or given up.
import { channel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { parsePolicy } from '../core/policy.js'
import type { Guard, Policy } from '../core/types.js'
import { guardNetSocket } from '../net/guards.js'
import { type Pooled, takePooled } from '../net/pooled.js'
import { netHost } from './socket.js'

/** What undici publishes; each channel fills in some of it. */
interface Told {
  request: object
  socket: Socket & { alpnProtocol?: string | false | null }
}

/** The requests on one connection. */
interface Traffic {
  pooled: Pooled
  /** Each with what is still to come. */
  readonly open: Map<object, Set<'sent' | 'answered'>>
}

/** From now on new connections of fetch() are guarded. */
export interface GuardedFetch extends Disposable {
  /** New connections are guarded no more; those that are stay so. */
  stop(): void
}

/** Listens to undici, the global one and any other that this process has loaded. */
export function guardUndici(
  policy: Policy | undefined,
  guard: (socket: Socket) => Guard | undefined = (socket) => guardNetSocket(socket, policy, netHost),
): GuardedFetch {
  parsePolicy(policy, false)
  const connections = new WeakMap<Socket, Traffic>()
  const byRequest = new WeakMap<object, Traffic>()
  const done = (request: object, ...what: ('sent' | 'answered')[]): void => {
    const traffic = byRequest.get(request)
    const open = traffic?.open.get(request)
    if (traffic === undefined || open === undefined) return
    for (const each of what) open.delete(each)
    if (open.size > 0) return
    traffic.open.delete(request)
    if (traffic.open.size === 0) traffic.pooled.rest()
  }
  const listeners: Record<string, (told: Told) => void> = {
    'client:connected': ({ socket }) => {
      if (socket.alpnProtocol === 'h2') return
      const pooled = takePooled(socket, guard)
      if (pooled === undefined) return
      // The request that it was made for may have been given up.
      pooled.rest()
      connections.set(socket, { pooled, open: new Map() })
    },
    'client:sendHeaders': ({ request, socket }) => {
      const traffic = connections.get(socket)
      if (traffic === undefined) return
      byRequest.set(request, traffic)
      traffic.open.set(request, new Set(['sent', 'answered']))
      traffic.pooled.begin()
    },
    'request:bodySent': ({ request }) => done(request, 'sent'),
    'request:trailers': ({ request }) => done(request, 'answered'),
  }
  const stops = Object.entries(listeners).map(([name, listener]) => {
    const told = channel(`undici:${name}`)
    const hear = (message: unknown): void => listener(message as Told)
    told.subscribe(hear)
    return { told, hear, startsConnections: name === 'client:connected' }
  })
  // The connections that there are still need to be told of their messages.
  const stop = (): void => {
    for (const { told, hear, startsConnections } of stops) if (startsConnections) told.unsubscribe(hear)
  }
  return { stop, [Symbol.dispose]: stop }
}
