// A bare descriptor, where node:net or node:fs can do something with it: read to its end, kept, or asked for a reset.
import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Drained } from '../core/descriptor.js'

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

/** A handle of the runtime for a descriptor: a worker that dies takes it along, and no bare descriptor. */
export function handleOf(fd: number): () => void {
  const keeper = new Socket({ fd, readable: true, writable: false, manualStart: true } as object).unref()
  return () => keeper.destroy()
}

/** Whether a read of nothing gives a pending reset: what a duplicate would be asked where there is none. */
export function readsReset(fd: number | undefined): boolean {
  // On Windows it is a SOCKET, and no descriptor of a file.
  if (fd === undefined || fd < 0 || process.platform === 'win32') return false
  try {
    readSync(fd, new Uint8Array(1))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNRESET'
  }
}
