// A program that serves one connection of its runtime's own, guarded or not, and dies as it is told; it reports in
// lines.
import { guard, type Policy } from '#adapter/index'
import { obey, say } from './channel.js'
import type { Kit } from './native-kit.js'
import { runtime } from './runtime.js'

/** What the program is to do with its one connection. */
export interface NativePlan {
  guarded: boolean
  policy?: Policy
  /** Bytes that are sent before it is ready. */
  bytes: number
  /** They are in the runtime's hands and not all in the kernel. */
  inHand?: boolean
  /** Declares them complete and waits until the FIN is out. */
  finish?: boolean
}

/** How it is to die. */
export type NativeDeath = 'throw' | 'reject' | 'exit 0' | 'exit 1' | 'Deno.exit' | 'abort' | 'SIGKILL' | 'SIGTERM'

const plan = JSON.parse(process.argv[2] ?? '{}') as NativePlan

const exitOfDeno = (): void => (globalThis as unknown as { Deno: { exit(code: number): void } }).Deno.exit(0)

const die = (how: NativeDeath): void => {
  if (how === 'throw') {
    setTimeout(() => {
      throw new Error('the program throws')
    })
  } else if (how === 'reject') void Promise.reject(new Error('the program rejects'))
  else if (how === 'exit 0') process.exit(0)
  else if (how === 'exit 1') process.exit(1)
  else if (how === 'Deno.exit') exitOfDeno()
  else if (how === 'abort') process.abort()
  else process.kill(process.pid, how)
}

const kit: Kit =
  runtime === 'deno' ? (await import('./native-deno.js')).denoKit : (await import('./native-bun.js')).bunKit
const listener = await kit.listen({ halfOpen: true })
const coming = listener.next()
say({ port: listener.port })
const end = await coming
listener.stop()
end.read()
const held = plan.guarded ? guard(end.socket, plan.policy) : undefined
if (plan.inHand) end.overfill(new Uint8Array(plan.bytes))
else await end.send(new Uint8Array(plan.bytes))
if (plan.finish) await held?.finishSending()
obey((message) => die(message as NativeDeath))
say({ ready: true, arm: held?.capabilities.arm.why ?? '' })
