// Bun.serve() with guarded connections: an answer that is not whole is a reset, whatever happens to it.
//
// 1. Bun sends a FIN before it closes behind a whole answer, and none where an answer broke off: so its bodies need not
//    be read through here.
// 2. Bun forgets a request when its answer has been sent or will not be: `requestIP()` then knows nothing of it.
import type { ServedHost, ServedWire } from '../core/served.js'
import { outcomeOf, Serving, type ServingOptions } from '../core/serving.js'
import { record } from '../core/check.js'
import { original } from '../core/originals.js'
import { BunExchange } from './exchange.js'
import { servedHost } from './native.js'
import { bun, type BunServer, type ServeHandler, type ServeOptions } from './runtime.js'

/** What {@link serve} takes: the options of `Bun.serve()`, and ours. */
export type GuardedServeOptions = ServeOptions & ServingOptions

const host: ServedHost = {
  ...servedHost,
  // Where it cannot be asked, the peer's stack must have everything.
  closedWhole: (descriptor) => descriptor.finIsOut() ?? descriptor.unacked() === 0,
}

/**
 * `Bun.serve()` whose connections are guarded as long as an exchange is under way.
 *
 * From the call of `fetch` or of a route until the whole answer is acknowledged by the peer's stack, a death of the
 * process is a reset. A body that fails is one too, and a handler that throws, unless there is an `error` to answer for
 * it. Behind a whole answer the connection is Bun's alone, and ends as ever. One that has become a WebSocket is not
 * guarded, nor is one that is no TCP, nor a route that is a `Response`, for which no code of ours runs. Without system
 * calls it is `Bun.serve()`.
 * @throws TypeError, RangeError that names the option, its value and what is allowed
 * @example
 * ```ts
 * serve({ port: 8000, fetch: () => new Response(body), onVerdict: ({ ended }) => log(ended) })
 * ```
 */
export function serve<T extends BunServer = BunServer>(options: GuardedServeOptions): T {
  const { policy, onVerdict, ...rest } = record('options', options, 'the options of Bun.serve()')
  const serving = new Serving(host, {
    ...(policy === undefined ? {} : { policy }),
    ...(onVerdict === undefined ? {} : { onVerdict }),
  })
  const server = original(bun.serve)(guarded(rest, serving))
  const { reload, stop } = server
  server.reload = (next: ServeOptions) => Reflect.apply(reload, server, [guarded(next, serving)])
  server.stop = (...values) => {
    serving.settle()
    return Reflect.apply(stop, server, values)
  }
  return server as T
}

// The same options, whose handlers are ours.
function guarded(options: ServeOptions, serving: Serving): ServeOptions {
  const wrap = (handler: ServeHandler): ServeHandler => wrapped(handler, options.error, serving)
  const { fetch, routes } = options
  return {
    ...options,
    ...(typeof fetch === 'function' ? { fetch: wrap(fetch) } : {}),
    ...(routes === undefined ? {} : { routes: wrappedRoutes(routes, wrap) }),
  }
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

// A route is a handler, or handlers by method, or what Bun serves without one.
function wrappedRoutes(
  routes: Record<string, unknown>,
  wrap: (handler: ServeHandler) => ServeHandler,
): Record<string, unknown> {
  const entries = Object.entries(routes).map(([key, value]) => {
    if (typeof value === 'function') return [key, wrap(value as ServeHandler)]
    return [key, isPlain(value) ? wrappedRoutes(value, wrap) : value]
  })
  return Object.fromEntries(entries)
}

function wrapped(handler: ServeHandler, onError: ServeOptions['error'], serving: Serving): ServeHandler {
  return function (this: unknown, request, server) {
    const call = (): unknown => Reflect.apply(handler, this, [request, server])
    const exchange = new BunExchange(request, server)
    const busy = begin(serving, request, server, exchange)
    if (busy === undefined) return call()
    const given = (response: unknown): unknown => {
      exchange.answered(response)
      busy.hurry()
      return response
    }
    return outcomeOf(call, given, (error) => {
      if (onError !== undefined) return outcomeOf(() => onError(error as Error), given, raise)
      busy.fail(error)
      throw error
    })
  }
}

function raise(error: unknown): never {
  throw error
}

function begin(serving: Serving, request: Request, server: BunServer, exchange: BunExchange): ServedWire | undefined {
  const peer = server.requestIP(request)
  return peer === null ? undefined : serving.begin(peer, server, exchange)
}
