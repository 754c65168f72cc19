// Winsock for Bun on Windows, through bun:ffi. Which SOCKET a connection is Bun tells itself, as its descriptor.
//
// WSAGetLastError() is another call, and Bun may change its answer in between: no decision rests on it.
import type { Winsock } from '../core/winsock.js'
import type { BunFfi } from './ffi.js'

/** The functions of Winsock. */
export function bindWinsock({ dlopen }: BunFfi): Winsock {
  const i32 = 'i32'
  const socket = 'i64'
  const pointer = 'ptr'
  const { symbols } = dlopen('ws2_32.dll', {
    WSAGetLastError: { args: [], returns: i32 },
    shutdown: { args: [socket, i32], returns: i32 },
    setsockopt: { args: [socket, i32, i32, pointer, i32], returns: i32 },
    getsockopt: { args: [socket, i32, i32, pointer, pointer], returns: i32 },
    ioctlsocket: { args: [socket, i32, pointer], returns: i32 },
    getsockname: { args: [socket, pointer, pointer], returns: i32 },
    getpeername: { args: [socket, pointer, pointer], returns: i32 },
  })
  return symbols as unknown as Winsock
}
