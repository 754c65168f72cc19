// What Deno does with a descriptor: which one a socket has, how a bare one is read, and who closes it in the end.
import { Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import type { Drained, Found } from '../core/descriptor.js'
import type { Internals } from '../net/stream.js'

/** A close-on-exec duplicate of the descriptor that Deno holds for a socket: it makes a new one at every call. */
export function findDescriptor({ _handle }: Internals): Found | undefined {
  const fd = _handle?.fdForIpc?.()
  if (typeof fd !== 'number' || fd < 0) return undefined
  return { fd, ours: true, told: true, reads: _handle?.reading === true }
}

/** The same for the connection under TLS. */
export function findBelow({ _handle }: Internals): Found | undefined {
  const fd = _handle?._parent?.fdForIpc?.()
  return typeof fd === 'number' && fd >= 0 ? { fd, ours: true, told: true } : undefined
}

/** Reads a descriptor to its end, as a second socket. */
export function readDescriptor(fd: number, to: Drained, awaited: boolean): () => void {
  const socket = new Socket({ fd, readable: true, writable: false, allowHalfOpen: true })
  if (!awaited) socket.unref()
  socket.on('data', to.data)
  socket.on('end', to.end)
  socket.on('error', to.error)
  return () => {
    socket.removeAllListeners('data').removeAllListeners('end')
    socket.destroy()
  }
}

/** Whether this thread may end before its process: a worker of the web, or one of node:worker_threads. */
export const inWorker: boolean = !isMainThread || 'WorkerGlobalScope' in globalThis

/** A worker that dies takes the runtime's handles with it but no bare descriptor: there a handle keeps ours. */
export function keepDescriptor(fd: number): (() => void) | undefined {
  if (!inWorker) return undefined
  const keeper = new Socket({ fd, readable: true, writable: false, manualStart: true } as object).unref()
  return () => keeper.destroy()
}
