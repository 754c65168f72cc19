// What the tests of Deno.serve() and Bun.serve() ask of their runtime, so that one body serves both.
import type { AddressInfo } from 'node:net'
import * as adapter from '#adapter/index'
import type { Guard, Policy, Verdict } from '#adapter/index'
import type { Certificate } from './certificate.js'
import { runtime } from './runtime.js'

export type Answer = (request: Request, upgrade: () => Response | undefined) => Response | Promise<Response> | undefined

export interface ServeOptions {
  policy?: Policy
  tls?: Certificate
  /** Nothing is guarded: the runtime's own. */
  bare?: boolean
  /** Nobody hears of verdicts, so that a guard is made only where one is needed. */
  unheard?: boolean
  /** Answers for a handler that has failed. */
  onError?: (error: unknown) => Response
  /** Seconds after which Bun closes a connection without a request. */
  idleSeconds?: number
  /** Listens on every address. */
  everywhere?: boolean
}

export interface Serving {
  port: number
  verdicts: Verdict[]
  guards: Guard[]
  /** Ends gracefully: what is idle is closed. */
  stop(): Promise<unknown>
}

interface DenoServing {
  serve(...values: unknown[]): { addr: AddressInfo; shutdown(): Promise<void> }
  upgradeWebSocket(request: Request): { socket: WebSocket; response: Response }
}
interface BunServing {
  serve(options: object): { port: number; stop(force?: boolean): Promise<void> }
}
interface BunUpgrades {
  upgrade(request: Request): boolean
}

const { Deno: deno, Bun: bun } = globalThis as unknown as { Deno: DenoServing; Bun: BunServing }
const ours = Reflect.get(adapter, 'serve') as never

const upgradeInDeno = (request: Request): Response => {
  const { socket, response } = deno.upgradeWebSocket(request)
  socket.onmessage = ({ data }) => socket.send(`echo ${data}`)
  return response
}

/** Serves with the runtime's own server, guarded or bare. */
export const serving = (answer: Answer, options: ServeOptions = {}): Serving => {
  const { policy, tls, bare, unheard, onError, idleSeconds = 60, everywhere } = options
  const verdicts: Verdict[] = []
  const guards: Guard[] = []
  const onVerdict = (verdict: Verdict, guard: Guard): void => {
    verdicts.push(verdict)
    guards.push(guard)
  }
  const guarded = bare ? {} : { ...(unheard ? {} : { onVerdict }), ...(policy === undefined ? {} : { policy }) }
  const where = { port: 0, hostname: everywhere ? '0.0.0.0' : '127.0.0.1', ...guarded }
  if (runtime === 'deno') {
    const by = bare ? deno.serve : (ours as DenoServing['serve'])
    const more = { onListen: () => undefined, ...(onError ? { onError } : {}), ...tls }
    const server = by({ ...where, ...more }, (request: Request) => answer(request, () => upgradeInDeno(request)))
    return { port: server.addr.port, verdicts, guards, stop: () => server.shutdown() }
  }
  const by = bare ? bun.serve : (ours as BunServing['serve'])
  const server = by({
    ...where,
    idleTimeout: idleSeconds,
    ...(onError ? { error: onError } : {}),
    ...(tls ? { tls } : {}),
    websocket: { message: (it: WebSocket, text: string) => it.send(`echo ${text}`) },
    fetch: (request: Request, its: BunUpgrades) => answer(request, () => void its.upgrade(request)),
  })
  return { port: server.port, verdicts, guards, stop: () => server.stop() }
}

/** A body that comes in parts, a turn of the event loop between them, and then ends as it is told. */
export const parted = (parts: number, bytes: number, end: 'close' | Error = 'close'): ReadableStream<Uint8Array> => {
  let left = parts
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (left > 0) controller.enqueue(new Uint8Array(bytes))
      else if (end === 'close') controller.close()
      else controller.error(end)
      left -= 1
    },
  })
}
