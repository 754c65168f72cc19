// Asks the kernel whether an end of file is one: a reset that arrives together with data looks like it.
//
// 1. libuv before libuv/libuv#4997 takes a hang-up behind a partial read for an end of file; the next read tells it.
import { readSync } from 'node:fs'
import type net from 'node:net'

/** The error that the kernel still holds behind an end of file; undefined: it is none, or nobody can ask. */
export const hiddenError = (socket: net.Socket): string | undefined => {
  const fd = (socket as unknown as { _handle?: { fd?: number } | null })._handle?.fd
  // Windows has no descriptor here, and libuv reads differently there.
  if (fd === undefined || fd < 0) return undefined
  try {
    readSync(fd, new Uint8Array(1))
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EAGAIN' ? undefined : code
  }
}
