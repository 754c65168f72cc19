// What a guard can do for a kind of socket on this machine: in words for its owner, in bits for the engine.
import {
  CAN_ARM,
  CAN_DISCONNECT,
  CAN_DRAIN,
  CAN_HOLD,
  CAN_RESET,
  CAN_SEE_ACKED,
  CONTEXT_BIG_ENDIAN,
  FLAG_ARMED,
  POLICY_CRASH_LEAVES,
} from '../../assembly/abi.js'
import type { Platform } from './platform.js'
import type { Capabilities, Capability } from './types.js'

/** A kind of socket, and what its runtime does for it without a system call of ours. */
export interface SocketKind {
  /** The runtime's own reset, in words; undefined: it has none. */
  readonly reset: string | undefined
  /** The runtime sends a FIN whenever it closes, so that only a disconnect can reset on purpose. */
  readonly closesWithFin?: boolean
  /** A death that is no reset although the socket is armed, in words. */
  readonly armedBut?: string
  /** Whether our direction outlives the peer's FIN, and why. */
  readonly sendAfterPeerFin: Capability
  /** What TLS of this runtime lacks; left out: nothing. */
  readonly seesPeerEnd?: Capability
  readonly endsWhenDropped?: Capability
  /** How what the peer still sends is read, in words: with our duplicate, and without it. */
  readonly drains: { readonly held: string; readonly bare: string }
}

/** Platform row and CAN_* of a socket; `held` tells whether a duplicate of its descriptor is in our hands. */
export function contextOf(platform: Platform, kind: SocketKind, held: boolean): number {
  return (
    platform.row |
    (platform.bigEndian ? CONTEXT_BIG_ENDIAN : 0) |
    (kind.reset === undefined ? 0 : CAN_RESET) |
    CAN_DRAIN |
    (held ? CAN_ARM | CAN_HOLD | CAN_DISCONNECT | (platform.query ? CAN_SEE_ACKED : 0) : 0)
  )
}

/** Whether a connection that was to be armed when it was guarded is not. */
export function armsInVain(context: number, state: number): boolean {
  return (context & (CAN_ARM | POLICY_CRASH_LEAVES)) === CAN_ARM && (state & FLAG_ARMED) === 0
}

/** The same of a connection that the system does not let us arm. */
export function withoutArm(capabilities: Capabilities): Capabilities {
  return { ...capabilities, arm: { can: false, why: 'the system refuses to set SO_LINGER {1,0} here' } }
}

const described = new Map<SocketKind, Map<boolean, Capabilities>>()

/** The capabilities of a socket, in words. */
export function capabilitiesOf(platform: Platform, kind: SocketKind, held: boolean): Capabilities {
  const ofKind = described.get(kind) ?? new Map<boolean, Capabilities>()
  const known = ofKind.get(held) ?? describe(platform, kind, held)
  described.set(kind, ofKind.set(held, known))
  return known
}

function describe(platform: Platform, kind: SocketKind, held: boolean): Capabilities {
  const { backend, query } = platform
  const ways = held ? backend.why : `no duplicate of the descriptor: ${backend.why}`
  const withCalls = (why: string): Capability => ({ can: held, why: held ? `${why}: ${ways}` : ways })
  const but = kind.armedBut === undefined ? '' : `; but ${kind.armedBut}`
  return {
    arm: withCalls(`SO_LINGER {1,0} from the moment the socket is guarded${but}`),
    abort: abortOf(platform, kind, held, ways),
    hold: withCalls('a close-on-exec duplicate of the descriptor'),
    halfClose: { can: true, why: 'the runtime sends the FIN and goes on receiving' },
    sendAfterPeerFin: kind.sendAfterPeerFin,
    seesPeerEnd: kind.seesPeerEnd ?? { can: true, why: 'its FIN, with TLS its close_notify' },
    endsWhenDropped: kind.endsWhenDropped ?? { can: true, why: 'our FIN, with TLS after close_notify' },
    drain: { can: true, why: held ? kind.drains.held : kind.drains.bare },
    acked: {
      can: held && query !== undefined,
      why: query === undefined ? `${platform.id} has no query for the send queue that a program may use` : ways,
    },
    linger: withCalls('SO_LINGER in seconds'),
    platform: platform.id,
    backend: backend.name,
  }
}

function abortOf(platform: Platform, kind: SocketKind, held: boolean, ways: string): Capability {
  if (!held) return { can: kind.reset !== undefined, why: `${kind.reset ?? 'the runtime has no reset'}; ${ways}` }
  if (kind.closesWithFin !== true) return { can: true, why: `linger {1,0} and the last close: ${ways}` }
  const disconnects = platform.system !== undefined && platform.system.disconnect !== 'none'
  const why = disconnects ? 'the connection is disconnected before the runtime closes' : 'the runtime closes with a FIN'
  return { can: disconnects, why: `${why}: ${ways}` }
}
