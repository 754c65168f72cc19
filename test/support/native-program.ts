// A program that serves one connection of its runtime's own, guarded or not, and dies as it is told; it reports in
// lines.
import net from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { guard, type Policy } from '#adapter/index'
import { obey, say } from './channel.js'
import { type Death, die } from './death.js'
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
  /** It is a net.Socket. */
  net?: boolean
  /** It lives in a worker of this kind, which is what dies, of whatever it is told. */
  worker?: 'web' | 'node'
}

// A worker of the web is handed its plan with its address.
const given = isMainThread ? new URL(import.meta.url).searchParams.get('plan') : (workerData as string)
const plan = JSON.parse(given ?? process.argv[2] ?? '{}') as NativePlan
const report = (message: object): void => (isMainThread ? say(message) : parentPort?.postMessage(message))

type WebWorker = new (at: URL, options: { type: 'module' }) => { terminate(): void }

const serve = async (): Promise<void> => {
  const { denoKit } = await import('./native-deno.js')
  const kit = runtime === 'deno' ? denoKit : (await import('./native-bun.js')).bunKit
  const listener = await kit.listen({ halfOpen: true })
  const coming = listener.next()
  report({ port: listener.port })
  const end = await coming
  listener.stop()
  end.read()
  const held = plan.guarded ? guard(end.socket, plan.policy) : undefined
  if (plan.inHand) end.overfill(new Uint8Array(plan.bytes))
  else await end.send(new Uint8Array(plan.bytes))
  if (plan.finish) await held?.finishSending()
  report({ ready: true, arm: held?.capabilities.arm.why ?? '' })
}

// A connection of node:net in the same place.
const serveNet = (): void => {
  const server = net.createServer((socket) => {
    server.close()
    const arm = guard(socket.on('error', () => undefined).resume(), plan.policy).capabilities.arm.why
    socket.write(new Uint8Array(plan.bytes), () => report({ ready: true, arm }))
  })
  server.listen(0, '127.0.0.1', () => report({ port: (server.address() as net.AddressInfo).port }))
}

// The thread that leads a worker outlives it.
const lead = (kind: 'web' | 'node'): void => {
  const at = new URL(import.meta.url)
  const theirs = JSON.stringify({ ...plan, worker: undefined })
  const start = (): { terminate(): unknown } => {
    if (kind === 'node') return new Worker(at, { workerData: theirs }).on('message', say)
    at.searchParams.set('plan', theirs)
    return new (globalThis as unknown as { Worker: WebWorker }).Worker(at, { type: 'module' })
  }
  const worker = start()
  obey(() => {
    worker.terminate()
    say({ gone: true })
  })
}

if (plan.worker !== undefined) lead(plan.worker)
else {
  if (given === null) obey((message) => die(message as Death))
  if (plan.net) serveNet()
  else await serve()
}
