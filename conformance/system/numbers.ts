// The numbers of each system that its C library gives no access to: families, flags, options, layouts.
//
// 1. What spec/platforms or the adapter knows already (SOL_SOCKET, SO_LINGER, the send queue) is taken from there.
// 2. A system that is not here yet has no row scripts; everything that differs between systems is in this file.
import { constants } from 'node:os'
import { engine } from '../../adapters/core/wasm.js'
import type { System } from '../../adapters/core/libc.js'
import type { Platform } from '../../adapters/core/platform.js'
import { platform } from '../../adapters/node/platform.js'
import { COLUMN_LINGER_OPTION, COLUMN_SOCKET_LEVEL } from '../../assembly/abi.js'
import type { kinds, optionNames } from './verbs.js'

export type Kind = (typeof kinds)[number]
export type OptionName = (typeof optionNames)[number]

/** What differs between systems. */
interface SystemNumbers {
  /** AF_UNIX has an abstract namespace, so that a name leaves no file behind. */
  abstractNames: boolean
  family: { inet: number; unix: number }
  /** Type and protocol of a socket. */
  kinds: Readonly<Record<Kind, readonly [family: 'inet' | 'unix', type: number, protocol: number]>>
  closeOnExec: number
  nonblocking: { get: number; set: number; flag: number }
  message: { peek: number; dontWait: number; noSignal: number; outOfBand: number }
  poll: Readonly<Record<string, number>>
  option: { attachFilter: number; detachFilter: number; receiveBufferForce: number }
  /** The options that a script can set, by their names. */
  options: Readonly<Record<OptionName, readonly [level: number, option: number]>>
  /** TCP_INFO: the first byte is the state. */
  info: { level: number; option: number; states: readonly string[] }
  /** Captures: the family of packets, all protocols, what the kernel says of those that it had to drop, and times. */
  packet: Readonly<Record<'family' | 'type' | 'all' | 'outgoing' | 'level' | 'statistics' | 'timeRequest', number>>
  /** A socket that sends what has its own IP header. */
  raw: { type: number; protocol: number }
  /** Networks of one's own: the flag of unshare(), and how an interface is brought up. */
  net: { flag: number; getFlags: number; setFlags: number; up: number }
  /** The request that resets the connection of another process. */
  diag: { family: number; protocol: number; destroy: number }
  call: { closeRange: number }
}

const linux: SystemNumbers = {
  abstractNames: true,
  family: { inet: 2, unix: 1 },
  kinds: {
    tcp: ['inet', 1, 6],
    mptcp: ['inet', 1, 262],
    udp: ['inet', 2, 17],
    unix: ['unix', 1, 0],
    'unix-seqpacket': ['unix', 5, 0],
    'unix-datagram': ['unix', 2, 0],
  },
  closeOnExec: 0o2000000,
  nonblocking: { get: 3, set: 4, flag: 0o4000 },
  message: { peek: 0x2, dontWait: 0x40, noSignal: 0x4000, outOfBand: 0x1 },
  poll: { in: 0x1, out: 0x4, err: 0x8, hup: 0x10, rdhup: 0x2000 },
  option: { attachFilter: 26, detachFilter: 27, receiveBufferForce: 33 },
  options: {
    SO_SNDBUF: [1, 7],
    SO_RCVBUF: [1, 8],
    SO_REUSEPORT: [1, 15],
    SO_PROTOCOL: [1, 38],
    TCP_NODELAY: [6, 1],
    TCP_LINGER2: [6, 8],
    TCP_USER_TIMEOUT: [6, 18],
    TCP_REPAIR: [6, 19],
  },
  info: {
    level: 6,
    option: 11,
    states: [
      'ESTABLISHED',
      'SYN_SENT',
      'SYN_RECEIVED',
      'FIN_WAIT_1',
      'FIN_WAIT_2',
      'TIME_WAIT',
      'CLOSED',
      'CLOSE_WAIT',
      'LAST_ACK',
      'LISTEN',
      'CLOSING',
      'SYN_RECEIVED',
    ],
  },
  packet: { family: 17, type: 2, all: 3, outgoing: 4, level: 263, statistics: 6, timeRequest: 0x80108907 },
  raw: { type: 3, protocol: 255 },
  net: { flag: 0x40000000, getFlags: 0x8913, setFlags: 0x8914, up: 1 },
  diag: { family: 16, protocol: 4, destroy: 21 },
  call: { closeRange: 436 },
}

const systems: Readonly<Record<string, SystemNumbers>> = { linux }

/** The numbers of the system that this process runs on, those of the adapter included. */
export interface Numbers extends SystemNumbers {
  platform: Platform
  /** What the adapter knows of its calls. */
  system: System
  socketLevel: number
  lingerOption: number
}

/** Throws an error that says why row scripts cannot run here, if they cannot. */
export const loadNumbers = (): Numbers => {
  const here = platform()
  const numbers = systems[here.id]
  if (!numbers) throw new Error(`the calls of ${here.id} are not known to the system testee yet`)
  if (/^(?:mips|sparc|alpha|parisc)/.test(process.arch)) {
    throw new Error(`the numbers of Linux on ${process.arch} are not known to the system testee`)
  }
  if (!here.libc || !here.system) throw new Error(here.backend.why)
  return {
    ...numbers,
    platform: here,
    system: here.system,
    socketLevel: engine().column(here.row, COLUMN_SOCKET_LEVEL),
    lingerOption: engine().column(here.row, COLUMN_LINGER_OPTION),
  }
}

const errorNames = new Map<number, string>()
for (const [name, value] of Object.entries(constants.errno)) {
  // EWOULDBLOCK and ENOTSUP are, where they are the same numbers, EAGAIN and EOPNOTSUPP to the manual.
  if (!errorNames.has(value) || name === 'EOPNOTSUPP') errorNames.set(value, name)
}

/** The name of an errno. */
export const errorName = (errno: number): string => errorNames.get(errno) ?? `errno-${errno}`
