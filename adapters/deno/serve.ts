// Deno.serve() with guarded connections: an answer that is not whole is a reset, whatever happens to it.
//
// 1. Deno ends the connection of a body that fails with a FIN, with TLS behind a close_notify: so a body is read
//    through here, and the reset comes before Deno learns of the failure.
// 2. A body that is no stream goes on as it is, so that Deno sends it with its length, as ever.
import type { ServedHost } from '../core/served.js'
import { outcomeOf, Serving, type ServingOptions } from '../core/serving.js'
import { record, wrongType } from '../core/check.js'
import { original } from '../core/originals.js'
import { DenoExchange } from './exchange.js'
import { servedHost } from './native.js'
import { deno, type HttpServer, type NetAddr, type ServeHandler, type ServeInfo, type ServeOptions } from './runtime.js'

/** What {@link serve} takes: the options of `Deno.serve()`, and ours. */
export type GuardedServeOptions = ServeOptions & ServingOptions

/**
 * `Deno.serve()` whose connections are guarded as long as an exchange is under way.
 *
 * From the call of the handler until the whole answer is acknowledged by the peer's stack, a death of the process is a
 * reset. A body that fails, or is shorter than its `content-length`, is one too, and a handler that throws, unless
 * there is an `onError` to answer for it. Behind a whole answer the connection is Deno's alone, and ends as ever. One
 * that has become a WebSocket is not guarded, nor is one that is no TCP. A stream that fails under HTTP/2 is reset
 * alone, by Deno. Without system calls it is `Deno.serve()`.
 * @throws TypeError, RangeError that names the option, its value and what is allowed
 * @example
 * ```ts
 * serve({ port: 8000, onVerdict: ({ ended }) => log(ended) }, () => new Response(body))
 * ```
 */
export function serve(options: GuardedServeOptions & { handler: ServeHandler }): HttpServer
export function serve(handler: ServeHandler): HttpServer
export function serve(options: GuardedServeOptions, handler: ServeHandler): HttpServer
export function serve(
  first: (GuardedServeOptions & { handler?: ServeHandler }) | ServeHandler,
  second?: ServeHandler,
): HttpServer {
  const given = typeof first === 'function' ? { handler: first } : record('options', first, 'options or a handler')
  const { policy, onVerdict, handler: inOptions, ...options } = given
  const handler = second ?? inOptions
  if (typeof handler !== 'function') throw wrongType('handler', handler, 'a function (request, info)')
  const host: ServedHost = {
    ...servedHost,
    // TLS of Deno says goodbye, and ends the connection below it.
    sendsFin: options.cert !== undefined,
    closedWhole: () => options.signal?.aborted !== true,
  }
  const serving = new Serving(host, {
    ...(policy === undefined ? {} : { policy }),
    ...(onVerdict === undefined ? {} : { onVerdict }),
  })
  const server: HttpServer = original(deno.serve)(options, (request, info) => {
    const begun = begin(serving, server, request, info)
    return begun === undefined ? handler(request, info) : answer(begun, handler, options.onError, request, info)
  })
  return server
}

function begin(serving: Serving, { addr }: HttpServer, request: Request, info: ServeInfo): DenoExchange | undefined {
  const { remoteAddr } = info
  if (!isTcp(remoteAddr) || !isTcp(addr)) return undefined
  const exchange = new DenoExchange(request)
  const busy = serving.begin({ address: remoteAddr.hostname, port: remoteAddr.port }, addr, exchange)
  if (busy === undefined) return undefined
  exchange.follow(info, busy)
  return exchange
}

const isTcp = (address: { transport: string }): address is NetAddr => address.transport === 'tcp'

function answer(
  exchange: DenoExchange,
  handler: ServeHandler,
  onError: ServeOptions['onError'],
  request: Request,
  info: ServeInfo,
): Response | Promise<Response> {
  const given = (response: Response): Response => exchange.answer(response)
  return outcomeOf(
    () => handler(request, info),
    given,
    (error) => {
      if (onError !== undefined) return outcomeOf(() => onError(error), given, raise)
      exchange.refuse(error)
      throw error
    },
  )
}

function raise(error: unknown): never {
  throw error
}
