// A program that serves connections in one of many ways and dies as it is told; it reports in lines.
//
// 1. It is started anew for every death, and bundled for each runtime, so that `#adapter` is the runtime's own.
// 2. It says where it listens, then once for each connection that has come as far as the plan says.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import * as adapter from '#adapter/index'
import { backend } from '#adapter/libc'
import { findDescriptor } from '#adapter/descriptor'
import { obey, say } from '../support/channel.js'
import type { CrashCell, Death } from './cells.js'
import { serveNative } from './native.js'
import { type Messages, type Served, serveNode } from './serving.js'

/** What a program is started with. */
export type CrashPlan = Pick<CrashCell, 'transport' | 'hold' | 'situation'> & {
  /** It lives in a worker, which is what dies. */
  worker: boolean
  cert: string
  key: string
}

/** What it reports. */
export type Told =
  | { told: 'port'; port: number }
  | { told: 'ready' | 'blocked' | 'gone' | 'collected' }
  | { told: 'problem'; why: string }

const plan = (isMainThread ? JSON.parse(process.argv[2] ?? '{}') : workerData) as CrashPlan

const tell = (it: Told): void => {
  if (isMainThread) say(it)
  else parentPort?.postMessage(it)
}

const solSocket = 1
const soLinger = 13

// What no guard does any more: the naive SO_LINGER {1,0} at accept, and nothing afterwards.
function arm(socket: object): void {
  const { libc, why } = backend()
  if (libc === undefined) throw new Error(why)
  const native = descriptorOfNative(socket)
  const found = native === undefined ? findDescriptor(socket as never) : { fd: native, ours: false }
  if (found === undefined) throw new Error('the socket gives no descriptor')
  const answer = libc.setsockopt(found.fd, solSocket, soLinger, new Uint8Array(new Int32Array([1, 0]).buffer))
  if (found.ours) libc.close(found.fd)
  if (answer !== 0) throw new Error(`SO_LINGER: ${answer}`)
}

function descriptorOfNative(socket: object): number | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find((each) => each.description === 'Deno.internal.fd')
  const fd = symbol === undefined ? (socket as { fd?: unknown }).fd : Reflect.get(socket, symbol)
  return typeof fd === 'number' ? fd : undefined
}

const guardsNothing = plan.hold === 'bare' || plan.hold === 'armed'

const hold = (socket: object): Messages | undefined => {
  if (plan.hold === 'bare') return undefined
  if (plan.hold !== 'armed') return adapter.guard(socket as never, plan.hold)
  arm(socket)
  return undefined
}

// Bun's native sockets tell their guard what happens through their handlers; no other socket needs that.
const observe = <T extends object>(handlers: T): T => {
  const wrap = Reflect.get(adapter, 'observe') as ((handlers: T) => T) | undefined
  return guardsNothing || wrap === undefined ? handlers : wrap(handlers)
}

// A list in which every link is an object of its own: no engine can refuse to make one with an error to be caught.
function exhaust(): void {
  let last: object | undefined
  for (;;) last = { last }
}

async function collect(): Promise<void> {
  const it = globalThis as unknown as { gc?: () => void; Bun?: { gc(now: boolean): void } }
  for (let round = 0; round < 30; round += 1) {
    if (it.Bun !== undefined) it.Bun.gc(true)
    else if (it.gc !== undefined) it.gc()
    else return tell({ told: 'problem', why: 'this runtime has no gc()' })
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  tell({ told: 'collected' })
}

// Nobody reads while the thread is busy. It is bounded, should the one who is to kill it have gone.
function block(): void {
  tell({ told: 'blocked' })
  const until = performance.now() + 20_000
  while (performance.now() < until);
}

const die = (how: Death | 'block'): void => {
  if (how === 'exception') {
    setTimeout(() => {
      throw new Error('the program throws')
    })
  } else if (how === 'rejection') void Promise.reject(new Error('the program rejects'))
  else if (how === 'exit') process.exit(1)
  else if (how === 'abort') process.abort()
  else if (how === 'out-of-memory') setTimeout(exhaust)
  else if (how === 'garbage') void collect()
  else if (how === 'block') setTimeout(block, 5)
}

async function serve(): Promise<void> {
  const served: Served = {
    ...plan,
    hold: (socket) => {
      try {
        return hold(socket)
      } catch (error) {
        tell({ told: 'problem', why: error instanceof Error ? error.message : String(error) })
        return undefined
      }
    },
    observe,
    serve: guardsNothing ? undefined : { by: Reflect.get(adapter, 'serve') as never, policy: plan.hold },
    ready: () => tell({ told: 'ready' }),
  }
  const own = plan.transport === 'serve' || plan.transport.startsWith('native')
  tell({ told: 'port', port: await (own ? serveNative(served) : serveNode(served)) })
}

// The main thread of a worker's plan hands its reports on, and stays alive when the worker has gone.
const lead = (): void => {
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...plan, worker: false } })
  worker.on('message', say)
  worker.on('error', (error) => say({ told: 'problem', why: error.message } satisfies Told))
  worker.on('exit', () => say({ told: 'gone' } satisfies Told))
  obey((message) => {
    if (message === 'worker-terminate') void worker.terminate()
    else worker.postMessage(message)
  })
}

if (isMainThread && plan.worker) lead()
else {
  void serve()
  if (isMainThread) obey((message) => die(message as Death))
  else parentPort?.on('message', die)
}
