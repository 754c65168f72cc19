// What happens without us: the network carries, delays, reorders and loses, the peer reads, sends, ends and resets.
//
// Whatever the peer will ever send is on the way from the beginning: a unit, its FIN, its reset. Only the moment at
// which it arrives makes a difference to us, every moment is tried, and what it never sends is what never arrives.
//
// A unit that was sent counts as delivered when something behind it was, or when it is confirmed.
//
// Data and FINs that are lost are sent again, so a loss of them is a delay, and every delay is tried because any move
// may come first. A reset is never sent again: it may be lost for good, and it may overtake what was sent before it.
//
// The peer's program reads at once what its kernel has. A slow reader differs in two ways only: its window closes, so
// that our units stay queued longer, which is tried anyway; and a reset may overtake an end of file that it could have
// read. A reader that reads at once is the one that is told most.
import type { KernelAtWork } from './kernel.ts'
import { Arrival, Fin, Rst, Unit, type World } from './world.ts'

/** One thing that can happen; false: not now. */
export type Happening = (world: World, kernel: KernelAtWork) => boolean

const sendUnit: Happening = (world) => {
  if (world.dead) return false
  if (world.unitA === Unit.QUEUED) world.unitA = Unit.FLYING
  else if (world.unitB === Unit.QUEUED) world.unitB = Unit.FLYING
  else return false
  return true
}

const sendFin: Happening = (world) => {
  if (world.dead || world.fin !== Fin.QUEUED || world.unitA === Unit.QUEUED || world.unitB === Unit.QUEUED) return false
  world.fin = Fin.FLYING
  return true
}

const deliverFin: Happening = (world) => {
  if (world.fin !== Fin.FLYING || world.rst === Rst.DELIVERED) return false
  world.fin = Fin.DELIVERED
  return true
}

// An acknowledgement covers everything that was sent before it was.
const acknowledge: Happening = (world) => {
  if (world.dead) return false
  const fin = world.fin === Fin.DELIVERED
  if (world.unitA !== Unit.FLYING && world.unitB !== Unit.FLYING && !fin) return false
  if (world.unitA === Unit.FLYING) world.unitA = Unit.ACKED
  if (world.unitB === Unit.FLYING) world.unitB = Unit.ACKED
  if (fin) world.fin = Fin.ACKED
  return true
}

const deliverReset: Happening = (world, kernel) => {
  if (world.rst !== Rst.FLYING) return false
  const overtakes = world.fin < Fin.DELIVERED
  if (overtakes && world.unitA === Unit.FLYING) world.unitA = Unit.LOST
  if (overtakes && world.unitB === Unit.FLYING) world.unitB = Unit.LOST
  const seen = overtakes || kernel.answer('resetAfterFin') === 'reset'
  world.rst = seen ? Rst.DELIVERED : Rst.GONE
  return true
}

const loseReset: Happening = (world) => {
  if (world.rst !== Rst.FLYING) return false
  world.rst = Rst.GONE
  return true
}

const deliverData: Happening = (world, kernel) => {
  if (world.data !== Arrival.FLYING) return false
  const held = world.runtime || world.duplicate || world.other
  if (held && !world.dead) {
    world.data = Arrival.HERE
    return true
  }
  world.data = Arrival.TAKEN
  // Data after the last close, or after an abort, is answered with a reset.
  if (world.dead) world.rst = world.rst === Rst.DELIVERED ? Rst.DELIVERED : Rst.FLYING
  else if (kernel.answer('closeLateData') === 'reset') kernel.resetUnasked()
  return true
}

// A unit that has not come before the FIN was never sent.
const deliverPeerFin: Happening = (world) => {
  if (world.peerFin !== Arrival.FLYING || world.dead) return false
  if (world.data === Arrival.FLYING) world.data = Arrival.TAKEN
  world.peerFin = Arrival.HERE
  return true
}

const deliverPeerReset: Happening = (world) => {
  if (world.peerRst !== Arrival.FLYING) return false
  world.peerRst = world.dead ? Arrival.TAKEN : Arrival.HERE
  world.dead = 1
  if (world.unitA === Unit.QUEUED) world.unitA = Unit.LOST
  if (world.unitB === Unit.QUEUED) world.unitB = Unit.LOST
  return true
}

/** Somebody else who holds our socket closes it. */
const otherCloses: Happening = (world, kernel) => {
  if (!world.other) return false
  world.other = 0
  kernel.closed(false)
  return true
}

/** Everything that happens without us, by name. */
export const happenings: Readonly<Record<string, Happening>> = {
  'our kernel sends a unit': sendUnit,
  'our kernel sends our FIN': sendFin,
  'the peer gets our FIN': deliverFin,
  'our kernel gets an acknowledgement': acknowledge,
  'the peer gets our reset': deliverReset,
  'the network loses our reset': loseReset,
  'our kernel gets a unit': deliverData,
  "our kernel gets the peer's FIN": deliverPeerFin,
  "our kernel gets the peer's reset": deliverPeerReset,
  'the other holder closes': otherCloses,
}
