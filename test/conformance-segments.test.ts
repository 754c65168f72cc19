// Tests how segments are read, put into words and made by hand, and how the kernel's list is read.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findListed } from '../conformance/system/listing.js'
import {
  countRepeats,
  craftPacket,
  endOf,
  flagBits,
  inWords,
  nextSequence,
  parseSegment,
  resetOffset,
  type Segment,
} from '../conformance/system/segment.js'
import { findOverflows } from '../conformance/system/time-wait.js'

const { FIN, SYN, RST, ACK } = flagBits
const segment = (more: Partial<Segment>): Segment => ({
  from: 'us',
  sequence: 1000,
  acknowledged: 5000,
  flags: ACK,
  bytes: 0,
  multipath: [],
  ...more,
})

const crafted = { localPort: 40000, remotePort: 443, sequence: 0xfffffffe, acknowledged: 77, flags: RST | ACK }

/** A packet with options of TCP, which a crafted one has none of. */
const withOptions = (...options: number[]): Uint8Array => {
  const packet = Uint8Array.of(...craftPacket(crafted), ...options)
  const view = new DataView(packet.buffer)
  view.setUint16(2, packet.length)
  view.setUint8(32, (5 + options.length / 4) << 4)
  return packet
}

test('a segment that was made by hand is read as what it was made of', () => {
  const expected = segment({ sequence: 0xfffffffe, acknowledged: 77, flags: RST | ACK })
  assert.equal(parseSegment(craftPacket(crafted), 40000), expected)
  assert.is(parseSegment(craftPacket(crafted), 443).from, 'peer')
})

