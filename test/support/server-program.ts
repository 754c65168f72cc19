// A program with a guarded server of HTTP whose handlers fail as their path says, or which is asked to end.
import http from 'node:http'
import type net from 'node:net'
import { closeOnSignals, guardServer } from '#adapter/index'
import { obey, say } from './channel.js'

/** What it reports. */
export type ServerReport =
  | { port: number }
  | { caught: string }
  | { asked: string }
  | { closing: true }
  | { summaries: unknown }

interface Plan {
  guarded: boolean
  /** What nobody caught is caught, and the program lives on. */
  survives?: boolean
  /** Ends on signals, in so many milliseconds. */
  within?: number
}

const plan = JSON.parse(process.argv[2] ?? '{}') as Plan
const report = (it: ServerReport): void => say(it)

const handlers: Record<string, (response: http.ServerResponse) => unknown> = {
  '/throws': () => {
    throw new Error('thrown')
  },
  '/throws-later': (response) => {
    response.writeHead(200)
    response.write('half')
    throw new Error('thrown later')
  },
  '/rejects': async (response) => {
    response.write('half')
    await new Promise((resolve) => setTimeout(resolve, 20))
    throw new Error('rejected')
  },
  '/ended-then-rejects': async (response) => {
    response.end('whole')
    throw new Error('rejected after the end')
  },
  '/hangs': (response) => {
    hanging += 1
    response.write('half')
  },
  '/answers': (response) => void response.end('whole'),
}

let hanging = 0

// A connection whose answer is whole is disarmed once it has been quiet for a moment; a death before that resets it.
const whenQuiet = (then: () => void): void => {
  const armed = [...(guards?.guards ?? [])].filter((held) => held.armed).length
  if (armed > hanging) setTimeout(() => whenQuiet(then), 1)
  else then()
}

const server = http.createServer((request, response) => {
  report({ asked: request.url ?? '' })
  return handlers[request.url ?? '']?.(response)
})
const guards = plan.guarded ? guardServer(server) : undefined
guards?.on('closing', () => report({ closing: true }))
if (plan.survives) {
  process.on('uncaughtException', (error) => report({ caught: error.message }))
  process.on('unhandledRejection', (error) => report({ caught: (error as Error).message }))
}
if (plan.within !== undefined && guards !== undefined) {
  void closeOnSignals(guards, { within: plan.within, idleMs: 0 }).then((summaries) => report({ summaries }))
} else obey((message) => whenQuiet(() => process.kill(process.pid, message as NodeJS.Signals)))
server.listen(0, '127.0.0.1', () => report({ port: (server.address() as net.AddressInfo).port }))
