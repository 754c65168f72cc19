// What the streams of node:net do that their types leave out, the same in Node 20 to 26, Deno and Bun.
import type { Socket } from 'node:net'
import { EVENT_FAILED, EVENT_OS_ERROR, EVENT_PEER_RESET } from '../../assembly/abi.js'
import { type Descriptor, kernelErrors } from '../core/descriptor.js'
import { version } from '../core/shared.js'

/** The handle that a runtime keeps for a socket; only what is named here is read. */
export interface Handle {
  /** Node, Bun: the descriptor. */
  readonly fd?: number
  /** Node: bytes of the current write that are not in the kernel yet. */
  readonly writeQueueSize?: number
  /** Deno: a close-on-exec duplicate of the descriptor, a new one at every call. */
  fdForIpc?(): number
  /** Node, Deno: of TLS, the handle of the connection below it, and the socket that it was made from. */
  readonly _parent?: Handle
  readonly _parentWrap?: Socket
  /** Node: begins to read; a negative errno if it was reading already. */
  readStart?(): number
  readStop?(): number
  getpeername?(to: object): number
  /** Node: whether the stream wants to read. */
  reading?: boolean
  readonly constructor: { readonly name: string }
}

/** What the stream implementation calls and its types leave out. */
export interface Internals extends Socket {
  [bypassed]?: true
  _handle: Handle | null
  readonly _writableState: { readonly writelen: number }
  /** The server that accepted it; one of TLS has its certificate set. */
  readonly server?: { readonly setSecureContext?: unknown }
  /** Of a socket of an http server: its parser, and whether it reads the handle itself. */
  readonly parser?: { _consumed: boolean; unconsume(): void } | null
  _final(done: (error?: Error | null) => void): void
  _destroy(error: Error | null, done: (error?: Error | null) => void): void
  _write(chunk: Uint8Array, encoding: string, done: (error?: Error | null) => void): void
  push(chunk: Uint8Array | null): boolean
}

/** Marks a socket whose handle HTTP/2 writes to, past its stream: nothing may be written to the stream itself. */
export const bypassed: unique symbol = Symbol.for(`finrst ${version} bypassed`) as never

/** Calls back when the condition holds or the socket has gone, where nothing tells of it. */
export function whenever(socket: Socket, holds: () => boolean, then: () => void, ms = 1): void {
  if (holds() || socket.destroyed) return then()
  setTimeout(() => whenever(socket, holds, then, Math.min(2 * ms, 50)), ms).unref()
}

const ignore = (): void => {}

// The parser stops the handle while a request waits for its reader; the stream, which waits for the handle, does not
// start it again.
function readOn({ _handle }: Internals): void {
  if (typeof _handle?.readStart !== 'function') return
  _handle.reading = true
  _handle.readStart()
}

/** Takes what the runtime has read and nobody has consumed, unseen by the listeners of the socket. */
export function takeBuffered(socket: Socket): Uint8Array[] {
  const { parser } = socket as Internals
  // The parser of an http server reads the handle past the stream, unless somebody listens to the stream.
  if (parser?._consumed) socket.on('data', ignore).off('data', ignore)
  // Deno's takes no notice of listeners.
  if (parser?._consumed) {
    parser.unconsume()
    parser._consumed = false
  }
  if (parser) readOn(socket as Internals)
  const { emit } = socket
  const own = Object.hasOwn(socket, 'emit')
  const taken: Uint8Array[] = []
  socket.emit = ((name: string, ...values: unknown[]) =>
    name === 'data' || name === 'readable' ? true : Reflect.apply(emit, socket, [name, ...values])) as typeof emit
  try {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      taken.push(Buffer.from(chunk, socket.readableEncoding ?? undefined))
    }
  } finally {
    if (own) socket.emit = emit
    else Reflect.deleteProperty(socket, 'emit')
  }
  return taken
}

/** The error that a runtime gives for a reset which it noticed itself. */
export function resetError(): NodeJS.ErrnoException {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
}

/** What an error is that a socket is destroyed with. One of the kernel counts as such only if the kernel agrees. */
export function eventOf(error: Error, descriptor: Descriptor | undefined): number {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return EVENT_FAILED
  // A proxy hands on the errors of other sockets.
  if (descriptor?.peerIsGone() === false) return EVENT_FAILED
  if (code === 'ECONNRESET') return EVENT_PEER_RESET
  if (!kernelErrors.has(code)) return EVENT_FAILED
  descriptor?.told(code)
  return EVENT_OS_ERROR
}

/** The runtime takes ENOTCONN of shutdown(2) for success: a reset that it has not read yet would pass for our FIN. */
export function brokenBeforeFin(descriptor: Descriptor | undefined): Error | undefined {
  return descriptor?.isBroken() ? resetError() : undefined
}
