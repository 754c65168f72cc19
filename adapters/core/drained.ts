// What is read from a duplicate after the runtime has closed its socket, as the guard of the connection is told it.
import { EVENT_OS_ERROR, EVENT_PEER_RESET } from '../../assembly/abi.js'
import type { Drained } from './descriptor.js'
import type { ConnectionGuard } from './guard.js'

/** Who gets what is drained; `end` looks at the end of file. */
export function drainedFor(guard: ConnectionGuard | undefined, secure: boolean, end: () => void): Drained {
  // What the duplicate reads of TLS is cipher text: no byte of the stream, and no proof of its end.
  if (secure) guard?.truncated()
  return {
    data: (chunk) => (secure ? guard?.drained(chunk.length) : guard?.thrownAway(chunk)),
    end,
    error: (error) => {
      guard?.seen(error)
      guard?.emit(error.code === 'ECONNRESET' ? EVENT_PEER_RESET : EVENT_OS_ERROR)
    },
  }
}
