// What is between us and the peer: whether packets are held back, and the events of the network and the peer.
import { happenings } from '../simulation/network.ts'
import type { RawKernel } from '../simulation/raw-kernel.ts'
import { Arrival, Fin, Rst, Unit, type World } from '../simulation/world.ts'
import type { Tape } from './trace.ts'

const outgoing = ['our kernel sends a unit', 'our kernel sends our FIN']
const delivering = ['the peer gets our FIN', 'our kernel gets an acknowledgement', 'the peer gets our reset']

export class Link {
  mode: 'flows' | 'held' | 'stalled' = 'flows'

  constructor(
    readonly kernel: RawKernel,
    readonly tape: Tape,
  ) {}

  get world(): World {
    return this.kernel.world
  }

  happen(name: string): boolean {
    const { world, kernel, tape } = this
    const reset = world.rst
    if (happenings[name]?.(world, kernel) !== true) return false
    tape.see()
    if (reset === Rst.FLYING && world.rst === Rst.GONE && name === 'the peer gets our reset') tape.resetComes()
    return true
  }

  /** Lets the kernels do what they do on their own; true if something happened. */
  carry(): boolean {
    const leave = this.mode === 'stalled' ? [] : outgoing
    const arrive = this.mode === 'flows' ? delivering : []
    return [...leave, ...arrive].some((name) => this.happen(name))
  }

  /** Whether our runtime may hand the kernel more: a kernel that cannot send takes one part. */
  get takes(): boolean {
    const { unitA, unitB } = this.world
    return this.mode !== 'stalled' || (unitA !== Unit.QUEUED && unitB !== Unit.QUEUED)
  }

  get #peerTalks(): boolean {
    const { world, tape } = this
    return !tape.peer.dead && world.peerRst === Arrival.FLYING && world.peerFin === Arrival.FLYING
  }

  #data(): boolean {
    const { world, kernel, tape } = this
    if (!this.#peerTalks || world.data === Arrival.HERE) return false
    if (world.data === Arrival.TAKEN) tape.another()
    if (kernel.takeLate()) {
      tape.see()
      return true
    }
    return this.happen('our kernel gets a unit')
  }

  #deliver(): boolean {
    const { world } = this
    const flies = world.unitA === Unit.FLYING || world.unitB === Unit.FLYING
    return flies && world.rst !== Rst.DELIVERED && this.happen('our kernel gets an acknowledgement')
  }

  /** The FIN arrives, and its acknowledgement at us. */
  #deliverFin(): boolean {
    if (!this.happen('the peer gets our FIN')) return false
    this.happen('our kernel gets an acknowledgement')
    return true
  }

  #lose(): boolean {
    if (!this.happen('the network loses our reset')) return false
    this.tape.resetIsLost()
    return true
  }

  #switch(mode: Link['mode']): boolean {
    if (this.mode === mode) return false
    this.mode = mode
    return true
  }

  /** An event of the peer or the network; undefined: it is of somebody else. */
  play(event: string): boolean | undefined {
    const { world, tape } = this
    switch (event) {
      case 'peer-data':
        return this.#data()
      case 'peer-fin':
        return this.#peerTalks && this.happen("our kernel gets the peer's FIN")
      case 'peer-reset':
        return !tape.peer.dead && this.happen("our kernel gets the peer's reset")
      case 'hold-packets':
        return this.#switch('held')
      case 'stall':
        return this.#switch('stalled')
      case 'flow':
        return this.#switch('flows')
      case 'deliver-data':
        return this.#deliver()
      case 'deliver-fin':
        return world.fin === Fin.FLYING && this.#deliverFin()
      case 'deliver-reset':
        return this.happen('the peer gets our reset')
      case 'lose-reset':
        return this.#lose()
      default:
        return undefined
    }
  }
}
