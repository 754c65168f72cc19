// One end of a relay that is a connection of Deno.
import type { ConnectionGuard } from '../core/guard.js'
import { endedByFin, type Leg } from '../core/relay.js'
import type { TcpConn } from './runtime.js'

const readBytes = 65_536

/** Reads and writes a guarded connection. */
export class ConnLeg implements Leg {
  pending = 0
  #stopped = false
  readonly #conn: TcpConn

  constructor(
    conn: TcpConn,
    readonly guard: ConnectionGuard,
  ) {
    this.#conn = conn
  }

  read(take: (chunk: Uint8Array) => Promise<void> | undefined, ended: () => void): void {
    void this.#readAll(take, ended)
  }

  async #readAll(take: (chunk: Uint8Array) => Promise<void> | undefined, ended: () => void): Promise<void> {
    while (!this.#stopped) {
      const into = new Uint8Array(readBytes)
      // An error is told by the verdict.
      const count = await this.#conn.read(into).catch(() => undefined)
      if (this.#stopped || count === undefined) return
      if (count !== null) {
        await take(into.subarray(0, count))
        continue
      }
      // The guard looks, in a turn of its own, whether a reset hides behind it.
      await new Promise((resolve) => setTimeout(resolve))
      if (endedByFin(this.guard)) ended()
      return
    }
  }

  stop(): void {
    this.#stopped = true
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.pending += chunk.length
    try {
      for (let rest = chunk; rest.length > 0; ) {
        const count = await this.#conn.write(rest)
        this.pending -= count
        rest = rest.subarray(count)
      }
    } catch (error) {
      // Bytes are lost; where the connection is still there it must not end as if they were not.
      void this.guard.fail(error)
    }
  }
}
