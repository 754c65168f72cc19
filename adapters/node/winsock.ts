// Winsock for Node on Windows, through koffi: its functions, and which SOCKET a connection is.
//
// 1. Node shows no SOCKET. libuv does, whose functions node.exe exports: uv_walk() lists the handles of the event
//    loop, uv_fileno() tells what each one is.
// 2. Only on the main thread: a worker has a loop of its own, and to walk a foreign one is a data race.
// 3. Handles are never tried by their numbers: Winsock may hang in a call on one that is no SOCKET.
import { isMainThread } from 'node:worker_threads'
import type { Found, Live } from '../core/descriptor.js'
import type { Platform } from '../core/platform.js'
import { socketAmong, type Winsock } from '../core/winsock.js'
import type { Internals } from '../net/stream.js'
import { type Koffi, loadKoffi } from './koffi.js'

/** UV_TCP of libuv's uv_handle_type. */
const tcpHandle = 12

/** The functions of Winsock; throws where no SOCKET can be found. */
export function bindWinsock(koffi: Koffi): Winsock {
  if (!isMainThread) throw new Error('the SOCKET of a connection is found on the main thread only')
  const library = koffi.load('ws2_32.dll')
  return {
    WSAGetLastError: library.func('int __stdcall WSAGetLastError()'),
    shutdown: library.func('int __stdcall shutdown(intptr_t, int)'),
    setsockopt: library.func('int __stdcall setsockopt(intptr_t, int, int, const void *, int)'),
    getsockopt: library.func('int __stdcall getsockopt(intptr_t, int, int, void *, void *)'),
    ioctlsocket: library.func('int __stdcall ioctlsocket(intptr_t, long, void *)'),
    getsockname: library.func('int __stdcall getsockname(intptr_t, void *, void *)'),
    getpeername: library.func('int __stdcall getpeername(intptr_t, void *, void *)'),
  }
}

/** What lists the SOCKETs of every open TCP handle of the event loop. */
function bindLoop(koffi: Koffi): () => number[] {
  const node = koffi.load(null)
  const walk = node.func('uv_walk', 'void', [
    'void *',
    koffi.pointer(koffi.proto('void', ['void *', 'void *'])),
    'void *',
  ])
  const typeOf = node.func('int uv_handle_get_type(const void *)')
  const numberOf = node.func('int uv_fileno(const void *, void *)')
  const loop = node.func('void *uv_default_loop()')()
  return () => {
    const found: number[] = []
    const number = new DataView(new ArrayBuffer(8))
    walk(
      loop,
      (handle: unknown) => {
        if (typeOf(handle) !== tcpHandle || numberOf(handle, number) !== 0) return
        found.push(Number(number.getBigInt64(0, true)))
      },
      null,
    )
    // The last one is the newest, and what is looked for is new.
    return found.reverse()
  }
}

let sockets: (() => number[]) | undefined

/** The SOCKET of a connection, which the runtime has open; undefined: the event loop has none with its addresses. */
export function findSocket(socket: Internals, on: Platform): Found | undefined {
  if (socket._handle === null || on.libc === undefined) return undefined
  sockets ??= bindLoop(loadKoffi())
  const fd = socketAmong(sockets(), socket, on)
  if (fd === undefined) return undefined
  // To find it again for each call would be dear. What the guard does not see closing is the connection below TLS.
  const below = socket._handle._parentWrap
  const live: Live = {
    get fd() {
      return below?.destroyed === true ? -1 : fd
    },
  }
  return { fd, ours: false, live }
}
