// The system calls of a guard over the C functions of a runtime, and the numbers in which systems differ there.
//
// 1. Every call answers 0 or more, or a negative errno, read right after the call.
// 2. Nothing here blocks: close() is only called with linger off or {1,0} (table row linger.nonblocking).

/** The functions on a connection that every system has, as a runtime binds them. Pointers are bytes of ours. */
export interface SocketFunctions {
  /** The errno of the call that has just failed. */
  errno(): number
  shutdown(fd: number, how: number): number
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, length: Int32Array): number
  ioctl(fd: number, request: number, value: Int32Array): number
  getsockname(fd: number, address: Uint8Array, length: Int32Array): number
  getpeername(fd: number, address: Uint8Array, length: Int32Array): number
}

/** The C functions that a guard calls. */
export interface Foreign extends SocketFunctions {
  fcntl(fd: number, command: number, value: number): number
  close(fd: number): number
  connect(fd: number, address: Uint8Array, length: number): number
  recv(fd: number, value: Uint8Array, length: number, flags: number): number
  /** Where the system has it. */
  disconnectx?: ((fd: number, association: number, connection: number) => number) | undefined
}

/** The calls that a guard makes on a descriptor. */
export interface Libc {
  /** A close-on-exec duplicate: no number is reused under us, and no child inherits the connection. */
  duplicate(fd: number): number
  close(fd: number): number
  shutdown(fd: number, how: number): number
  setsockopt(fd: number, level: number, option: number, value: Uint8Array): number
  /** Fills `value`; answers 0. */
  getsockopt(fd: number, level: number, option: number, value: Uint8Array): number
  /** The int that an ioctl stores. */
  ioctl(fd: number, request: number): number
  /** The address of our side or the peer's, in `value`; answers its length. */
  name(fd: number, side: 'getsockname' | 'getpeername', value: Uint8Array): number
  /** What a reader of one byte would be answered now, and is answered again: 1, 0 at the end of the stream. */
  peek(fd: number): number
  /** Aborts the connection and keeps the descriptor (row abort.keep-descriptor); -ENOSYS: there is no such call. */
  disconnect(fd: number): number
}

/** How the system calls are reached, or why they are not. */
export interface Backend {
  name: 'koffi' | 'node:ffi' | 'Deno.dlopen' | 'bun:ffi' | 'none'
  why: string
  libc?: Libc
  /** It is for want of descriptors that there is none: the next connection may find one. */
  passing?: true
}

/** What differs between systems in the calls themselves; what differs in their meaning is in the platform table. */
export interface System {
  /** F_DUPFD_CLOEXEC; undefined: no duplicate is made, and what the runtime holds is borrowed while it is open. */
  duplicateCommand: number | undefined
  disconnect: 'connect' | 'disconnectx' | 'none'
  /** The function that answers where errno is. */
  errnoFunction: string
  addressFamilyAt: 0 | 1
  /** AF_INET6. */
  inet6: number
  /** MSG_DONTWAIT, where descriptors are read. */
  dontWait?: 0x40 | 0x80
  /** getpeername may go on to answer when the connection is gone, so that it does not tell. */
  keepsPeer?: true
}

/** The systems whose calls are known, by the id of their platform. */
export const systems: Readonly<Record<string, System>> = {
  linux: {
    duplicateCommand: 1030,
    disconnect: 'connect',
    errnoFunction: '__errno_location',
    addressFamilyAt: 0,
    inet6: 10,
    dontWait: 0x40,
  },
  macos: { duplicateCommand: 67, disconnect: 'disconnectx', errnoFunction: '__error', addressFamilyAt: 1, inet6: 30 },
  freebsd: { duplicateCommand: 17, disconnect: 'none', errnoFunction: '__error', addressFamilyAt: 1, inet6: 28 },
  openbsd: { duplicateCommand: 10, disconnect: 'none', errnoFunction: '__errno', addressFamilyAt: 1, inet6: 24 },
  netbsd: { duplicateCommand: 12, disconnect: 'none', errnoFunction: '__errno', addressFamilyAt: 1, inet6: 24 },
  illumos: { duplicateCommand: 37, disconnect: 'none', errnoFunction: '___errno', addressFamilyAt: 0, inet6: 26 },
  windows: {
    ...{ duplicateCommand: undefined, disconnect: 'none', errnoFunction: 'WSAGetLastError' },
    ...{ addressFamilyAt: 0, inet6: 23, keepsPeer: true },
  },
}

