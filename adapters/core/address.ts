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

type Side = 'getsockname' | 'getpeername'

// What the kernel answers in; it is read before the next call is made.
const bytes = new Uint8Array(128)
const view = new DataView(bytes.buffer)

// The family of the address that was answered. The length is checked too: an AF_UNIX socket leaves stale bytes behind.
function familyOf(system: System, length: number): 4 | 6 | undefined {
  const family = system.addressFamilyAt === 1 ? bytes[1] : view.getUint16(0, !bigEndian)
  if (family === 2 && length >= 16) return 4
  return family === system.inet6 && length >= 28 ? 6 : undefined
}

const groupsOfV6 = [8, 10, 12, 14, 16, 18, 20, 22] as const
const portAt = 2
const v4At = 4
const mappedAt = 20

/** The end of a connection, or undefined if it is none, or a negative errno. */
export function addressOf(libc: Libc, system: System, fd: number, side: Side): Address | undefined | number {
  const length = libc.name(fd, side, bytes)
  if (length < 0) return length
  const family = familyOf(system, length)
  if (family === undefined) return undefined
  const port = view.getUint16(portAt)
  if (family === 4) return { family, address: bytes.subarray(v4At, v4At + 4).join('.'), port }
  return { family, address: groupsOfV6.map((at) => view.getUint16(at).toString(16)).join(':'), port }
}

/** The same in the form of a {@link Pair}. */
export function endOf(libc: Libc, system: System, fd: number, side: Side): string | undefined | number {
  const length = libc.name(fd, side, bytes)
  if (length < 0) return length
  const family = familyOf(system, length)
  if (family === undefined) return undefined
  if (family === 4) return endOfV4(v4At)
  const mapped = view.getUint32(8) === 0 && view.getUint32(12) === 0 && view.getUint32(16) === 0xffff
  return mapped
    ? endOfV4(mappedAt)
    : endOfWords(
        view.getUint16(portAt),
        groupsOfV6.map((at) => view.getUint16(at)),
      )
}

const endOfV4 = (at: number): string =>
  String.fromCharCode(view.getUint16(portAt), view.getUint16(at), view.getUint16(at + 2))

const endOfWords = (port: number, words: readonly number[]): string => String.fromCharCode(port, ...words)

const zero = 0x30

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

/**
 * A connection by its two ends, in a form in which those that are the same are equal: the port, then the words of the
 * address; `::ffff:1.2.3.4` is 1.2.3.4. No kernel answers with an empty end.
 */
export interface Pair {
  /** The port alone where our address is not known: whoever listens on every address does not know it. */
  readonly ours: string
  readonly theirs: string
}

/** A connection as its runtime tells it. */
export function pairOf({ localAddress, localPort, remoteAddress, remotePort }: Ends): Pair {
  const ours = localAddress === undefined ? endOfWords(localPort ?? 0, []) : endOfText(localAddress, localPort)
  return { ours, theirs: remoteAddress === undefined ? '' : endOfText(remoteAddress, remotePort) }
}

/** Whether an end as the kernel tells it is the one of a pair. */
export const isEnd = (found: string, wanted: string): boolean =>
  wanted.length === 1 ? found.startsWith(wanted) : wanted !== '' && found === wanted

function endOfText(address: string, port: number | undefined): string {
  return port === undefined ? '' : endOfWords(port, wordsOf(address.split('%')[0] ?? address))
}

function wordsOf(address: string): readonly number[] {
  if (!address.includes(':')) return wordsOfV4(address)
  const [head = '', tail] = address.split('::')
  const left = wordsOfGroups(head)
  const right = wordsOfGroups(tail ?? '')
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => 0)
  const words = [...left, ...zeros, ...right]
  const mapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff
  return mapped ? words.slice(6) : words
}

// The last group may be an address of version 4.
function wordsOfGroups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => (group.includes('.') ? wordsOfV4(group) : Number.parseInt(group, 16)))
}

// For each connection that is looked for: nothing is made but what it answers.
function wordsOfV4(address: string): number[] {
  let bits = 0
  let part = 0
  for (let at = 0; at < address.length; at += 1) {
    const digit = address.charCodeAt(at) - zero
    if (digit >= 0) part = 10 * part + digit
    else {
      bits = (bits << 8) | part
      part = 0
    }
  }
  return [bits >>> 8, ((bits & 0xff) << 8) | part]
}
