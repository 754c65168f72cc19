// What Node's streams do that their types leave out, in the versions 20 to 26.
import { readSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Handle } from './platform.js'

/** What Node's stream implementation calls and its types leave out. */
export interface Internals extends Socket {
  _handle: Handle | null
  readonly _writableState: { readonly writelen: number }
  _final(done: (error?: Error | null) => void): void
  _destroy(error: Error | null, done: (error?: Error | null) => void): void
  push(chunk: Uint8Array | null): boolean
  resetAndClosing: boolean
}

/** Takes what the runtime has read and nobody has consumed, unseen by the listeners of the socket. */
export function takeBuffered(socket: Socket): Uint8Array[] {
  const { emit } = socket
  const own = Object.hasOwn(socket, 'emit')
  const taken: Uint8Array[] = []
  socket.emit = ((name: string, ...values: unknown[]) =>
    name === 'data' || name === 'readable' ? true : Reflect.apply(emit, socket, [name, ...values])) as typeof emit
  try {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      taken.push(Buffer.from(chunk, socket.readableEncoding ?? undefined))
    }
  } finally {
    if (own) socket.emit = emit
    else Reflect.deleteProperty(socket, 'emit')
  }
  return taken
}

/** Whether a read of nothing gives a pending reset: what a duplicate would be asked where there is none. */
export function readsReset(handle: Handle | null): boolean {
  if (typeof handle?.fd !== 'number' || handle.fd < 0) return false
  try {
    readSync(handle.fd, new Uint8Array(1))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNRESET'
  }
}

/** The error that Node gives for a reset which it noticed itself. */
export function resetError(): NodeJS.ErrnoException {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
}
