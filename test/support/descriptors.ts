// Counts what a process holds: descriptors, timers and handles.
import { existsSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import type net from 'node:net'
import { runtime } from './runtime.js'

interface DenoGlobal {
  dlopen(
    path: string,
    functions: Record<string, { parameters: string[]; result: string }>,
  ): { symbols: Record<string, (...values: unknown[]) => unknown> }
  UnsafePointerView: new (pointer: object) => { getInt32(): number }
}

const folder = '/proc/self/fd'

/** Why descriptors cannot be counted here, or false. */
export const cannotCount: string | false = existsSync(folder) ? false : `there is no ${folder} to count descriptors in`

// Deno opens a pair of local sockets for itself, once and at any time: no connection of ours is one of those.
const localSockets = (): number => {
  const inodes = new Set(
    readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .map((line) => line.split(/\s+/)[6] ?? ''),
  )
  const links = readdirSync(folder).map((name) => {
    try {
      return readlinkSync(`${folder}/${name}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? 'none')).length
}

/** How many descriptors this process holds. */
export const descriptors = (): number => readdirSync(folder).length - (runtime === 'deno' ? localSockets() : 0)

/** How many timers and TCP handles keep this process alive. */
export const resources = (): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) {
    if (/Timeout|TCP/.test(name)) counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

interface Handle {
  fd?: number
  fdForIpc?: () => number
}

/** Deno gives a duplicate, which only a system call closes. */
interface DenoCalls {
  close(fd: number): number
  recv(fd: number, bytes: Uint8Array, length: number, flags: number): number
  errno(): number
}

const bindDeno = (): DenoCalls => {
  const deno = (globalThis as unknown as { Deno: DenoGlobal }).Deno
  const { symbols } = deno.dlopen('libc.so.6', {
    close: { parameters: ['i32'], result: 'i32' },
    recv: { parameters: ['i32', 'buffer', 'usize', 'i32'], result: 'isize' },
    __errno_location: { parameters: [], result: 'pointer' },
  })
  const errno = new deno.UnsafePointerView(symbols.__errno_location?.() as object)
  return { ...(symbols as unknown as DenoCalls), errno: () => errno.getInt32() }
}

const denoCalls = runtime === 'deno' ? bindDeno() : undefined

/** Calls with the descriptor that the runtime holds for a socket, -1 if there is none. */
export const withDescriptor = <T>(socket: net.Socket, use: (fd: number) => T): T => {
  const handle = (socket as unknown as { _handle?: Handle | null })._handle
  if (denoCalls === undefined) return use(handle?.fd ?? -1)
  // The class's own: to a guard a call on the handle means that the socket is sent to another process.
  const { fdForIpc } = (handle ? Object.getPrototypeOf(handle) : {}) as Handle
  const fd = handle && fdForIpc ? Reflect.apply(fdForIpc, handle, []) : -1
  try {
    return use(fd)
  } finally {
    if (fd >= 0) denoCalls.close(fd)
  }
}

const dontWait = 0x40
const names: Record<number, string> = { 9: 'EBADF', 11: 'EAGAIN', 32: 'EPIPE', 104: 'ECONNRESET', 107: 'ENOTCONN' }

/** What the next read of a paused socket gives, at once and behind the runtime's back. */
export const readNow = (socket: net.Socket): number | string =>
  withDescriptor(socket, (fd) => {
    if (denoCalls !== undefined) {
      const length = Number(denoCalls.recv(fd, new Uint8Array(65_536), 65_536, dontWait))
      return length >= 0 ? length : (names[denoCalls.errno()] ?? 'unknown')
    }
    // Bun has closed it already.
    if (fd < 0) return 'EBADF'
    try {
      return readSync(fd, new Uint8Array(65_536))
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error)
    }
  })

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
