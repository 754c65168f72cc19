// What the program, its runtime and the clocks can do: each move is an event for the engine, or leads to one.
import {
  ARGUMENT_SHIFT,
  CAN_HOLD,
  EVENT_ABORT,
  EVENT_ACKED,
  EVENT_CLOSE,
  EVENT_DATA,
  EVENT_DEADLINE,
  EVENT_DROPPED,
  EVENT_FAILED,
  EVENT_FIN_SENT,
  EVENT_FINISH_SENDING,
  EVENT_FLUSHED,
  EVENT_OS_ERROR,
  EVENT_OVER_LIMIT,
  EVENT_PEER_FIN,
  EVENT_PEER_RESET,
  EVENT_STOP_RECEIVING,
  FACT_COMPLETE,
  FACT_LEAVING,
  FLAG_FIN_OUT,
  PHASE_CLOSING,
  PHASE_DRAINING,
  PHASE_ENDED,
  PHASE_NEW,
  PHASE_OPEN,
  RECEIVE_DISCARD,
  RECEIVE_HOLD,
  RECEIVE_REFUSE,
} from '../assembly/abi.ts'
import type { Host } from './host.ts'
import { happenings } from './network.ts'
import { Arrival, Unit } from './world.ts'

/** One thing that can happen; false: not now. */
export type Move = (host: Host) => boolean

const runs = ({ world, phase }: Host): boolean => world.alive === 1 && phase !== PHASE_NEW && phase !== PHASE_ENDED
const runtimeRuns = ({ world }: Host): boolean => world.runtime === 1 && world.going === 0

// Bytes and endings of the peer come through the runtime, or after it through the duplicate that drains.
function canRead(host: Host): boolean {
  const { world } = host
  if (runtimeRuns(host)) return world.reading !== RECEIVE_HOLD
  return world.runtime === 0 && world.drain === 1 && world.duplicate === 1
}

// A command of the owner, which may be repeated.
const command =
  (event: number): Move =>
  (host) => {
    if (!runs(host)) return false
    host.feed(event)
    host.repeat(event)
    return true
  }

const disposed: Move = (host) => {
  if (!runs(host)) return false
  host.feed(EVENT_DROPPED)
  return true
}

const failed: Move = (host) => {
  if (!runs(host)) return false
  host.feed(EVENT_FAILED)
  return true
}

// The runtime lets go: what it holds is thrown away, a FIN that it had not sent yet is never sent, and it closes its
// descriptor a little later.
const letGo =
  (event: number): Move =>
  (host) => {
    if (!runs(host) || !runtimeRuns(host)) return false
    host.world.going = 1
    host.world.shut = 0
    host.feed(event, FACT_LEAVING)
    host.discard()
    if ((host.context & CAN_HOLD) === 0 && host.world.runtime) host.closeRuntime()
    return true
  }

const stop =
  (how: number): Move =>
  (host) => {
    if (!runs(host) || host.world.reading !== 0) return false
    host.feed(EVENT_STOP_RECEIVING, how << ARGUMENT_SHIFT)
    return true
  }

const open: Move = (host) => {
  if (host.phase !== PHASE_NEW || !host.world.alive) return false
  host.open()
  return true
}

const write: Move = (host) => {
  const { world, phase } = host
  if (!world.alive || phase !== PHASE_OPEN || !runtimeRuns(host) || world.dead) return false
  if (world.unitA === Unit.NONE) world.unitA = Unit.BUFFERED
  else if (world.unitB === Unit.NONE && host.setting.bounds.units > 1) world.unitB = Unit.BUFFERED
  else return false
  return true
}

const exit =
  (more: number): Move =>
  (host) => {
    if (!runs(host) || (more !== 0 && (host.buffered || host.phase !== PHASE_OPEN))) return false
    host.exit(more)
    return true
  }

const crash: Move = (host) => {
  if (!host.world.alive || host.phase === PHASE_NEW) return false
  host.die()
  return true
}

const flushUnit: Move = (host) => {
  const { world } = host
  if (!world.alive || !runtimeRuns(host) || world.dead) return false
  if (world.unitA === Unit.BUFFERED) world.unitA = Unit.QUEUED
  else if (world.unitB === Unit.BUFFERED) world.unitB = Unit.QUEUED
  else return false
  return true
}

