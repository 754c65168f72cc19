// Counts what a process holds: descriptors, timers and handles.
import { existsSync, readdirSync, readSync } from 'node:fs'
import type net from 'node:net'

const folder = '/proc/self/fd'

/** Why descriptors cannot be counted here, or false. */
export const cannotCount: string | false = existsSync(folder) ? false : `there is no ${folder} to count descriptors in`

/** How many descriptors this process holds. */
export const descriptors = (): number => readdirSync(folder).length

/** How many timers and TCP handles keep this process alive. */
export const resources = (): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) {
    if (/Timeout|TCP/.test(name)) counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** The descriptor that the runtime holds for a socket. */
export const descriptorOf = (socket: net.Socket): number =>
  (socket as unknown as { _handle?: { fd?: number } | null })._handle?.fd ?? -1

/** What the next read of a paused socket gives, at once and behind the runtime's back. */
export const readNow = (socket: net.Socket): number | string => {
  try {
    return readSync(descriptorOf(socket), new Uint8Array(65_536))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

/** Looks again and again, a turn of the event loop at a time, until it holds; false when the time is up. */
export const eventually = async (holds: () => boolean, ms = 10_000): Promise<boolean> => {
  const until = performance.now() + ms
  while (!holds()) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return true
}

/** Whether the end of file that a socket has just told is a reset: some versions of libuv take it for one. */
export const hiddenReset = (socket: net.Socket): boolean => {
  const read = readNow(socket)
  return typeof read === 'string' && read !== 'EAGAIN' && read !== 'EBADF'
}
