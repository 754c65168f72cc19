// The segments of one connection of Linux as packetdrill writes them: what is sent in, and what must come out.
//
// 1. It knows numbers and no opinions: that a close resets where bytes lie unread, or where it is armed, is what the
//    rows `close.unread` and `close.linger-zero.*` say of Linux; a test compares what comes out with the recorded runs.
// 2. The peer confirms at once what it gets, unless it has gone.

const window = 'win 257'

/** One connection. */
export class WireModel {
  readonly lines: string[] = []
  /** What went out, in the words of the row scripts: `us:FIN`. */
  readonly sent: string[] = []
  unread = 0
  #ours = 1
  #theirs = 1
  #armed = false
  #finished = false
  #finishedByPeer = false
  #readingShut = false
  #let: 'held' | 'closed' | 'reset' = 'held'
  #peer: 'there' | 'gone' = 'there'
  #peerArmed = false

  /** A server's side of a connection, from its making on: the listener is 3, the connection 4. */
  constructor() {
    this.call('socket(..., SOCK_STREAM, IPPROTO_TCP) = 3')
    this.call('setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0')
    this.call('bind(3, ..., ...) = 0')
    this.call('listen(3, 1) = 0')
    this.lines.push('+0 < S 0:0(0) win 32792 <mss 1000,nop,wscale 7>')
    this.lines.push('+0 > S. 0:0(0) ack 1 <...>')
    this.lines.push(`+0 < . 1:1(0) ack 1 ${window}`)
    this.call('accept(3, ..., ...) = 4')
  }

  call(text: string): void {
    this.lines.push(`+0 ${text}`)
  }

  note(text: string): void {
    this.lines.push(`// ${text}`)
  }

  arm(on: boolean): void {
    this.#armed = on
  }

  /** We send: it goes out and is confirmed, or answered by a reset if nobody is there. */
  send(bytes: number): void {
    const end = this.#ours + bytes
    this.#out('P.', this.#ours, bytes, 'data')
    this.#ours = end
    if (this.#peer === 'gone') this.#reset()
    else this.#in('.', 0)
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    if (how !== 'write') this.#readingShut = true
    if (how !== 'read') this.#finish()
  }

  close(): void {
    if (this.#let !== 'held') return
    const over = this.#finished && this.#finishedByPeer
    const resets = !over && (this.#armed || this.unread > 0)
    this.#let = resets ? 'reset' : 'closed'
    if (resets) this.#out('R.', this.#ours, 0, 'RST')
    else this.#finish()
  }

  /** The peer sends: it is confirmed, or reset where nobody will read it any more. */
  peerSends(bytes: number): void {
    this.#in('P.', bytes)
    this.#theirs += bytes
    const lost = this.#let === 'closed' || (this.#readingShut && this.#finished)
    if (lost) {
      this.#let = 'reset'
      this.lines.push(`+0 > R ${this.#ours}:${this.#ours}(0)`)
      this.sent.push('us:RST')
      return
    }
    this.unread += bytes
    this.#acknowledge()
  }

  peerFinishes(): void {
    if (this.#finishedByPeer || this.#let === 'reset') return
    this.#in('F.', 0)
    this.#theirs += 1
    this.#finishedByPeer = true
    this.#acknowledge()
  }

  peerArms(on: boolean): void {
    this.#peerArmed = on
  }

  peerCloses(): void {
    this.#peer = 'gone'
    if (this.#peerArmed) this.#reset()
    else this.peerFinishes()
  }

  #finish(): void {
    if (this.#finished || this.#let === 'reset') return
    this.#finished = true
    this.#out('F.', this.#ours, 0, 'FIN')
    this.#ours += 1
    this.#in('.', 0)
  }

  #reset(): void {
    this.#in('R.', 0)
    this.#let = 'reset'
  }

  #out(flags: string, from: number, bytes: number, word: string): void {
    this.lines.push(`+0 > ${flags} ${from}:${from + bytes}(${bytes}) ack ${this.#theirs}`)
    this.sent.push(`us:${word}`)
  }

  #in(flags: string, bytes: number): void {
    const from = this.#theirs
    this.lines.push(`+0 < ${flags} ${from}:${from + bytes}(${bytes}) ack ${this.#ours} ${window}`)
  }

  #acknowledge(): void {
    this.lines.push(`+0 > . ${this.#ours}:${this.#ours}(0) ack ${this.#theirs}`)
  }
}
