// One HTTP/2 connection of a server: complete while no stream is open, and closed by GOAWAY.
//
// 1. A handler that fails costs its stream alone: it is reset, and the connection goes on.
// 2. A session that is given up with streams open ends by a reset of the connection, not by a FIN.
import type { Http2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { ConnectionGuard } from '../core/guard.js'
import type { Member } from '../core/server.js'
import { bypassed } from './stream.js'

/** The streams of one guarded connection. */
export class Streams implements Member {
  readonly #open = new Set<ServerHttp2Stream>()
  readonly #session: Http2Session

  constructor(
    readonly guard: ConnectionGuard,
    socket: Socket,
    session: Http2Session,
  ) {
    this.#session = session
    Object.assign(socket, { [bypassed]: true })
    const { end } = socket
    socket.end = ((...values: Parameters<Socket['end']>) => {
      if (this.#givenUp) void guard.fail(new Error('finrst: the session was ended in the middle of a stream'))
      return Reflect.apply(end, socket, values)
    }) as Socket['end']
    guard.completeMessage()
  }

  /** A stream was opened by the client. */
  begin(stream: ServerHttp2Stream): void {
    if (this.#open.has(stream)) return
    this.#open.add(stream)
    if (this.#open.size === 1) this.guard.beginMessage()
    stream.once('close', () => {
      this.#open.delete(stream)
      if (this.#open.size === 0) this.guard.completeMessage()
    })
  }

  finish(): void {
    if (!this.#session.closed) this.#session.close()
  }

  // Closed in order, a session has waited for its streams.
  get #givenUp(): boolean {
    return [...this.#open].some(({ writableFinished, aborted }) => !writableFinished && !aborted)
  }
}

/** Resets the stream of a handler that failed, unless its answer was ended. */
export function failStream(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.closed || stream.destroyed || stream.writableEnded) return
  // The failure has gone its own way already: what the stream makes of it is no news.
  if (stream.listenerCount('error') === 0) stream.on('error', () => undefined)
  // close() with a code would end the stream first, and the client could take the half for the whole.
  stream.destroy(error instanceof Error ? error : new Error(String(error)))
}
