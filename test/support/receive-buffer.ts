// A small receive buffer for a peer that is to be slow; only Linux is asked for one.
import { createRequire } from 'node:module'
import type net from 'node:net'

type SetOption = (fd: number, level: number, option: number, value: Int32Array, length: number) => number

const receiveBufferBytes = 65_536

const bindSetOption = (): SetOption | undefined => {
  if (process.platform !== 'linux') return undefined
  try {
    const koffi = createRequire(import.meta.url)('koffi')
    return koffi.load(null).func('int setsockopt(int, int, int, const void *, uint32_t)') as SetOption
  } catch {
    return undefined
  }
}

const setOption = bindSetOption()

/** The descriptor that Node holds for a socket, -1 if there is none. */
export const descriptorOf = (socket: net.Socket): number =>
  (socket as unknown as { _handle?: { fd?: number } | null })._handle?.fd ?? -1

/** Lets the socket take 64 KiB at a time. */
export const shrinkReceiveBuffer = (socket: net.Socket): void =>
  void setOption?.(descriptorOf(socket), 1, 8, new Int32Array([receiveBufferBytes]), 4)
