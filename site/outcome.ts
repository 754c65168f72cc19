// What the peer reads in the end, and whether it is true.
import { Rst, Unit, type World } from '../simulation/world.ts'
import type { PeerView } from './trace.ts'

/**
 * open: nothing has ended yet · true: the peer knows what happened · lie: it takes a part for the whole · loss: it lost
 * what was whole · doubt: it has everything, and cannot be sure of it.
 */
export type Judgement = 'open' | 'true' | 'lie' | 'loss' | 'doubt'

export interface Outcome {
  /** What read() has returned to the peer. */
  reads: string
  judgement: Judgement
  /** What that means, in a sentence. */
  means: string
}

const listed = (parts: readonly number[]): string =>
  parts.length === 0 ? 'nothing' : parts.length === 1 ? `part ${parts[0]}` : `parts ${parts.join(' and ')}`

function meaning(peer: PeerView, declared: boolean, aborted: boolean, whole: boolean): [Judgement, string] {
  const { ended, parts } = peer
  if (ended === undefined) return ['open', 'Nothing has ended yet: the peer waits.']
  if (ended === 'end') {
    if (!declared) return ['lie', 'Nobody said that the answer is complete, and the peer takes it for complete.']
    if (!whole) return ['lie', 'A part was lost on the way, and the peer takes the rest for the whole.']
    if (peer.behind === 'told') return ['doubt', 'It has everything; then a reset casts doubt on it.']
    return ['true', 'End of file means complete, and it is.']
  }
  if (!declared || aborted) return ['true', 'The peer knows that the answer is not complete.']
  if (!whole) return ['loss', 'The answer was complete, and the reset destroyed it.']
  return parts.length === 0
    ? ['doubt', 'There was nothing to lose, but the peer reads an error.']
    : ['doubt', 'Everything arrived, but the peer cannot know that it has everything.']
}

/** What the peer has read, and what it means. `declared`: our side said that the stream is complete. */
export function outcomeOf(world: World, peer: PeerView, declared: boolean, aborted: boolean): Outcome {
  const arrived = (unit: number, part: number): boolean => unit === Unit.NONE || peer.parts.includes(part)
  const whole = arrived(world.unitA, 1) && arrived(world.unitB, 2)
  const [judgement, means] = meaning(peer, declared, aborted, whole)
  const end = { end: ', then end of file', reset: ', then a reset' }
  const behind = peer.behind === 'told' ? ', then a reset' : ''
  const reads = peer.ended === undefined ? listed(peer.parts) : `${listed(peer.parts)}${end[peer.ended]}${behind}`
  const underWay = peer.ended === undefined && (world.rst === Rst.FLYING || !whole)
  return { reads, judgement, means: underWay ? 'Something of ours is still under way.' : means }
}
