// What Deno does with a descriptor: which one a socket has, and who closes it in the end.
import { isMainThread } from 'node:worker_threads'
import type { Found } from '../core/descriptor.js'
import { handleOf } from '../net/bare.js'
import type { Internals } from '../net/stream.js'

/** A close-on-exec duplicate of the descriptor that Deno holds for a socket: it makes a new one at every call. */
export function findDescriptor({ _handle }: Internals): Found | undefined {
  // The one of the class: whoever watches whether the socket is sent hears of its own.
  const { fdForIpc } = (_handle ? Object.getPrototypeOf(_handle) : {}) as NonNullable<Internals['_handle']>
  const fd = fdForIpc && Reflect.apply(fdForIpc, _handle, [])
  if (typeof fd !== 'number' || fd < 0) return undefined
  return { fd, ours: true, told: true, reads: _handle?.reading === true }
}

/** The same for the connection under TLS. */
export function findBelow({ _handle }: Internals): Found | undefined {
  const fd = _handle?._parent?.fdForIpc?.()
  return typeof fd === 'number' && fd >= 0 ? { fd, ours: true, told: true } : undefined
}

/** Whether this thread may end before its process: a worker of the web, or one of node:worker_threads. */
export const inWorker: boolean = !isMainThread || 'WorkerGlobalScope' in globalThis

/** A worker that dies takes the runtime's handles with it but no bare descriptor: there a handle keeps ours. */
export const keepDescriptor = (fd: number): (() => void) | undefined => (inWorker ? handleOf(fd) : undefined)
