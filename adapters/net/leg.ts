// One end of a relay that is a net.Socket, with TLS or without.
import type { Socket } from 'node:net'
import type { ConnectionGuard } from '../core/guard.js'
import { endedByFin, type Leg, namedFor } from '../core/relay.js'
import type { Policy } from '../core/types.js'
import { guardNetSocket } from './guards.js'
import type { NetHost } from './host.js'

class NetLeg implements Leg {
  readonly guard: ConnectionGuard
  readonly #socket: Socket
  #reading = false
  #stop: () => void = () => {}
  #resumed: (() => void) | undefined

  constructor(socket: Socket, guard: ConnectionGuard) {
    this.#socket = socket
    this.guard = guard
    // The verdict tells of it; without a listener it would end the process.
    socket.on('error', () => undefined)
    socket.on('drain', () => this.#resumed?.())
  }

  get pending(): number {
    return this.#socket.writableLength
  }

  read(take: (chunk: Uint8Array) => Promise<void> | undefined, ended: () => void): void {
    const socket = this.#socket
    const data = (chunk: Uint8Array): void => {
      const wait = take(chunk)
      if (wait === undefined) return
      socket.pause()
      void wait.then(() => {
        if (this.#reading) socket.resume()
      })
    }
    const end = (): void => {
      // A socket that is destroyed may tell an end of its own.
      if (!socket.destroyed && endedByFin(this.guard)) ended()
    }
    this.#reading = true
    this.#stop = () => {
      this.#reading = false
      socket.off('data', data).off('end', end)
      socket.pause()
    }
    if (socket.readableEnded) return end()
    socket.on('data', data).on('end', end).resume()
  }

  stop(): void {
    this.#stop()
    this.#stop = () => {}
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#socket.write(chunk)) return undefined
    return new Promise((resolve) => {
      this.#resumed = resolve
    })
  }
}

/**
 * Takes hold of one end of a relay.
 * @throws as guardNetSocket, of an argument of that name
 */
export function netLeg(
  socket: Socket,
  name: string,
  policy: Policy | undefined,
  host: NetHost,
  allowed?: string,
): NetLeg {
  const held = namedFor(name, () => {
    const { readableEncoding } = socket ?? {}
    if (typeof readableEncoding !== 'string') return guardNetSocket(socket, policy, host, allowed)
    throw new TypeError(`finrst: socket has setEncoding('${readableEncoding}'); expected one that gives bytes`)
  })
  return new NetLeg(socket, held)
}
