// One guarded connection of a client that keeps its connections: the messages on it, and how it ends between two.
import type { Socket } from 'node:net'
import type { Guard } from '../core/types.js'

/** A connection in a pool, which was made for a request. It is idle when nothing is asked on it or awaited. */
export class Pooled {
  #idle = false
  readonly #guard: Guard

  constructor(socket: Socket, guard: Guard) {
    this.#guard = guard
    const { destroy } = socket
    // A pool may let go of an idle connection with an error of its own, such as a time that is up: that fails nobody.
    socket.destroy = (error?: Error): Socket => {
      const fails = error !== undefined && error !== null && !(this.#idle && !('syscall' in error))
      return Reflect.apply(destroy, socket, fails ? [error] : [])
    }
  }

  /** A request begins: until it is answered our side is incomplete. */
  begin(): void {
    this.#idle = false
    this.#guard.beginMessage()
  }

  /** It is idle: every request was sent and answered. */
  rest(): void {
    this.#idle = true
    this.#guard.completeMessage()
  }
}

/**
 * Takes hold of a connection that a pool has made. What is no TCP connection, or has gone already, is left alone; what
 * cannot be guarded goes on unguarded, with a warning, because nobody is there to catch an error; `guard` may answer
 * nothing, and then not even that.
 */
export function takePooled(socket: Socket, guard: (socket: Socket) => Guard | undefined): Pooled | undefined {
  if (socket.destroyed || socket.remoteAddress === undefined) return undefined
  try {
    const held = guard(socket)
    return held && new Pooled(socket, held)
  } catch (error) {
    process.emitWarning(`a connection is not guarded: ${(error as Error).message}`, 'FinrstWarning')
    return undefined
  }
}
