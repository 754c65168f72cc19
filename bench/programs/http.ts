// A server of HTTP that answers 1 KiB, guarded or bare: node:http, or the runtime's own.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as adapter from '#adapter/index'
import { obey, say } from '../../test/support/channel.js'
import type { Kind } from '../ways.js'

const { kind, guarded } = JSON.parse(process.argv[2] ?? '{}') as { kind: Kind; guarded: boolean }
const body = Buffer.alloc(1024, 'x')
const where = { port: 0, hostname: '127.0.0.1' }

interface Servers {
  Deno?: { serve(options: object, handler: () => Response): { addr: AddressInfo } }
  Bun?: { serve(options: object): { port: number } }
}
const { Deno: deno, Bun: bun } = globalThis as unknown as Servers
const answer = (): Response => new Response(body)

async function listenNode(): Promise<number> {
  const server = http.createServer((_, response) => {
    response.setHeader('Content-Length', body.length)
    response.end(body)
  })
  if (guarded) adapter.guardServer(server)
  await new Promise<void>((resolve) => server.listen(0, where.hostname, resolve))
  return (server.address() as AddressInfo).port
}

function listenNative(): number {
  const ours = Reflect.get(adapter, 'serve')
  if (deno !== undefined) {
    const serve = guarded ? (ours as typeof deno.serve) : deno.serve
    return serve({ ...where, onListen: () => undefined }, answer).addr.port
  }
  const serve = guarded ? (ours as (options: object) => { port: number }) : bun?.serve.bind(bun)
  return serve?.({ ...where, fetch: answer }).port ?? 0
}

const port = kind === 'net' ? await listenNode() : listenNative()
obey((message) => (message === 'processor' ? say(process.cpuUsage()) : process.exit(0)))
say({ port })