const flushed: Move = (host) => {
  const { world } = host
  if (!runs(host) || !runtimeRuns(host) || !world.flush || host.buffered || world.dead) return false
  world.flush = 0
  host.feed(EVENT_FLUSHED)
  return true
}

const runtimeShuts: Move = (host) => {
  const { world } = host
  if (!runs(host) || !runtimeRuns(host) || !world.shut) return false
  world.shut = 0
  const failed = world.dead === 1 || host.work.shutdownWrite() !== 0
  host.feed(failed ? EVENT_OS_ERROR : EVENT_FIN_SENT)
  return true
}

const runtimeCloses: Move = (host) => {
  if (!host.world.alive || !host.world.going) return false
  host.closeRuntime()
  return true
}

// Behind the host's back: only a host with a duplicate can bear that.
const runtimeVanishes: Move = (host) => {
  if (!runs(host) || !runtimeRuns(host) || (host.context & CAN_HOLD) === 0) return false
  host.closeRuntime()
  return true
}

const read: Move = (host) => {
  const { world } = host
  if (!world.alive || world.data !== Arrival.HERE || !canRead(host)) return false
  world.data = Arrival.TAKEN
  if (world.reading === RECEIVE_DISCARD && runs(host)) host.feed(EVENT_DATA)
  return true
}

const readEnd: Move = (host) => {
  const { world } = host
  if (!runs(host) || world.peerFin !== Arrival.HERE || world.data === Arrival.HERE || !canRead(host)) return false
  world.peerFin = Arrival.TAKEN
  host.feed(EVENT_PEER_FIN)
  return true
}

const readReset: Move = (host) => {
  const { world } = host
  if (!runs(host) || world.peerRst !== Arrival.HERE || !(world.runtime || world.drain)) return false
  world.peerRst = Arrival.TAKEN
  host.feed(EVENT_PEER_RESET)
  world.going = world.runtime
  return true
}

const acked: Move = (host) => {
  const { world, state } = host
  if (!runs(host) || !world.watch || !host.confirmed || world.dead || (state & FLAG_FIN_OUT) === 0) return false
  world.watch = 0
  host.feed(EVENT_ACKED)
  return true
}

const outOfTime: Move = (host) => {
  const { world, phase } = host
  if (!runs(host) || !world.clock || (phase !== PHASE_CLOSING && phase !== PHASE_DRAINING)) return false
  world.late = 1
  host.feed(EVENT_DEADLINE)
  return true
}

const overLimit: Move = (host) => {
  const { world, phase } = host
  if (!runs(host) || !world.drain || phase !== PHASE_DRAINING || world.data !== Arrival.TAKEN) return false
  world.late = 1
  host.feed(EVENT_OVER_LIMIT)
  return true
}

const ofTheProgram: Readonly<Record<string, Move>> = {
  'we open': open,
  'we write a unit': write,
  'close()': command(EVENT_CLOSE),
  'finishSending()': command(EVENT_FINISH_SENDING),
  'abort()': command(EVENT_ABORT),
  'fail()': failed,
  'the guard is disposed': disposed,
  'destroy()': letGo(EVENT_DROPPED),
  'destroy(error)': letGo(EVENT_FAILED),
  "stopReceiving('discard')": stop(RECEIVE_DISCARD),
  "stopReceiving('hold')": stop(RECEIVE_HOLD),
  "stopReceiving('refuse')": stop(RECEIVE_REFUSE),
  'the process exits': exit(0),
  'the process exits, the message is whole': exit(FACT_COMPLETE),
  'the process crashes': crash,
  'the runtime flushes a unit': flushUnit,
  'the runtime has flushed': flushed,
  'the runtime sends our FIN': runtimeShuts,
  'the runtime closes': runtimeCloses,
  'the runtime vanishes': runtimeVanishes,
  'we read a unit': read,
  "we read the peer's FIN": readEnd,
  "we read the peer's reset": readReset,
  'the send queue is seen empty': acked,
  'a clock runs out': outOfTime,
  'the drain is over its limit': overLimit,
}

const ofTheWorld = Object.entries(happenings).map(
  ([name, happens]) => [name, ({ world, work }: Host) => happens(world, work)] as const,
)

/** Every move, with its name; a number is its place here. */
export const moves: readonly (readonly [name: string, move: Move])[] = [...Object.entries(ofTheProgram), ...ofTheWorld]
