// The state of both ends in the words of RFC 9293 3.3.2, and of the guard in those of spec/abi.json.
import { PHASE } from '../adapters/core/names.js'
import { Arrival, Fin, Rst, type World } from '../simulation/world.ts'
import type { PeerView } from './trace.ts'

export interface States {
  us: string
  peer: string
  /** The phase of the guard; nothing without one. */
  phase: string | undefined
  armed: boolean
}

const phases = new Map(
  Object.entries(PHASE)
    .filter(([name]) => name !== 'MASK')
    .map(([name, number]) => [number, name]),
)

function ourState(world: World, peerFirst: boolean): string {
  if (world.dead || world.rst !== Rst.NONE) return 'CLOSED'
  const peerFin = world.peerFin !== Arrival.FLYING
  if (world.fin === Fin.NONE) return peerFin ? 'CLOSE-WAIT' : 'ESTABLISHED'
  if (!peerFin) return world.fin === Fin.ACKED ? 'FIN-WAIT-2' : 'FIN-WAIT-1'
  if (world.fin !== Fin.ACKED) return peerFirst ? 'LAST-ACK' : 'CLOSING'
  return peerFirst ? 'CLOSED' : 'TIME-WAIT'
}

function peerState(world: World, peer: PeerView, peerFirst: boolean): string {
  if (peer.dead) return 'CLOSED'
  const sent = world.peerFin !== Arrival.FLYING
  const got = world.fin >= Fin.DELIVERED
  if (!sent) return got ? 'CLOSE-WAIT' : 'ESTABLISHED'
  // What the peer sends is confirmed at once.
  if (!got) return 'FIN-WAIT-2'
  return peerFirst ? 'TIME-WAIT' : 'CLOSED'
}

/** `phase`: of the engine, or negative without one. `peerFirst`: the peer's FIN came before ours was asked for. */
export function statesOf(world: World, peer: PeerView, peerFirst: boolean, phase: number): States {
  return {
    us: ourState(world, peerFirst),
    peer: peerState(world, peer, peerFirst),
    phase: phases.get(phase),
    armed: world.linger === 1 && world.dead === 0 && world.alive === 1,
  }
}