test('the checksum of a segment that was made by hand is right', () => {
  const packet = craftPacket(crafted)
  const view = new DataView(packet.buffer)
  // RFC 9293 3.1: the one's complement sum over pseudo header and segment, the checksum included, is all ones.
  let sum = 6 + 20
  for (let at = 12; at < packet.length; at += 2) sum += view.getUint16(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  assert.is(sum, 0xffff)
})

test('what MPTCP says is found among the options', () => {
  const dataFin = withOptions(1, 1, 30, 4, 0x20, 0x10, 0, 0)
  assert.equal(parseSegment(dataFin, 40000).multipath, ['DATA_FIN'])
  const data = withOptions(1, 1, 30, 4, 0x20, 0x01, 0, 0)
  assert.equal(parseSegment(data, 40000).multipath, [])
  const fastClose = withOptions(8, 2, 30, 4, 0x70, 0x10, 1, 1)
  assert.equal(parseSegment(fastClose, 40000).multipath, ['MP_FASTCLOSE'])
  assert.is(inWords([parseSegment(fastClose, 40000)], false), 'us:RST.MP_FASTCLOSE')
  // Behind the end of the options nothing counts.
  assert.equal(parseSegment(withOptions(0, 1, 30, 4, 0x70, 0x10, 1, 1), 40000).multipath, [])
})

test('segments are told in order, with who sent them', () => {
  const list = [
    segment({ flags: SYN }),
    segment({ from: 'peer', sequence: 5000, flags: SYN | ACK }),
    segment({ sequence: 1001 }),
    segment({ sequence: 1001, bytes: 10, flags: FIN | ACK }),
    segment({ from: 'peer', sequence: 5001, flags: RST }),
  ]
  assert.is(inWords(list, false), 'us:SYN+peer:SYN+us:data.FIN+peer:RST')
  assert.is(inWords(list, true), 'us:SYN+peer:SYN+us:ACK+us:data.FIN+peer:RST')
  assert.is(inWords([segment({})], false), 'nothing')
})

test('data in one piece or in several is the same', () => {
  const two = [segment({ bytes: 10 }), segment({ sequence: 1010, bytes: 5 })]
  assert.is(inWords(two, false), 'us:data')
  const between = [two[0], segment({ from: 'peer', bytes: 1 }), two[1]]
  assert.is(inWords(between, false), 'us:data+peer:data+us:data')
})

test('what repeats an earlier segment is left out, but for a reset', () => {
  const fin = segment({ flags: FIN | ACK })
  assert.is(inWords([fin, fin], false), 'us:FIN')
  const reset = segment({ sequence: 1001, flags: RST })
  assert.is(inWords([fin, reset, reset], false), 'us:FIN+us:RST+us:RST')
  // The other side's sequence numbers are its own.
  assert.is(inWords([fin, { ...fin, from: 'peer' }], false), 'us:FIN+peer:FIN')
  const dataFin = segment({ multipath: ['DATA_FIN'] })
  assert.is(inWords([dataFin, dataFin], false), 'us:DATA_FIN')
  // A repetition that carries more than before is news.
  assert.is(inWords([segment({ bytes: 10 }), segment({ bytes: 10, flags: FIN | ACK })], false), 'us:data+us:data.FIN')
})

test('sequence numbers go round', () => {
  const last = segment({ sequence: 0xffffffff, bytes: 3, flags: FIN | ACK })
  assert.is(endOf(last), 3)
  const list = [last, segment({ sequence: 3, bytes: 1 })]
  assert.is(inWords(list, false), 'us:data.FIN+us:data')
  assert.is(nextSequence(list, 'us'), 4)
})

test('the next sequence number is told by what a side sent, or by what the other asked for', () => {
  assert.is(nextSequence([], 'us'), undefined)
  assert.is(nextSequence([segment({ from: 'peer', acknowledged: 1234 })], 'us'), 1234)
  assert.is(nextSequence([segment({ bytes: 10 }), segment({ from: 'peer', acknowledged: 1005 })], 'us'), 1010)
  // A reset that was made by hand tells nothing, and one without ACK asks for nothing.
  assert.is(nextSequence([segment({ sequence: 9999, flags: RST })], 'us'), undefined)
  assert.is(nextSequence([segment({ from: 'peer', flags: RST })], 'us'), undefined)
})

test('repetitions are counted', () => {
  const data = segment({ bytes: 10 })
  assert.is(countRepeats([data, data, segment({ sequence: 1010, bytes: 5 }), data, segment({})]), 2)
})

test('the number of a reset is told by the end of what its side had sent', () => {
  const data = [segment({ bytes: 10 }), segment({ sequence: 1010, bytes: 10 })]
  const reset = (sequence: number) => segment({ sequence, flags: RST })
  assert.is(resetOffset([...data, reset(1020)]), 0)
  assert.is(resetOffset([...data, reset(1010)]), -10)
  assert.is(resetOffset([...data, reset(1020), reset(1021)]), 1)
  // What only the other side sent tells nothing but what it asked for.
  assert.is(resetOffset([segment({ from: 'peer', acknowledged: 1000 }), reset(1000)]), undefined)
  assert.is(resetOffset(data), undefined)
})

const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:9C40 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0
   2: 0100007F:9C40 0100007F:1F91 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
`

test("the kernel's list is read by both ends", () => {
  assert.equal(findListed({ local: 8080, remote: 40000 }, text), { state: 6, timerMs: 60_000 })
  assert.equal(findListed({ local: 40000, remote: 8081 }, text), { state: 1 })
  assert.is(findListed({ local: 40000, remote: 8080 }, text), undefined)
})

test('the connections without room in TIME_WAIT are counted, where the kernel tells', () => {
  const netstat = 'TcpExt: SyncookiesSent TCPTimeWaitOverflow TCPx\nTcpExt: 1 7 3\nIpExt: InNoRoutes\nIpExt: 0\n'
  assert.is(findOverflows(netstat), 7)
  assert.is(findOverflows(netstat.replace('TCPTimeWaitOverflow', 'TCPother')), undefined)
  assert.is(findOverflows(''), undefined)
})

test.run()
