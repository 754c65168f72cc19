// The sockets of Bun's node:http servers: Bun reads and writes past them, and shows no handle of them.
import type { ServerResponse } from 'node:http'
import type { Past } from '../net/host.js'
import type { Internals } from '../net/stream.js'

// The response under way on a socket; it has finished when all of it is in the kernel.
const responseOf = (socket: Internals): ServerResponse | undefined =>
  (socket as Internals & { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined

/** How such a socket is known, and what it holds. */
export const httpSockets: Past = {
  is: (socket) => !socket._handle && '_httpMessage' in socket && typeof socket.remotePort === 'number',
  holds: (socket) => {
    const response = responseOf(socket)
    return response !== undefined && response.headersSent && !response.writableFinished
  },
  whenWritten: (socket, then) => void responseOf(socket)?.once('finish', then),
}
