// A program that guards a listener of its runtime's own, answers one connection in full and one by half, and ends when
// signals ask for it.
import { closeOnSignals, guardServer, type Summary } from '#adapter/index'
import { say } from './channel.js'
import { runtime } from './runtime.js'

/** What it reports. */
export type ListenerReport =
  | { port: number }
  | { ready: true }
  | { closing: true }
  | { verdict: string }
  | { summaries: Summary[] }

const report = (it: ListenerReport): void => say(it)

const kit =
  runtime === 'deno' ? (await import('./native-deno.js')).denoKit : (await import('./native-bun.js')).bunListenKit
const listener = await kit.listen({ halfOpen: true })
const guards = guardServer(listener.server)
guards.on('closing', () => report({ closing: true }))
guards.on('verdict', ({ ended }) => report({ verdict: ended }))
void closeOnSignals(guards, { within: 600_000 }).then((summaries) => report({ summaries }))
report({ port: listener.port })

const whole = await listener.next()
const [guard] = guards.guards
await whole.send(new Uint8Array(10))
guard?.completeMessage()
const half = await listener.next()
await half.send(new Uint8Array(5))
for (const end of [whole, half]) end.read()
report({ ready: true })
