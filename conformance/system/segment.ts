// Segments of TCP over IPv4: read out of a capture, put into words, and made by hand.
//
// 1. A segment in words is `us:FIN` or `peer:data.FIN`: who sent it, and what is in it. A list is joined by `+`.
// 2. Left out are what only repeats an earlier segment, and, unless asked for, what only acknowledges.
// 3. Data of one side that nothing interrupts is one `data`: into how many segments it was cut means nothing.

export type Side = 'us' | 'peer'

/** One segment, as far as rows ask for it. */
export interface Segment {
  from: Side
  sequence: number
  acknowledged: number
  flags: number
  /** The bytes of data. */
  bytes: number
  /** What MPTCP says in its options. */
  multipath: string[]
  /** When it was captured, in milliseconds since 1970; absent: that is not known. */
  at?: number
}

/** What captures the segments of one connection. */
export interface Capture {
  /** All segments, after taking in what was captured since. */
  segments(): readonly Segment[] | Promise<readonly Segment[]>
  close(): void | Promise<void>
}

export const flagBits = { FIN: 0x01, SYN: 0x02, RST: 0x04, ACK: 0x10 } as const
export type Flag = keyof typeof flagBits

const multipathOption = 30
const dataSequence = { subtype: 2, dataFin: 0x10 }
/** What options of MPTCP are called, by their subtype. */
export const multipathNames: Readonly<Record<number, string>> = { 0: 'MP_CAPABLE', 7: 'MP_FASTCLOSE' }

const modulus = 2 ** 32
/** How far `b` lies behind `a` in the circle of sequence numbers; negative: before it. */
const distance = (a: number, b: number): number => {
  const ahead = (((b - a) % modulus) + modulus) % modulus
  return ahead < modulus / 2 ? ahead : ahead - modulus
}

/** The sequence number after a segment: SYN and FIN count as one byte each. */
export const endOf = ({ sequence, bytes, flags }: Segment): number =>
  (sequence + bytes + (flags & flagBits.SYN ? 1 : 0) + (flags & flagBits.FIN ? 1 : 0)) % modulus

const multipathOf = (options: Uint8Array): string[] => {
  const found: string[] = []
  for (let at = 0; at + 2 < options.length; ) {
    const kind = options[at] ?? 0
    if (kind === 0) break
    if (kind === 1) {
      at += 1
      continue
    }
    const subtype = (options[at + 2] ?? 0) >> 4
    const name = multipathNames[subtype]
    if (kind === multipathOption && name !== undefined) found.push(name)
    const isDataFin = subtype === dataSequence.subtype && ((options[at + 3] ?? 0) & dataSequence.dataFin) !== 0
    if (kind === multipathOption && isDataFin) found.push('DATA_FIN')
    at += Math.max(options[at + 1] ?? 0, 2)
  }
  return found
}

/** Reads a captured packet that begins with its IP header; it may be cut off behind the header of TCP. */
export const parseSegment = (packet: Uint8Array, ourPort: number): Segment => {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  const tcp = (view.getUint8(0) & 15) * 4
  const header = (view.getUint8(tcp + 12) >> 4) * 4
  return {
    from: view.getUint16(tcp) === ourPort ? 'us' : 'peer',
    sequence: view.getUint32(tcp + 4),
    acknowledged: view.getUint32(tcp + 8),
    flags: view.getUint8(tcp + 13),
    bytes: view.getUint16(2) - tcp - header,
    multipath: multipathOf(packet.subarray(tcp + 20, tcp + header)),
  }
}

/** What is in a segment, in words; none: it only acknowledges. */
const partsOf = ({ flags, bytes, multipath }: Segment): string[] => [
  ...(flags & flagBits.SYN ? ['SYN'] : []),
  ...(bytes > 0 ? ['data'] : []),
  ...(flags & flagBits.FIN ? ['FIN'] : []),
  ...(flags & flagBits.RST ? ['RST'] : []),
  ...multipath.filter((name) => name !== 'MP_CAPABLE' || (flags & flagBits.SYN) !== 0),
]

/** Which of the segments tell nothing that was not told before: TCP repeats what is not confirmed in time. */
const isRepeated = (): ((segment: Segment) => boolean) => {
  const ends = new Map<Side, number>()
  const dataFins = new Set<Side>()
  return (segment) => {
    const { from, sequence, flags, multipath } = segment
    if (flags & flagBits.RST) return false
    const end = endOf(segment)
    const known = ends.get(from)
    const carries = end !== sequence
    const fresh = known === undefined || distance(known, end) > 0
    if (carries && fresh) ends.set(from, end)
    const again = multipath.includes('DATA_FIN') && dataFins.has(from)
    if (multipath.includes('DATA_FIN')) dataFins.add(from)
    return carries ? !fresh : again
  }
}

