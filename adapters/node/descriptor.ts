// What Node does with a descriptor: which one a socket has, how a bare one is read, and who closes it in the end.
import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import type { Drained, Found, Live } from '../core/descriptor.js'
import type { Internals } from '../net/stream.js'

/** The descriptor that Node holds for a socket: of TLS, that of the connection below. */
export function findDescriptor({ _handle }: Internals): Found | undefined {
  const fd = _handle?.fd
  if (typeof fd !== 'number' || fd < 0) return undefined
  // The one of TLS ends the process if it is asked when the one below has gone.
  if (_handle?._parent !== undefined) return { fd, ours: false }
  return { fd, ours: false, live: _handle as Live, reads: _handle?.reading === true }
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

/** A worker that dies takes the runtime's handles with it but no bare descriptor: there a handle keeps ours. */
export function keepDescriptor(fd: number): (() => void) | undefined {
  if (isMainThread) return undefined
  const keeper = new Socket({ fd, readable: true, writable: false, manualStart: true } as object).unref()
  return () => keeper.destroy()
}

/** Whether a read of nothing gives a pending reset: what a duplicate would be asked where there is none. */
export function readsReset(fd: number | undefined): boolean {
  if (fd === undefined || fd < 0) return false
  try {
    readSync(fd, new Uint8Array(1))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNRESET'
  }
}
