// What Node does with a descriptor: which one a socket has, and who closes it in the end.
import { isMainThread } from 'node:worker_threads'
import type { Found, Live } from '../core/descriptor.js'
import { handleOf } from '../net/bare.js'
import type { Internals } from '../net/stream.js'
import { platform } from './platform.js'
import { findSocket } from './winsock.js'

/** The descriptor that Node holds for a socket: of TLS, that of the connection below; none once that is closed. */
export function findDescriptor(socket: Internals): Found | undefined {
  if (process.platform === 'win32') return findSocket(socket, platform())
  const { _handle } = socket
  const fd = _handle?.fd
  if (typeof fd !== 'number' || fd < 0) return undefined
  // The one of TLS ends the process if it is asked when the one below has gone.
  if (_handle?._parent !== undefined) return { fd, ours: false }
  return { fd, ours: false, live: _handle as Live, reads: _handle?.reading === true }
}

/** A worker that dies takes the runtime's handles with it but no bare descriptor: there a handle keeps ours. */
export const keepDescriptor = (fd: number): (() => void) | undefined => (isMainThread ? undefined : handleOf(fd))
