// What the runtimes do differently about a node:net socket; everything else about it is the same on all of them.
import type { ServerResponse } from 'node:http'
import type { SocketKind } from '../core/capabilities.js'
import type { Descriptor, Found, Handles, Live } from '../core/descriptor.js'
import type { Platform } from '../core/platform.js'
import type { Scan } from '../core/scan.js'
import type { Internals } from './stream.js'

/** What TLS adds to a connection, where a runtime has to be asked. */
export interface Tls {
  /**
   * Whether bytes of TLS are not in the kernel yet. `said`: close_notify was handed over, so it is the last of them.
   * Left out where the runtime does not tell: then close_notify is known to be there when the FIN is out.
   */
  holds?(socket: Internals, said: boolean): boolean
  /** Whether the peer's close_notify is the end of file that the runtime tells at this very moment. */
  notified(socket: Internals): boolean
  /** Whether the connection has no peer any more, asked without a system call of ours. */
  peerIsGone(socket: Internals): boolean
}

/** A socket that its runtime reads and writes past, as that of an http server may be. */
export interface Past {
  /** Whether it is one. */
  is(socket: Internals): boolean
  /** Whether bytes were written that are not in the kernel yet. */
  holds(socket: Internals): boolean
  /** Calls back once they are; never if it does not come to that. */
  whenWritten(socket: Internals, then: () => void): void
  /** What tells its descriptor as long as the runtime has it open; undefined: nothing does. */
  live(socket: Internals, localPort: number | undefined): Held | undefined
  /** Whether the socket carries this answer: its turn has come, and nobody was told yet that it has finished. */
  carries(socket: Internals, answer: ServerResponse): boolean
}

/** The handle of such a socket. */
export interface Held extends Live {
  /** Whether the runtime has closed it. */
  readonly closed: boolean
  /** Of one that it has closed: whether behind the peer's FIN, or at its reset; undefined: it does not tell. */
  readonly closedBy: 'fin' | 'reset' | undefined
  /** It is about to be closed. */
  leave(): void
}

/** A descriptor of a socket whose handle does not tell its own: a duplicate, held as long as it is needed. */
export interface Lent extends Live {
  /** Made at the first call; undefined: there is none to be had. */
  readonly descriptor: Descriptor | undefined
  /** It is not needed for a while; asking for it makes another. */
  rest(): void
  /** It is not needed any more. */
  leave(): void
}

/** A runtime, as the guard of a node:net socket sees it. */
export interface NetHost extends Handles {
  /** The same runtime with TLS; undefined: it cannot be had. */
  readonly secure?: NetHost
  /** Of a host with TLS. */
  readonly tls?: Tls
  readonly kind: SocketKind
  /** Its guards are made without anybody asking, and obey whoever asks afterwards. */
  readonly unasked?: boolean
  platform(): Platform
  readonly past?: Past
  /** What the socket is if it is no TCP connection, in words, unless {@link find} tells it. */
  stranger(socket: Internals): string | undefined
  /** The handle of a socket tells its descriptor at any moment, without a system call. */
  readonly tellsDescriptor?: true
  /** Where it does not, but gives duplicates of it. */
  lend?(socket: Internals): Lent
  /**
   * The descriptor of the socket, or how it is found, or what the socket is instead of a TCP connection, or undefined.
   * Without system calls it is not asked.
   */
  find(socket: Internals): Found | Scan | string | undefined
  /** Whether a reset hides behind the end of file that the socket has told, where no system call can be made. */
  hidesReset(socket: Internals): boolean
  /** Lets the runtime reset the connection when it destroys the socket. */
  resetWhenDestroyed(socket: Internals): void
  /** Bytes of the write that is under way which are not in the kernel yet; undefined: not known. */
  queued(socket: Internals): number | undefined
  /**
   * Calls back when the socket is sent to another process, and perhaps when it is let go. Answers how to stop. Left out
   * where it has lost its handle by the time that its clock is stopped, or that it is destroyed.
   */
  whenSent?(socket: Internals, then: () => void): () => void
  /** A write of no bytes fails, and takes the connection with it. */
  readonly refusesEmptyWrite?: boolean
  /** The end of the process concerns its guards from now on. */
  watchExit(): void
}