/** A list of segments in words, or `nothing`. */
export const inWords = (segments: readonly Segment[], acknowledgements: boolean): string => {
  const repeated = isRepeated()
  const words: string[] = []
  for (const segment of segments) {
    const parts = partsOf(segment)
    if (repeated(segment)) continue
    if (parts.length === 0 && !acknowledgements) continue
    const word = `${segment.from}:${parts.join('.') || 'ACK'}`
    if (!(word.endsWith(':data') && words.at(-1) === word)) words.push(word)
  }
  return words.join('+') || 'nothing'
}

const mostDetails = 200

/** Each segment as it was captured, with its time since the first one, as far as a trace can take them. */
export const inDetail = (segments: readonly Segment[]): string[] => {
  const start = segments[0]?.at
  const lines = segments.slice(0, mostDetails).map((segment) => {
    const { from, at, sequence, acknowledged, bytes, flags } = segment
    const time = start === undefined || at === undefined ? '' : `${(at - start).toFixed(3)} ms `
    const names = (Object.keys(flagBits) as Flag[]).filter((name) => flags & flagBits[name])
    return `${time}${from}:${names.join('.')} sequence ${sequence} acknowledged ${acknowledged} bytes ${bytes}`
  })
  const left = segments.length - lines.length
  return left > 0 ? [...lines, `and ${left} more`] : lines
}

/** How many segments repeat earlier ones. */
export const countRepeats = (segments: readonly Segment[]): number => {
  const repeated = isRepeated()
  return segments.filter((segment) => repeated(segment)).length
}

/** How far the number of the last reset lies behind the end of all that its side had sent; negative: before it. */
export const resetOffset = (segments: readonly Segment[]): number | undefined => {
  const reset = segments.findLast(({ flags }) => flags & flagBits.RST)
  const sent = segments.filter(({ from, flags }) => from === reset?.from && !(flags & flagBits.RST))
  const end = reset && nextSequence(sent, reset.from)
  return reset === undefined || end === undefined ? undefined : distance(end, reset.sequence)
}

/** The next sequence number of a side: behind all that it sent, or, if it sent nothing, what the other asked for. */
export const nextSequence = (segments: readonly Segment[], side: Side): number | undefined => {
  let next: number | undefined
  for (const segment of segments) {
    const told = segment.from === side ? endOf(segment) : segment.acknowledged
    const tells = segment.from === side ? !(segment.flags & flagBits.RST) : (segment.flags & flagBits.ACK) !== 0
    if (tells && (next === undefined || distance(next, told) > 0)) next = told
  }
  return next
}

/** What a segment that is made by hand says. */
export interface Craft {
  localPort: number
  remotePort: number
  sequence: number
  acknowledged: number
  flags: number
}

const loopback = 0x7f000001
const tcpProtocol = 6

const checksum = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += view.getUint16(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** A packet of 127.0.0.1 with one segment without data; the kernel computes the checksum of the IP header. */
export const craftPacket = ({ localPort, remotePort, sequence, acknowledged, flags }: Craft): Uint8Array => {
  const packet = new Uint8Array(40)
  const ip = new DataView(packet.buffer)
  ip.setUint8(0, 0x45)
  ip.setUint16(2, packet.length)
  ip.setUint8(8, 64)
  ip.setUint8(9, tcpProtocol)
  ip.setUint32(12, loopback)
  ip.setUint32(16, loopback)
  const tcp = new DataView(packet.buffer, 20)
  tcp.setUint16(0, localPort)
  tcp.setUint16(2, remotePort)
  tcp.setUint32(4, sequence)
  tcp.setUint32(8, flags & flagBits.ACK ? acknowledged : 0)
  tcp.setUint8(12, 5 << 4)
  tcp.setUint8(13, flags)
  tcp.setUint16(14, 0xffff)
  const pseudo = new Uint8Array(32)
  const view = new DataView(pseudo.buffer)
  view.setUint32(0, loopback)
  view.setUint32(4, loopback)
  view.setUint16(8, tcpProtocol)
  view.setUint16(10, 20)
  pseudo.set(packet.subarray(20), 12)
  tcp.setUint16(16, checksum(pseudo))
  return packet
}
