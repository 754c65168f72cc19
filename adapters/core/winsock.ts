// The calls of a guard over Winsock, which are those of every system but for three.
//
// 1. There is no duplicate. Linger is kept in the process for each handle and acted on when that handle is closed, so
//    it is set on the runtime's own SOCKET, for as long as the runtime has it open.
// 2. close() lets go and calls nothing: a SOCKET that is closed behind the runtime's back is another's at once.
// 3. There is no abort that keeps the descriptor (row abort.keep-descriptor).
import { type Ends, pairOf } from './address.js'
import { peerOf } from './descriptor.js'
import { type Libc, notImplemented, type SocketFunctions, socketCalls } from './libc.js'
import type { Platform } from './platform.js'

/** The functions of ws2_32 that a guard calls, as a runtime binds them. A SOCKET is a number. */
export interface Winsock extends Omit<SocketFunctions, 'errno' | 'ioctl'> {
  WSAGetLastError(): number
  ioctlsocket: SocketFunctions['ioctl']
}

/** The calls of a guard over Winsock; an error is the negative number of WSAGetLastError(). */
export function winsockOver({ WSAGetLastError, ioctlsocket, ...same }: Winsock): Libc {
  return {
    ...socketCalls({ ...same, errno: WSAGetLastError, ioctl: ioctlsocket }),
    duplicate: () => notImplemented,
    close: () => 0,
    peek: () => notImplemented,
    disconnect: () => notImplemented,
  }
}

/** Which of these SOCKETs is the connection; undefined: none of them. */
export function socketAmong(numbers: readonly number[], ends: Ends, on: Platform): number | undefined {
  const { libc, system } = on
  if (libc === undefined || system === undefined) return undefined
  const pair = pairOf(ends)
  return numbers.find((number) => peerOf(pair, number, libc, system, on) === 'there')
}
