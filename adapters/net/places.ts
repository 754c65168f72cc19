// What is known of each connection of a guarded server, found by its socket.
import type { Socket } from 'node:net'
import type { ConnectionGuard } from '../core/guard.js'
import { version } from '../core/shared.js'
import type { Exchanges } from './exchanges.js'
import type { Streams } from './streams.js'

/** One connection, and the protocol that it carries, once that is known. */
export interface Place {
  readonly guard: ConnectionGuard
  readonly socket: Socket
  exchanges?: Exchanges
  streams?: Streams
}

// A property, and no map: the socket that a session of HTTP/2 shows is another object, which hands on properties.
const key: unique symbol = Symbol.for(`finrst ${version} place`) as never

interface Placed {
  [key]?: Place
}

export const places = {
  of: (socket: Socket | null | undefined): Place | undefined => (socket as Placed | null | undefined)?.[key],
  set: (socket: Socket, place: Place): void => {
    ;(socket as Placed)[key] = place
  },
}
