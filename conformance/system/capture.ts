// Captures the segments of one connection over loopback, and sends segments that are made by hand.
//
// The capture is our own, or, if the runner asks for it, tshark's (tshark.ts). Of our own:
// 1. The filter is in the kernel: only this connection's segments, as they are sent, and only their headers.
// 2. A segment that the kernel had to drop from the capture is an error: a list with a gap proves nothing.
import { endianness } from 'node:os'
import { loopbackAddress } from '../../adapters/core/address.js'
import type { Calls } from './calls.js'
import type { Ends } from './listing.js'
import { errorName } from './numbers.js'
import {
  type Capture,
  countRepeats,
  craftPacket,
  type Flag,
  flagBits,
  inDetail,
  inWords,
  nextSequence,
  parseSegment,
  resetOffset,
  type Segment,
  type Side,
} from './segment.js'
import { type Answer, type Fields, good, type Handler, plain, type Sockets } from './sockets.js'
import { TsharkCapture } from './tshark.js'

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

/** One capture of our own, from the moment of its making. */
class OwnCapture implements Capture {
  #segments: Segment[] = []
  #calls: Calls
  #ioctl: (...values: unknown[]) => number
  #fd: number
  #ourPort: number

  constructor(calls: Calls, ends: Ends, side: Side) {
    this.#calls = calls
    this.#ourPort = side === 'us' ? ends.local : ends.remote
    this.#ioctl = calls.bind('int ioctl(int, unsigned long, ...)')
    const { packet, socketLevel, option } = calls.numbers
    const lo = calls.bind('uint32_t if_nametoindex(const char *)')('lo')
    // Without a protocol nothing comes in before the filter is there.
    this.#fd = must(calls.openSocket(packet.family, packet.type, 0), 'the capture cannot begin')
    must(calls.attachFilter(this.#fd, connectionFilter(ends, packet.outgoing)), 'the filter of the capture')
    must(calls.setInt(this.#fd, socketLevel, option.receiveBufferForce, bufferBytes), 'the buffer of the capture')
    must(calls.bindAddress(this.#fd, interfaceAddress(lo, packet.family, packet.all)), 'the capture of loopback')
    // Who asks for a time once gets one with every packet from then on.
    this.#time()
  }

  /** When the packet that was received last was captured, in milliseconds; before the first there is none. */
  #time(): number | undefined {
    const time = new BigInt64Array(2)
    const { packet } = this.#calls.numbers
    if (this.#ioctl(this.#fd, packet.timeRequest, 'void *', new Uint8Array(time.buffer)) < 0) return undefined
    return Number(time[0]) * 1000 + Number(time[1]) / 1e6
  }

  /** All segments, after taking in what was captured since. */
  segments(): readonly Segment[] {
    const packet = new Uint8Array(headerBytes)
    for (;;) {
      const length = this.#calls.recv(this.#fd, packet, false)
      if (length < 0) break
      const at = this.#time()
      const segment = parseSegment(packet.subarray(0, length), this.#ourPort)
      this.#segments.push(at === undefined ? segment : { ...segment, at })
    }
    const counts = new Uint32Array(2)
    const { level, statistics } = this.#calls.numbers.packet
    must(this.#calls.libc.getsockopt(this.#fd, level, statistics, new Uint8Array(counts.buffer)), 'the statistics')
    if (counts[1]) throw new Error(`the capture lost ${counts[1]} segments`)
    return this.#segments
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

/** Sends a segment as if this side had: its number is the next one and so many more. */
const craft = (calls: Calls, { ends, side }: Current, segments: readonly Segment[], made: Fields): number => {
  const own = nextSequence(segments, side)
  const theirs = nextSequence(segments, side === 'us' ? 'peer' : 'us')
  if (own === undefined || theirs === undefined) {
    throw new Error('no segment was captured that tells the sequence numbers: exchange a byte first')
  }
  const packet = craftPacket({
    localPort: ends.local,
    remotePort: ends.remote,
    sequence: (own + Number(made.offset) + 2 ** 32) % 2 ** 32,
    acknowledged: theirs,
    flags: (made.flags as Flag[]).reduce((sum, flag) => sum | flagBits[flag], 0),
  })
  return sendRaw(calls, packet)
}

/** The capture that there is, and of what. */
interface Current {
  capture: Capture
  ends: Ends
  side: Side
}

/** The verbs of the levels `packet` and `raw`. */
export const captureHandlers = (sockets: Sockets): Record<string, Handler> => {
  const { calls } = sockets
  let held: Current | undefined
  const current = (): Current => {
    if (!held) throw new Error('there is no capture yet')
    return held
  }
  const segments = (): readonly Segment[] | Promise<readonly Segment[]> => current().capture.segments()
  const begin = async (request: Fields): Promise<Answer> => {
    const { ends } = sockets.held(request)
    if (!ends) throw new Error(`"${String(request.on)}" is no connection of TCP`)
    await held?.capture.close()
    held = undefined
    const side = request.side as Side
    const capture =
      request.with === 'tshark' ? await TsharkCapture.begin(calls, ends, side) : new OwnCapture(calls, ends, side)
    held = { capture, ends, side }
    return good(0)
  }
  const told = async (acknowledgements: boolean): Promise<Answer> => {
    const all = await segments()
    return { ...good(inWords(all, acknowledgements)), captured: inDetail(all) }
  }
  return {
    capture: begin,
    segments: () => told(false),
    'segments-and-acks': () => told(true),
    repeats: async () => good(countRepeats(await segments())),
    'reset-offset': async () => good(resetOffset(await segments()) ?? 'nothing'),
    craft: async (request) => plain(craft(calls, current(), await segments(), request)),
  }
}