/** Whether this machine keeps the largest byte of a number first. */
export const bigEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0

const unspecified = new Uint8Array(16)
const peeked = new Uint8Array(1)
const msgPeek = 2
const lowestDuplicate = 3
/** ENOSYS of Linux, and no errno that means something here elsewhere. */
export const notImplemented = -38

/** The calls that every system has, over the functions of a runtime. */
export function socketCalls(c: SocketFunctions): Omit<Libc, 'duplicate' | 'close' | 'disconnect' | 'peek'> {
  const length = new Int32Array(1)
  const value = new Int32Array(1)
  const result = (answer: number): number => (answer < 0 ? -c.errno() : answer)
  return {
    shutdown: (fd, how) => result(c.shutdown(fd, how)),
    setsockopt: (fd, level, option, bytes) => result(c.setsockopt(fd, level, option, bytes, bytes.length)),
    getsockopt: (fd, level, option, bytes) => {
      length[0] = bytes.length
      return result(c.getsockopt(fd, level, option, bytes, length))
    },
    ioctl: (fd, request) => {
      const answer = result(c.ioctl(fd, request, value))
      return answer < 0 ? answer : (value[0] ?? 0)
    },
    name: (fd, side, bytes) => {
      length[0] = bytes.length
      const answer = result(c[side](fd, bytes, length))
      return answer < 0 ? answer : (length[0] ?? 0)
    },
  }
}

/** The calls of a guard over the C functions of a runtime. */
export function libcOver(c: Foreign, on: System): Libc {
  const result = (answer: number): number => (answer < 0 ? -c.errno() : answer)
  const { duplicateCommand = -1, dontWait = 0x80 } = on
  return {
    ...socketCalls(c),
    duplicate: (fd) => result(c.fcntl(fd, duplicateCommand, lowestDuplicate)),
    close: (fd) => result(c.close(fd)),
    peek: (fd) => result(c.recv(fd, peeked, peeked.length, msgPeek | dontWait)),
    disconnect: (fd) => {
      // sa_family AF_UNSPEC is 0 everywhere: sixteen zero bytes are that address.
      if (on.disconnect === 'connect') return result(c.connect(fd, unspecified, unspecified.length))
      if (c.disconnectx === undefined) return notImplemented
      return result(c.disconnectx(fd, 0, 0))
    },
  }
}

/** A way to the system calls: its name and how they are had, which throws where that is impossible. */
export interface Way {
  name: Exclude<Backend['name'], 'none'>
  open(on: System): Libc
}

/**
 * The first way that works here; with none, the reasons of all.
 * @param wanted the only way to try, as FINRST_BACKEND names it
 * @param advice what would give a way
 */
export function findBackend(id: string, ways: readonly Way[], wanted: string | undefined, advice: string): Backend {
  const system = systems[id]
  if (system === undefined) return { name: 'none', why: `the runtime gives no descriptor of a socket on ${id}` }
  const reasons: string[] = []
  let passing = false
  for (const { name, open } of ways) {
    if (wanted !== undefined && wanted !== name) {
      reasons.push(`FINRST_BACKEND=${wanted} leaves out ${name}`)
      continue
    }
    try {
      return { name, why: `system calls through ${name}`, libc: open(system) }
    } catch (error) {
      passing ||= /^E[MN]FILE\b|too many open files/i.test(String((error as Error)?.message))
      reasons.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    }
  }
  const why = `no way to a system call (${reasons.join('; ')}); ${advice}`
  return { name: 'none', why, ...(passing ? { passing } : {}) }
}

/** Finds the way once for the process; one that is missing for want of descriptors is looked for again. */
export function foundOnce(find: () => Backend): () => Backend {
  let found: Backend | undefined
  return () => {
    if (found === undefined || found.passing) found = find()
    return found
  }
}
