// What Bun does with a descriptor: which one a socket has, how a bare one is read, and who closes it in the end.
import { isMainThread } from 'node:worker_threads'
import { type Drained, type Found, type Live, peerAt } from '../core/descriptor.js'
import { original } from '../core/originals.js'
import type { Internals } from '../net/stream.js'
import { countingScan, type Scan } from '../core/scan.js'
import { platform } from './platform.js'
import { type BunSocket, bun } from './runtime.js'

/** The descriptor that Bun tells of a socket; one of an http server has no handle, and is found by its addresses. */
export function findDescriptor({ _handle }: Internals): Found | Scan | string | undefined {
  return _handle ? toldBy(_handle) : countingScan(platform())
}

/** What a handle of Bun tells of itself. Its ports are system calls, unless it has been asked before. */
export interface Telling extends Live {
  readonly localPort?: number | undefined
}

/** What a handle of Bun is if it is no TCP connection: only that has ports. */
export const strangerOf = ({ localPort }: Telling): string | undefined =>
  typeof localPort === 'number' ? undefined : 'a Pipe'

/**
 * The descriptor that a handle of Bun tells, or what it is instead; undefined once it is closed. A handle that is
 * paused hears of no reset, so the kernel is asked for the peer, which tells in the same call that it is TCP.
 */
export function toldBy(handle: Telling): Found | string | undefined {
  const { fd } = handle
  if (fd === undefined || fd < 0) return undefined
  const peer = peerAt(fd, platform())
  const stranger = peer === 'there' ? undefined : strangerOf(handle)
  if (stranger !== undefined) return stranger
  return { fd, ours: false, told: true, ...(peer === undefined ? {} : { gone: peer === 'gone' }), ...liveOf(handle) }
}

// On Windows nothing is duplicated: there the handle tells its SOCKET at each call.
function liveOf(handle: Live): Pick<Found, 'live'> {
  return process.platform === 'win32' ? { live: handle } : {}
}

// A net.Socket over a descriptor does not read in Bun: its native socket does. It opens before the call returns.
function adopt(fd: number, to: Partial<Drained>): BunSocket | undefined {
  let adopted: BunSocket | undefined
  const opened = original(bun.connect)({
    fd,
    allowHalfOpen: true,
    socket: {
      open: (socket) => {
        adopted = socket
      },
      data: (_, chunk) => to.data?.(chunk),
      // A reset is told as an end first, and as the error of the close right after it.
      end: () => void setImmediate(() => to.end?.()),
      error: (_, error) => to.error?.(error),
      close: (_, error) => error && to.error?.(error),
    },
  })
  opened.catch((error: Error) => to.error?.(error))
  return adopted
}

/** Reads a descriptor to its end, as a second socket. */
export function readDescriptor(fd: number, to: Drained, awaited: boolean): () => void {
  let stopped = false
  const unlessStopped: Drained = {
    data: (chunk) => stopped || to.data(chunk),
    end: () => stopped || to.end(),
    error: (error) => {
      if (stopped) return
      stopped = true
      to.error(error)
    },
  }
  const socket = adopt(fd, unlessStopped)
  if (!awaited) socket?.unref()
  return () => {
    stopped = true
    socket?.close()
  }
}

/** A worker that dies takes the runtime's handles with it but no bare descriptor: there a handle keeps ours. */
export function keepDescriptor(fd: number): (() => void) | undefined {
  if (isMainThread) return undefined
  const keeper = adopt(fd, {})
  keeper?.pause()
  keeper?.unref()
  return () => keeper?.close()
}
