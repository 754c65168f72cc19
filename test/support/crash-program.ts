// A program that serves one connection, guarded or not, and dies as it is told; it reports in lines.
import { spawn } from 'node:child_process'
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { guard, type Policy } from '#adapter/index'
import type { Certificate } from './certificate.js'
import { obey, say } from './channel.js'
import { type Death, die } from './death.js'
import { nodePath } from './runtime.js'

/** What the program is to do with its one connection. */
export interface Plan {
  guarded: boolean
  policy?: Policy
  /** Bytes that are written at once. */
  bytes: number
  /** Waits until they are in the kernel before it is ready. */
  flushed?: boolean
  /** What the guard is told of the bytes, once they are in the kernel: they are a part of a message, or a whole one. */
  message?: 'begun' | 'complete'
  /** Ends the stream and waits until the FIN is out before it is ready. */
  finish?: boolean
  /** Speaks TLS of this version, with this certificate. */
  tls?: Certificate & { version: 'TLSv1.2' | 'TLSv1.3' }
  /** Answers an HTTP request with half of what it promises. */
  http?: boolean
  /** Lives in a worker, which is what dies. */
  worker?: boolean
  /** Starts a child that outlives it. */
  child?: boolean
}

/** What it reports. */
export type Report = { port: number } | { ready: true; arm: string; child: number } | { gone: true }

const plan = (isMainThread ? JSON.parse(process.argv[2] ?? '{}') : workerData) as Plan

const report = (it: Report): void => {
  if (isMainThread) say(it)
  else parentPort?.postMessage(it)
}

const startChild = (): number =>
  spawn(nodePath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true }).pid ?? 0

const listen = (listener: (socket: net.Socket) => void): net.Server => {
  if (plan.tls === undefined) return net.createServer(listener)
  const { version, ...certificate } = plan.tls
  return tls.createServer({ ...certificate, minVersion: version, maxVersion: version }, listener)
}

const serve = (): void => {
  const server = listen((socket) => {
    server.close()
    socket.on('error', () => undefined).resume()
    const held = plan.guarded ? guard(socket, plan.policy) : undefined
    const arm = held?.capabilities.arm.why ?? ''
    const ready = (): void => {
      if (plan.message === 'complete') held?.completeMessage()
      report({ ready: true, arm, child: plan.child ? startChild() : 0 })
    }
    if (plan.message !== undefined) held?.beginMessage()
    if (plan.finish) socket.end(Buffer.alloc(plan.bytes), ready)
    else if (plan.flushed) socket.write(Buffer.alloc(plan.bytes), ready)
    else {
      socket.write(Buffer.alloc(plan.bytes))
      ready()
    }
  })
  server.listen(0, '127.0.0.1', () => report({ port: (server.address() as net.AddressInfo).port }))
}

const answer = (): void => {
  const server = http.createServer((request, response) => {
    const arm = plan.guarded ? guard(request.socket, plan.policy).capabilities.arm.why : ''
    response.writeHead(200, { 'Content-Length': 2 * plan.bytes })
    response.write(Buffer.alloc(plan.bytes), () => report({ ready: true, arm, child: 0 }))
  })
  server.listen(0, '127.0.0.1', () => report({ port: (server.address() as net.AddressInfo).port }))
}

// The main thread of a worker's plan hands its reports on, and stays alive when the worker has gone.
const lead = (): void => {
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...plan, worker: false } })
  worker.on('message', say)
  worker.on('error', () => undefined)
  worker.on('exit', () => say({ gone: true } satisfies Report))
  obey((message) => {
    const how = message as Death | 'terminate'
    if (how === 'terminate') void worker.terminate()
    else worker.postMessage(how)
  })
}

if (isMainThread && plan.worker) lead()
else {
  if (plan.http) answer()
  else serve()
  if (isMainThread) obey((message) => die(message as Death))
  else parentPort?.on('message', die)
}
