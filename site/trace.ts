// What happened on one connection, in the order in which it happened: calls, decisions, packets, and what was read.
import type { AskedAnswer } from '../simulation/raw-kernel.ts'
import { Arrival, Fin, Rst, Unit, type World } from '../simulation/world.ts'

export type Side = 'us' | 'peer'
export type PacketKind = 'data' | 'fin' | 'reset' | 'ack'

export interface Packet {
  kind: 'packet'
  from: Side
  what: PacketKind
  label: string
  /** How far this row tells of it. */
  way: 'whole' | 'leaves' | 'arrives' | 'lost'
}

/** A system call or an act of the runtime, and what it returned. */
export interface Call {
  kind: 'call'
  text: string
  returned?: string
}

/** What somebody is told by read(). */
export interface Read {
  kind: 'read'
  side: Side
  text: string
  means: 'data' | 'end' | 'reset' | 'error'
}

/** Something that is neither a call nor on the wire. */
export interface Note {
  kind: 'note'
  side: Side
  text: string
  bad?: true
}

/** A decision of the engine. */
export interface Decision {
  kind: 'decision'
  event: string
  rule: number
  before: number
  after: number
}

/** An answer of the table that decided what the kernel did. */
export interface CellItem {
  kind: 'cell'
  asked: AskedAnswer
}

export type Item = Packet | Call | Read | Note | Decision | CellItem

/** What the peer has read so far. */
export interface PeerView {
  parts: number[]
  ended?: 'end' | 'reset'
  /** A reset came behind the end of file, and its reader is told of it, or not. */
  behind?: 'told' | 'hidden'
  /** Its kernel has no connection any more. */
  dead: boolean
}

const unitNames = ['unitA', 'unitB'] as const

/** Watches a world and writes down what became of it. */
export class Tape {
  items: Item[] = []
  readonly peer: PeerView = { parts: [], dead: false }
  #last: World
  #asked = 0

  /** `asked`: the answers of the table, to which the kernel adds. */
  constructor(
    readonly world: World,
    readonly asked: readonly AskedAnswer[],
  ) {
    this.#last = { ...world }
  }

  add(item: Item): void {
    // What left in this step and met nothing on its way is one arrow.
    const last = this.items.findLast((each): each is Packet => each.kind === 'packet')
    const joins =
      item.kind === 'packet' && item.way === 'arrives' && last?.way === 'leaves' && last.label === item.label
    if (joins) last.way = 'whole'
    else this.items.push(item)
  }

  /** The peer has more to send: its next unit is on the way. */
  another(): void {
    this.world.data = Arrival.FLYING
    this.#last.data = Arrival.FLYING
  }

  // An answer that was asked for twice in one step is told once.
  #seeCells(): void {
    for (const asked of this.asked.slice(this.#asked)) {
      const told = this.items.some((item) => item.kind === 'cell' && item.asked.question === asked.question)
      if (!told) this.add({ kind: 'cell', asked })
    }
    this.#asked = this.asked.length
  }

  /** Writes down what has changed since it was last called. */
  see(): void {
    const before = this.#last
    this.#last = { ...this.world }
    // What comes in is first, because the rest may be the answer to it.
    this.#seePeer(before)
    this.#seeCells()
    for (const [index, name] of unitNames.entries()) this.#seeUnit(index + 1, before[name], this.world[name])
    this.#seeAcks(before)
    this.#seeFin(before.fin)
    this.#seeReset(before.rst)
  }

  #packet(from: Side, what: PacketKind, label: string, way: Packet['way']): void {
    this.add({ kind: 'packet', from, what, label, way })
  }

  #seeUnit(part: number, was: number, now: number): void {
    const label = `DATA ${part}`
    const { fin } = this.world
    if (now === Unit.FLYING && was !== Unit.FLYING) this.#packet('us', 'data', label, 'leaves')
    // What was sent before a FIN that has come has come too.
    const here = now === Unit.ACKED || (now === Unit.FLYING && fin >= Fin.DELIVERED)
    if (here && !this.peer.parts.includes(part)) {
      this.#packet('us', 'data', label, 'arrives')
      this.peer.parts.push(part)
      this.add({ kind: 'read', side: 'peer', text: `part ${part}`, means: 'data' })
    }
    if (now === was) return
    if (now === Unit.LOST && was === Unit.FLYING) this.#packet('us', 'data', label, 'lost')
    else if (now === Unit.LOST)
      this.add({ kind: 'note', side: 'us', text: `our kernel throws part ${part} away`, bad: true })
    else if (now === Unit.DISCARDED)
      this.add({ kind: 'note', side: 'us', text: `our runtime throws part ${part} away`, bad: true })
  }

  #seeAcks(before: World): void {
    const { world } = this
    const units = unitNames.some((name) => world[name] === Unit.ACKED && before[name] === Unit.FLYING)
    const fin = world.fin === Fin.ACKED && before.fin === Fin.DELIVERED
    if (units || fin) this.#packet('peer', 'ack', 'ACK', 'whole')
  }

  #seeFin(was: number): void {
    const { fin } = this.world
    if (fin === was) return
    if (fin === Fin.FLYING) this.#packet('us', 'fin', 'FIN', 'leaves')
    if (fin === Fin.DELIVERED) {
      this.#packet('us', 'fin', 'FIN', 'arrives')
      this.peer.ended ??= 'end'
      this.add({ kind: 'read', side: 'peer', text: '0, end of file', means: 'end' })
    }
    if (fin === Fin.NONE) this.add({ kind: 'note', side: 'us', text: 'our FIN is thrown away unsent' })
  }

  #seeReset(was: number): void {
    const { rst } = this.world
    if (rst === was) return
    if (rst === Rst.FLYING) this.#packet('us', 'reset', 'RST', 'leaves')
    if (rst === Rst.DELIVERED) this.#resetArrives('told')
  }

  /** Our reset has come to the peer; hidden: its reader is told nothing. */
  resetComes(): void {
    if (this.world.rst === Rst.GONE) this.#resetArrives('hidden')
  }

  /** The network has lost our reset. */
  resetIsLost(): void {
    this.#packet('us', 'reset', 'RST', 'lost')
  }

  #resetArrives(how: 'told' | 'hidden'): void {
    const { peer } = this
    this.#packet('us', 'reset', 'RST', 'arrives')
    peer.dead = true
    if (peer.ended === 'end') peer.behind = how
    else peer.ended = 'reset'
    if (how === 'told') this.add({ kind: 'read', side: 'peer', text: 'ECONNRESET', means: 'reset' })
    else this.add({ kind: 'note', side: 'peer', text: 'read() has told the end already, and says no more' })
  }

  #seePeer(before: World): void {
    const { data, peerFin, peerRst } = this.world
    if (before.data === Arrival.FLYING && data !== before.data && peerFin === before.peerFin) {
      this.#packet('peer', 'data', 'DATA', 'whole')
      if (data === Arrival.TAKEN) this.add({ kind: 'note', side: 'us', text: 'nobody will read it' })
    }
    if (before.peerFin === Arrival.FLYING && peerFin !== before.peerFin) this.#packet('peer', 'fin', 'FIN', 'whole')
    if (before.peerRst === Arrival.FLYING && peerRst !== before.peerRst) {
      this.#packet('peer', 'reset', 'RST', 'whole')
      this.peer.dead = true
    }
  }
}
