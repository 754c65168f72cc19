// Says in words what a guard can do on this machine, and why not.
import type { Capabilities, Capability } from '../core/types.js'
import type { Platform } from './platform.js'

const described = new Map<boolean, Capabilities>()

/** The capabilities of one socket; `held` tells whether a duplicate of its descriptor is in our hands. */
export function capabilitiesOf(platform: Platform, held: boolean): Capabilities {
  const known = described.get(held) ?? describe(platform, held)
  described.set(held, known)
  return known
}

function describe(platform: Platform, held: boolean): Capabilities {
  const { backend, query } = platform
  const ways = held ? backend.why : `no duplicate of the descriptor: ${backend.why}`
  const withCalls = (why: string): Capability => ({ can: held, why: held ? `${why}: ${ways}` : ways })
  return {
    arm: withCalls('SO_LINGER {1,0} from the moment the socket is guarded'),
    abort: {
      can: true,
      why: held ? `linger {1,0} and the last close: ${ways}` : `resetAndDestroy() of the runtime; ${ways}`,
    },
    hold: withCalls('a close-on-exec duplicate of the descriptor'),
    halfClose: { can: true, why: 'the runtime sends the FIN and goes on receiving' },
    drain: {
      can: true,
      why: held
        ? 'the runtime reads, and the duplicate after it has closed'
        : 'the runtime reads until it is destroyed',
    },
    acked: {
      can: held && query !== undefined,
      why: query === undefined ? `${platform.id} has no query for the send queue that a program may use` : ways,
    },
    linger: withCalls('SO_LINGER in seconds'),
    platform: platform.id,
    backend: backend.name,
  }
}
