// The two ends of a connection, as the kernel gives them and as runtimes write them.
import { bigEndian, type Libc, type System } from './libc.js'

/** One end of a connection. */
export interface Address {
  family: 4 | 6
  address: string
  port: number
}

/** Both ends of a connection as its runtime tells them. */
export interface Ends {
  localAddress?: string | undefined
  localPort?: number | undefined
  remoteAddress?: string | undefined
  remotePort?: number | undefined
}

/** The end of a connection, or undefined if it is none, or a negative errno. */
export function addressOf(
  libc: Libc,
  system: System,
  fd: number,
  side: 'getsockname' | 'getpeername',
): Address | undefined | number {
  const bytes = new Uint8Array(128)
  const length = libc.name(fd, side, bytes)
  if (length < 0) return length
  const view = new DataView(bytes.buffer)
  const family = system.addressFamilyAt === 1 ? bytes[1] : view.getUint16(0, !bigEndian)
  // The length is checked too: an AF_UNIX socket leaves stale bytes behind.
  if (family === 2 && length >= 16) {
    return { family: 4, address: bytes.subarray(4, 8).join('.'), port: view.getUint16(2) }
  }
  if (family !== system.inet6 || length < 28) return undefined
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(8 + 2 * index))
  return { family: 6, address: groups.map((group) => group.toString(16)).join(':'), port: view.getUint16(2) }
}

/** A struct sockaddr_in of 127.0.0.1; port 0: one that the system chooses. */
export function loopbackAddress(system: System, port: number): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  if (system.addressFamilyAt === 1) bytes.set([bytes.length, 2])
  else view.setUint16(0, 2, !bigEndian)
  view.setUint16(2, port)
  bytes.set([127, 0, 0, 1], 4)
  return bytes
}

/** Whether an address as a runtime writes it is that of the socket; `::ffff:1.2.3.4` and `1.2.3.4` are the same. */
export function sameAddress(found: Address, address: string | undefined, port: number | undefined): boolean {
  if (address === undefined || found.port !== port) return false
  return canonicalAddress(found.address) === canonicalAddress(address)
}

/** An address in the one form in which two that are the same are equal. */
export function canonicalAddress(address: string): string {
  const plain = address.split('%')[0] ?? address
  if (!plain.includes(':')) return plain
  const mapped = /^(?:0:0:0:0:0:ffff:|::ffff:)(.+)$/i.exec(expand(plain))
  if (mapped?.[1] === undefined) return expand(plain)
  if (mapped[1].includes('.')) return mapped[1]
  const [high = 0, low = 0] = mapped[1].split(':').map((group) => Number.parseInt(group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function expand(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  if (tail === undefined) return address.toLowerCase().split(':').map(trimmed).join(':')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const width = 8 - left.length - right.length - (tail.includes('.') ? 1 : 0)
  return [...left, ...Array.from({ length: width }, () => '0'), ...right].map(trimmed).join(':')
}

function trimmed(group: string): string {
  return group.includes('.') ? group : group.replace(/^0+(?=.)/, '')
}
