// Captures the segments of one connection over loopback, and sends segments that are made by hand.
//
// 1. The filter is in the kernel: only this connection's segments, as they are sent, and only their headers.
// 2. A segment that the kernel had to drop from the capture is an error: a list with a gap proves nothing.
import { endianness } from 'node:os'
import { loopbackAddress } from '../../adapters/core/address.js'
import type { Calls } from './calls.js'
import type { Ends } from './listing.js'
import { errorName } from './numbers.js'
import {
  countRepeats,
  craftPacket,
  type Flag,
  flagBits,
  inWords,
  nextSequence,
  parseSegment,
  resetOffset,
  type Segment,
  type Side,
} from './segment.js'
import { type Answer, type Fields, good, type Handler, plain, type Sockets } from './sockets.js'

const little = endianness() === 'LE'
/** The headers of IPv4 and TCP with all options. */
const headerBytes = 120
const bufferBytes = 32 * 1024 * 1024

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

/** Lets the headers of the segments through that go out between two ports, in either direction. */
const connectionFilter = ({ local, remote }: Ends, outgoing: number): Uint8Array => {
  const [loadWord, loadByte, and, jump, headerLength, loadHalf, answer] = [0x20, 0x30, 0x54, 0x15, 0xb1, 0x48, 0x06]
  const packetType = 0xfffff004
  const instructions: Instruction[] = [
    [loadWord, 0, 0, packetType],
    [jump, 0, 14, outgoing],
    [loadByte, 0, 0, 0],
    [and, 0, 0, 0xf0],
    [jump, 0, 11, 0x40],
    [loadByte, 0, 0, 9],
    [jump, 0, 9, 6],
    [headerLength, 0, 0, 0],
    [loadHalf, 0, 0, 0],
    [jump, 0, 2, local],
    [loadHalf, 0, 0, 2],
    [jump, 3, 4, remote],
    [jump, 0, 3, remote],
    [loadHalf, 0, 0, 2],
    [jump, 0, 1, local],
    [answer, 0, 0, headerBytes],
    [answer, 0, 0, 0],
  ]
  const bytes = new Uint8Array(8 * instructions.length)
  const view = new DataView(bytes.buffer)
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    view.setUint16(8 * index, code, little)
    view.setUint8(8 * index + 2, ifTrue)
    view.setUint8(8 * index + 3, ifFalse)
    view.setUint32(8 * index + 4, value, little)
  }
  return bytes
}

/** The address of all packets of an interface: struct sockaddr_ll. */
const interfaceAddress = (index: number, family: number, protocol: number): Uint8Array => {
  const bytes = new Uint8Array(20)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, family, little)
  view.setUint16(2, protocol)
  view.setInt32(4, index, little)
  return bytes
}

const must = (answer: number, what: string): number => {
  if (answer < 0) throw new Error(`${what}: ${errorName(-answer)}`)
  return answer
}

/** One capture, from the moment of its making. */
class Capture {
  #segments: Segment[] = []
  #calls: Calls
  #fd: number
  #ends: Ends
  #side: Side

  constructor(calls: Calls, ends: Ends, side: Side) {
    this.#calls = calls
    this.#ends = ends
    this.#side = side
    const { packet, socketLevel, option } = calls.numbers
    const lo = calls.bind('uint32_t if_nametoindex(const char *)')('lo')
    // Without a protocol nothing comes in before the filter is there.
    this.#fd = must(calls.openSocket(packet.family, packet.type, 0), 'the capture cannot begin')
    must(calls.attachFilter(this.#fd, connectionFilter(ends, packet.outgoing)), 'the filter of the capture')
    must(calls.setInt(this.#fd, socketLevel, option.receiveBufferForce, bufferBytes), 'the buffer of the capture')
    must(calls.bindAddress(this.#fd, interfaceAddress(lo, packet.family, packet.all)), 'the capture of loopback')
  }

  /** All segments, after taking in what was captured since. */
  segments(): readonly Segment[] {
    const packet = new Uint8Array(headerBytes)
    const ourPort = this.#side === 'us' ? this.#ends.local : this.#ends.remote
    for (;;) {
      const length = this.#calls.recv(this.#fd, packet, false)
      if (length < 0) break
      this.#segments.push(parseSegment(packet.subarray(0, length), ourPort))
    }
    const counts = new Uint32Array(2)
    const { level, statistics } = this.#calls.numbers.packet
    must(this.#calls.libc.getsockopt(this.#fd, level, statistics, new Uint8Array(counts.buffer)), 'the statistics')
    if (counts[1]) throw new Error(`the capture lost ${counts[1]} segments`)
    return this.#segments
  }

  /** Sends a segment as if this side had: its number is the next one and so many more. */
  craft(flags: readonly Flag[], offset: number): number {
    const segments = this.segments()
    const other: Side = this.#side === 'us' ? 'peer' : 'us'
    const own = nextSequence(segments, this.#side)
    const theirs = nextSequence(segments, other)
    if (own === undefined || theirs === undefined) {
      throw new Error('no segment was captured that tells the sequence numbers: exchange a byte first')
    }
    const packet = craftPacket({
      localPort: this.#ends.local,
      remotePort: this.#ends.remote,
      sequence: (own + offset + 2 ** 32) % 2 ** 32,
      acknowledged: theirs,
      flags: flags.reduce((sum, flag) => sum | flagBits[flag], 0),
    })
    return sendRaw(this.#calls, packet)
  }

  close(): void {
    this.#calls.libc.close(this.#fd)
  }
}

/** Sends a packet with its IP header to 127.0.0.1; answers 0 or a negative errno. */
const sendRaw = (calls: Calls, packet: Uint8Array): number => {
  const { type, protocol } = calls.numbers.raw
  const fd = calls.openSocket(calls.numbers.family.inet, type, protocol)
  if (fd < 0) return fd
  const address = loopbackAddress(calls.numbers.system, 0)
  const sendTo = calls.bind('int sendto(int, const void *, size_t, int, const void *, uint32_t)')
  const answer = sendTo(fd, packet, packet.length, 0, address, address.length)
  calls.libc.close(fd)
  return Math.min(answer, 0)
}

/** The verbs of the levels `packet` and `raw`. */
export const captureHandlers = (sockets: Sockets): Record<string, Handler> => {
  let capture: Capture | undefined
  const current = (): Capture => {
    if (!capture) throw new Error('there is no capture yet')
    return capture
  }
  const begin = (request: Fields): Answer => {
    const { ends } = sockets.held(request)
    if (!ends) throw new Error(`"${String(request.on)}" is no connection of TCP`)
    capture?.close()
    capture = new Capture(sockets.calls, ends, request.side as Side)
    return good(0)
  }
  return {
    capture: begin,
    segments: () => good(inWords(current().segments(), false)),
    'segments-and-acks': () => good(inWords(current().segments(), true)),
    repeats: () => good(countRepeats(current().segments())),
    'reset-offset': () => good(resetOffset(current().segments()) ?? 'nothing'),
    craft: ({ flags, offset }) => plain(current().craft(flags as Flag[], Number(offset))),
  }
}
