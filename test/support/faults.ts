// A C library of which single calls fail as the manual says that they can; all others are the real one's.
//
// 1. A call that fails is not made; but close(2) is, because Linux lets go of the descriptor whatever it answers.
// 2. Calls are told apart by what they ask for: arming is one, reading the send queue another.
import { constants } from 'node:os'
import type { Libc } from '../../adapters/core/libc.js'

/** The errors that the manual documents for the calls, and those by which a sandbox denies them. */
const documented = {
  duplicate: ['EBADF', 'EINVAL', 'EMFILE', 'EPERM'],
  getsockname: ['EBADF', 'EFAULT', 'EINVAL', 'ENOBUFS', 'ENOTSOCK', 'EPERM'],
  // ENOTCONN is no failure: it is the answer that there is no peer.
  getpeername: ['EBADF', 'EFAULT', 'EINVAL', 'ENOBUFS', 'ENOTSOCK', 'EPERM'],
  setsockopt: ['EBADF', 'EDOM', 'EFAULT', 'EINVAL', 'ENOMEM', 'ENOPROTOOPT', 'ENOTSOCK', 'EPERM', 'ENOSYS'],
  getsockopt: ['EBADF', 'EFAULT', 'EINVAL', 'ENOBUFS', 'ENOPROTOOPT', 'ENOTSOCK', 'EPERM', 'ENOSYS'],
  ioctl: ['EBADF', 'EFAULT', 'EINVAL', 'ENOTTY', 'EPERM', 'ENOSYS'],
  peek: ['EBADF', 'EFAULT', 'EINTR', 'EINVAL', 'ENOMEM', 'ENOTSOCK', 'EPERM', 'ENOSYS'],
  shutdown: ['EBADF', 'EINVAL', 'ENOBUFS', 'ENOTCONN', 'ENOTSOCK', 'EPERM'],
  disconnect: [
    ...(['EACCES', 'EAFNOSUPPORT', 'EAGAIN', 'EALREADY', 'EBADF', 'ECONNREFUSED', 'EFAULT', 'EINPROGRESS'] as const),
    ...(['EINTR', 'EISCONN', 'ENETUNREACH', 'ENOTSOCK', 'EPERM', 'EPROTOTYPE', 'ETIMEDOUT', 'ENOSYS'] as const),
  ],
  close: ['EBADF', 'EDQUOT', 'EINTR', 'EIO', 'ENOSPC'],
} as const

type Call = keyof typeof documented
type Errno = (typeof documented)[Call][number]

/** Calls of one name that fail: so many from the one of that number on. */
export interface Fault {
  /** Such as `ioctl 21521`. */
  call: string
  from: number
  count: number
  errno: Errno
}

/** The errors that a call can have, by its name with or without what it asks for. */
const errnosOf = (call: string): readonly Errno[] => documented[call.split(' ', 1)[0] as Call]

/** What can be made to fail: each call at its first turns, and from its first turn on. */
export const candidatesOf = (calls: ReadonlyMap<string, number>): Omit<Fault, 'errno'>[] =>
  [...calls].flatMap(([call, times]) => [
    ...Array.from({ length: Math.min(times, 3) }, (_, from) => ({ call, from, count: 1 })),
    { call, from: 0, count: Number.POSITIVE_INFINITY },
  ])

/** The same with each of its errors. */
export const everyErrno = (it: Omit<Fault, 'errno'>): Fault[] => errnosOf(it.call).map((errno) => ({ ...it, errno }))

/** The same with one of them. */
export const someErrno = (it: Omit<Fault, 'errno'>, next: () => number): Fault => {
  const all = everyErrno(it)
  return all[(next() >>> 1) % all.length] as Fault
}

/** Faults in words. */
export const describeFaults = (faults: readonly Fault[]): string =>
  faults.map(({ call, from, count, errno }) => `${call} #${from}${count > 1 ? '…' : ''} ${errno}`).join(' and ') ||
  'nothing fails'

/** Fails when it is told to, and counts. */
export class FaultyLibc {
  /** How often each call was made, failures included. */
  readonly calls = new Map<string, number>()
  /** How many calls have failed by our doing. */
  failed = 0
  readonly libc: Libc
  readonly #faults: readonly Fault[]

  constructor(real: Libc, faults: readonly Fault[]) {
    this.#faults = faults
    this.libc = {
      duplicate: (fd) => this.#fault('duplicate') ?? real.duplicate(fd),
      name: (fd, side, value) => this.#fault(side) ?? real.name(fd, side, value),
      setsockopt: (fd, level, option, value) =>
        this.#fault(`setsockopt ${value[0] === 0 ? 'off' : 'on'}`) ?? real.setsockopt(fd, level, option, value),
      getsockopt: (fd, level, option, value) =>
        this.#fault(`getsockopt ${option}`) ?? real.getsockopt(fd, level, option, value),
      ioctl: (fd, request) => this.#fault(`ioctl ${request}`) ?? real.ioctl(fd, request),
      peek: (fd) => this.#fault('peek') ?? real.peek(fd),
      shutdown: (fd, how) => this.#fault('shutdown') ?? real.shutdown(fd, how),
      disconnect: (fd) => this.#fault('disconnect') ?? real.disconnect(fd),
      close: (fd) => {
        const answer = real.close(fd)
        return this.#fault('close') ?? answer
      },
    }
  }

  /** Whether everything that was to fail has failed. */
  get struck(): boolean {
    return this.#faults.every(({ call, from }) => (this.calls.get(call) ?? 0) > from)
  }

  #fault(call: string): number | undefined {
    const nth = this.calls.get(call) ?? 0
    this.calls.set(call, nth + 1)
    const fault = this.#faults.find((it) => it.call === call && nth >= it.from && nth < it.from + it.count)
    if (fault === undefined) return undefined
    this.failed += 1
    const errno = (constants.errno as Readonly<Record<string, number>>)[fault.errno]
    if (errno === undefined) throw new Error(`this system has no ${fault.errno}`)
    return -errno
  }
}
