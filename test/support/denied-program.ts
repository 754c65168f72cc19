// A program that guards one connection on a machine that denies it something, and tells what it was told.
import { closeSync, openSync } from 'node:fs'
import net from 'node:net'
import { platform } from '#adapter/platform'
import { type Guard, guard, guardServer, type Policy, type Verdict } from '#adapter/index'
import { obey, say } from './channel.js'

/** What the program is to do. */
export interface DeniedPlan {
  policy?: Policy
  /**
   * Takes every descriptor that there is, before it guards or behind it; `first`: before it has ever made a system
   * call, and only for its first connection.
   */
  exhausts?: 'first' | 'before' | 'behind'
  /** The server is guarded, not its connection. */
  serves?: boolean
}

/** What is done to the connection, by the guard, by the runtime or by its program. */
export type DeniedOrder = 'abort' | 'close' | 'fail' | 'end' | 'destroy' | 'drain' | 'exit' | 'throw' | 'SIGKILL'

/** What it tells: where it listens, what became of guard(), and the verdict. */
export type DeniedReport =
  | { port: number }
  | { guarded: true; armed: boolean; arm: boolean; why: string }
  | { guarded: false; refused: string }
  | { verdict: Verdict }

const plan = JSON.parse(process.argv[2] ?? '{}') as DeniedPlan
const report = (it: DeniedReport): void => say(it)

const taken: number[] = []

/** The process has no descriptor left; the limit was set by whoever started it. */
const exhaust = (): void => {
  while (taken.length < 100_000) {
    try {
      taken.push(openSync('/dev/null', 'r'))
    } catch {
      return
    }
  }
}

let socket: net.Socket | undefined
let held: Guard | undefined

const hold = (it: Guard): void => {
  held = it
  const { arm } = it.capabilities
  report({ guarded: true, armed: it.armed, arm: arm.can, why: arm.why })
  void it.verdict.then((verdict) => report({ verdict: { ...verdict, error: undefined } as unknown as Verdict }))
}

let connections = 0

const take = (accepted: net.Socket): void => {
  connections += 1
  socket = accepted.on('error', () => undefined)
  accepted.write(Buffer.alloc(1000), () => {
    if (plan.exhausts === 'before' || (plan.exhausts === 'first' && connections === 1)) exhaust()
    try {
      hold(guard(accepted, plan.policy))
    } catch (error) {
      report({ guarded: false, refused: (error as Error).message })
    }
    if (plan.exhausts === 'behind') exhaust()
    if (plan.exhausts === 'first') for (const fd of taken.splice(0)) closeSync(fd)
    accepted.resume()
  })
}

const order = (what: DeniedOrder): void => {
  if (what === 'abort' || what === 'close') void held?.[what]()
  else if (what === 'fail') void held?.fail(new Error('failed'))
  else if (what === 'end' || what === 'destroy') socket?.[what]()
  else if (what === 'drain') socket?.end(() => socket?.destroy())
  else if (what === 'exit') process.exit(0)
  else if (what === 'SIGKILL') process.kill(process.pid, 'SIGKILL')
  else throw new Error('nobody catches this')
}

// Loads what makes the system calls.
if (plan.exhausts !== 'first') platform()
const server = net.createServer({ allowHalfOpen: true })
if (plan.serves) {
  const guards = guardServer(server, plan.policy)
  guards.on('refused', ({ message }) => report({ guarded: false, refused: message }))
  // The descriptors are taken when the connection is there, and before the guard sees it.
  const { emit } = server
  server.emit = (event: string, ...values: unknown[]) => {
    if (event === 'connection') exhaust()
    return Reflect.apply(emit, server, [event, ...values]) as boolean
  }
  server.on('connection', (accepted: net.Socket) => {
    socket = accepted.on('error', () => undefined).resume()
    accepted.write(Buffer.alloc(1000))
  })
} else server.on('connection', take)
server.listen(0, '127.0.0.1', () => report({ port: (server.address() as net.AddressInfo).port }))
obey((message) => order(message as DeniedOrder))
