// What a process runs on, as its guards see it: the platform row, the way to the system calls, and their numbers.
import { ERROR_INVALID, ERROR_NOT_CONNECTED } from '../../assembly/abi.js'
import { type Backend, bigEndian, type Libc, type System, systems } from './libc.js'
import { platforms } from './platforms.js'

/** This machine as the guards of this process see it. */
export interface Platform {
  readonly id: string
  readonly row: number
  readonly bigEndian: boolean
  readonly backend: Backend
  readonly libc: Libc | undefined
  readonly system: System | undefined
  readonly query: { through: string; number: number; countsFin: boolean } | undefined
  /** FIONREAD: how many bytes lie unread. */
  readonly unreadRequest: number
  /** How many bytes, our FIN included, were never transmitted; undefined where it cannot be asked. */
  readonly untransmittedRequest: number | undefined
  /** The option SO_ERROR. */
  readonly errorOption: number
  /** The errors (ERROR_*) of getpeername that mean that there is no peer any more. */
  readonly goneErrors: readonly number[]
  /** Where the kernel counts the bytes that were ever acknowledged; undefined where it does not tell. */
  readonly ackedCounter: { level: number; option: number; at: number } | undefined
  readonly trace: ((line: string) => void) | undefined
}

/** What a runtime tells of its machine. */
export interface Machine {
  /** The id of the platform, as in spec/platforms. */
  id: string
  /** The machine, as Node names it. */
  arch: string
  backend: Backend
  /** Whoever wants a line for each decision. */
  trace: ((line: string) => void) | undefined
}

// The platforms by the names that Node, Deno and Bun give them in process.platform.
const ids: Record<string, string> = {
  linux: 'linux',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'illumos',
  darwin: 'macos',
  win32: 'windows',
}

/** The id in spec/platforms of what process.platform names. */
export function platformIdOf(name: string): string {
  return ids[name] ?? 'linux'
}

// Node's names of the machines whose Linux has numbers of its own in the platform table.
const arches: Record<string, string> = { mips: 'mips', mipsel: 'mips', mips64el: 'mips' }

// The requests of Linux that the table does not have: FIONREAD, and SIOCOUTQ of PowerPC, which has no row of its own.
const unreadRequests: Record<string, number> = { mips: 0x467f, mipsel: 0x467f, mips64el: 0x467f, ppc64: 0x4004667f }
const queryNumbers: Record<string, number> = { ppc64: 0x40047473 }

/** The platform of a machine. */
export function platformOf({ id, arch: machine, backend, trace }: Machine): Platform {
  const known = platforms[id]
  const linux = id === 'linux'
  const arch = linux ? known?.arch[arches[machine] ?? ''] : undefined
  const query = known?.query
  const number = arch?.queryNumber ?? (linux ? queryNumbers[machine] : undefined) ?? query?.number
  return {
    id,
    row: arch?.row ?? known?.row ?? 0,
    bigEndian,
    backend,
    libc: backend.libc,
    system: systems[id],
    query: query === undefined || number === undefined ? undefined : { ...query, number },
    unreadRequest: linux ? (unreadRequests[machine] ?? 0x541b) : 0x4004667f,
    untransmittedRequest: linux ? 0x894b : undefined,
    // Elsewhere a socket whose both directions are shut is EINVAL.
    goneErrors: linux ? [ERROR_NOT_CONNECTED] : [ERROR_NOT_CONNECTED, ERROR_INVALID],
    errorOption: linux && arch === undefined ? 4 : 0x1007,
    // tcpi_bytes_acked of TCP_INFO, since Linux 4.1.
    ackedCounter: linux ? { level: 6, option: 11, at: 120 } : undefined,
    trace,
  }
}
