// How a socket that is sent to another process is known: from then on it is theirs.
import type { Internals } from './stream.js'

/** Calls back when the socket loses its handle, as in Node and Bun when it is sent. Answers how to stop. */
export function whenHandleGoes(socket: Internals, then: () => void): () => void {
  let handle = socket._handle
  if (!handle) return () => {}
  Object.defineProperty(socket, '_handle', {
    configurable: true,
    enumerable: true,
    get: () => handle,
    set: (next: Internals['_handle']) => {
      handle = next
      if (next === null) then()
    },
  })
  return () => Object.defineProperty(socket, '_handle', { value: handle, writable: true })
}
