// The public types of guarded servers: what a caller asks of all connections at once, and what became of them.
import type { Guard, Verdict } from './types.js'

/** What the connections of one server may cost while they end. */
export interface ServerOptions {
  /**
   * Most connections at once whose FIN is out and whose peer still sends or stays silent; one more, and the oldest is
   * reset. 1 … 1 000 000. Default 1024.
   */
  drainConnections?: number
  /**
   * Most bytes read and thrown away by the connections that drain at once; beyond that the oldest is reset.
   * 0 … 2^53-1. Default 256 MiB.
   */
  drainTotalBytes?: number
}

/** Options of {@link ServerGuard.close}. */
export interface CloseServerOptions {
  /** Milliseconds until what is left is reset, 1 … 2147483647. Default 30 000. */
  within?: number
  /**
   * Milliseconds in which a kept-alive connection may still bring a request, which is answered with
   * `Connection: close`; then it gets a FIN. 0 … 2147483647. Default 500.
   */
  idleMs?: number
}

/** How many connections of a server ended how, since it is guarded. */
export interface Summary {
  /** Verdicts that were given. */
  connections: number
  /** By how they ended. */
  ended: Record<Verdict['ended'], number>
  /** By who ended them. */
  by: Record<Verdict['by'], number>
  /** By why. */
  cause: Record<Verdict['cause'], number>
  /** By what became of our bytes; a connection that needed no guard is not asked for more than `handed`. */
  delivery: Record<Verdict['delivery'], number>
  /** Connections that could not be guarded, such as those of a pipe; nothing is known of how they ended. */
  unguarded: number
}

/** The guard of a server: all its connections are guarded when they are accepted. */
export interface ServerGuard {
  /**
   * The connections that are open or have not let go yet. On Node a connection of HTTP may need no guard, as long as
   * nobody listens to `verdict` or reads this.
   */
  readonly guards: ReadonlySet<Guard>
  /**
   * Stops accepting; lets what is under way finish; ends what is complete with a FIN; resets what is left when the time
   * is up. Of a connection that no protocol knows to be complete the owner must say so, by `end()` or
   * `completeMessage()`. Repeating it can only shorten the time.
   */
  close(options?: CloseServerOptions): Promise<Summary>
  /** Stops accepting and resets every connection. The resets have left when this returns. */
  abort(): Promise<Summary>
  /** Hears every verdict. */
  on(event: 'verdict', listener: (verdict: Verdict, guard: Guard) => void): this
  /** Hears that close() or abort() was called, once: whoever holds a connection that never ends should end it. */
  on(event: 'closing', listener: () => void): this
  /** Hears why a connection could not be guarded; it is served all the same. */
  on(event: 'refused', listener: (reason: Error) => void): this
}
