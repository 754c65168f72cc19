// Bun.listen() whose connections guardServer() can see: their events come through handlers that are given beforehand.
import { record, wrongType } from '../core/check.js'
import { type Accepted, GuardedListener, type Unasked } from '../core/listener.js'
import { original } from '../core/originals.js'
import type { ServerGuard, ServerOptions } from '../core/server-types.js'
import { shared } from '../core/shared.js'
import type { Policy } from '../core/types.js'
import { guardBunSocket, observeWith, type Watcher } from './native.js'
import { bun, type BunListener, type BunSocket, type ListenOptions } from './runtime.js'

/** What a server is in Bun, for errors. */
export const expectedServer =
  'a server of node:net, node:tls, node:http, node:https or node:http2, or what listen() gives over TCP; in place of ' +
  'Bun.listen() use listen(), and in place of Bun.serve() use serve()'

/** What became of one `listen()`: who wants to see its connections before their owner does. */
interface Listening {
  guarded?: GuardedListener<BunSocket>
  readonly unguarded: WeakMap<object, () => void>
}

const listenings = shared('listeners', () => new WeakMap<object, Listening>())

/** What has handlers, which may be given anew later. */
interface Reloads {
  reload?(options: never): unknown
}

/**
 * `Bun.listen()` whose connections can be guarded: by `guardServer()` all of them, by `guard()` each of them.
 *
 * Give `allowHalfOpen: true` where our side is to outlive the peer's FIN: without it Bun closes then.
 * @param options what `Bun.listen()` takes; the handlers need no `observe()`
 * @returns what `Bun.listen()` gives
 * @throws TypeError that names the argument, the value and what is allowed, and what `Bun.listen()` throws
 * @example
 * ```ts
 * const guards = guardServer(listen({ hostname: 'localhost', port: 7007, socket: { data(socket, chunk) {} } }))
 * ```
 */
export function listen<Socket = BunSocket, Listener extends BunListener = BunListener>(
  options: ListenOptions<Socket>,
): Listener {
  const { socket, ...rest } = record('options', options, 'the options of Bun.listen()')
  const listening: Listening = { unguarded: new WeakMap() }
  const observed = (handlers: object): object =>
    observeAll(handlers, {
      opened: (it) => {
        const gone = listening.guarded?.admit(it as BunSocket)
        if (gone !== undefined) listening.unguarded.set(it, gone)
      },
      closed: (it) => listening.unguarded.get(it)?.(),
    })
  const listener = original(bun.listen)({ ...rest, socket: observed(socket) })
  keepsObserved(listener, observed)
  listenings.set(listener, listening)
  return listener as Listener
}

/** {@link observeWith}, also of the handlers that a socket is given later. */
export function observeAll(handlers: object, { opened, closed }: Watcher): object {
  const observed = (its: object): object =>
    observeWith(its, {
      opened: (socket) => {
        opened?.(socket)
        keepsObserved(socket, observed)
      },
      ...(closed ? { closed } : {}),
    })
  return observed(handlers)
}

// Handlers that come later are wrapped as the first ones were: a guard that sees nothing would hold on for ever.
function keepsObserved(it: Reloads, observed: (handlers: object) => object): void {
  const { reload } = it
  if (reload === undefined) return
  const reloadObserved = (next: { socket: object }): unknown =>
    Reflect.apply(reload, it, [{ ...record('options', next), socket: observed(next.socket) }] as never)
  Object.defineProperty(it, 'reload', { value: reloadObserved, configurable: true, writable: true })
}

/** Whether it is a listener of Bun, of whatever transport. */
export function isListener(server: unknown): server is BunListener {
  if (typeof server !== 'object' || server === null) return false
  return listenings.has(server) || ['getsockname', 'reload', 'stop'].every((name) => callable(server, name))
}

const callable = (it: object, name: string): boolean => typeof (it as Record<string, unknown>)[name] === 'function'

/** The guard of a listener that {@link listen} has made, itself made at the first call, or before, `unasked`. */
export function guardBunListener(
  listener: BunListener,
  policy: Policy | undefined,
  options: ServerOptions | undefined,
  unasked?: Unasked<BunSocket>,
): ServerGuard {
  const listening = listenings.get(listener)
  if (listening === undefined) {
    const how = 'make it with listen() of finrst, which takes what Bun.listen() takes'
    throw new TypeError(`finrst: server is a listener of Bun whose connections stay unseen; ${how}`)
  }
  if (typeof listener.port !== 'number') throw wrongType('server', listener, expectedServer)
  if (listening.guarded !== undefined) return listening.guarded.ask(policy, options)
  const accepted: Accepted<BunSocket> = { guard: guardBunSocket, close: (socket) => socket.close() }
  const door = { stop: () => listener.stop() }
  listening.guarded = new GuardedListener(door, policy, options, accepted, unasked)
  return listening.guarded.guards
}
