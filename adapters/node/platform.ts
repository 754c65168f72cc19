// What this process runs on: the platform row, the way to the system calls, and every guard that is alive in it.
import { endianness } from 'node:os'
import { debuglog } from 'node:util'
import { platforms } from '../core/platforms.js'
import { type Backend, backend, type Libc } from './libc.js'

/** The handle that Node keeps for a socket; only what is named here is read. */
export interface Handle {
  readonly fd?: number
  /** Bytes of the current write that are not in the kernel yet. */
  readonly writeQueueSize?: number
  readonly constructor: { readonly name: string }
}

/** This machine as the guards of this process see it. */
export interface Platform {
  readonly id: string
  readonly row: number
  readonly bigEndian: boolean
  readonly backend: Backend
  readonly libc: Libc | undefined
  readonly query: { through: string; number: number; countsFin: boolean } | undefined
  /** FIONREAD: how many bytes lie unread. */
  readonly unreadRequest: number
  /** How many bytes, our FIN included, were never transmitted; undefined where it cannot be asked. */
  readonly untransmittedRequest: number | undefined
  /** The option SO_ERROR. */
  readonly errorOption: number
  readonly trace: ((line: string) => void) | undefined
}

const ids: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'illumos',
  darwin: 'macos',
  win32: 'windows',
}

// Node's names of the machines whose Linux has numbers of its own.
const arches: Record<string, string> = { mips: 'mips', mipsel: 'mips' }

function detect(): Platform {
  const id = ids[process.platform] ?? 'linux'
  const known = platforms[id]
  const linux = id === 'linux'
  const log = debuglog('finrst')
  const way = backend()
  const arch = arches[process.arch]
  return {
    id,
    row: (arch === undefined ? undefined : known?.arch[arch]) ?? known?.row ?? 0,
    bigEndian: endianness() === 'BE',
    backend: way,
    libc: way.libc,
    query: known?.query,
    unreadRequest: linux ? (arch === 'mips' ? 0x467f : 0x541b) : 0x4004667f,
    untransmittedRequest: linux ? 0x894b : undefined,
    errorOption: linux && arch === undefined ? 4 : 0x1007,
    trace: log.enabled ? (line) => log(line) : undefined,
  }
}

let detected: Platform | undefined

/** The platform of this process, found once. */
export function platform(): Platform {
  detected ??= detect()
  return detected
}
