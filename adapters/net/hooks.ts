// The methods of a socket through which a wire hears of it: its own properties, the same functions for all sockets.
//
// 1. Shared functions, so that nothing is made for a connection: what they are about is a property of the socket too.
// 2. They and the listeners stay when the guard has gone, and lead to the runtime's. Taking them away would cost more
//    than they do: engines keep an object with deleted properties as a dictionary. So would a prototype of our own.
import { Socket } from 'node:net'
import { version } from '../core/shared.js'
import type { Internals } from './stream.js'

/** Tells a stream that a step of it is done. */
export type Done = (error?: Error | null) => void

/** What a wire hears. Each of the methods does what the runtime's own would do, or calls it. */
export interface Hooked {
  end(values: unknown[]): Socket
  resetAndDestroy(): Socket
  final(done: Done): void
  destroy(error: Error | null, done: Done): void
  push(chunk: Uint8Array | null): boolean
  /** The socket has lost its handle. */
  handleGone(): void
  /** The events of the same names, before anybody else hears of them. */
  ended(): void
  closed(): void
}

// All copies of this version in one process know each other's wires.
const key: unique symbol = Symbol.for(`finrst ${version} wire`) as never
const above: unique symbol = Symbol.for(`finrst ${version} wire above`) as never
const own = Symbol('finrst own')

interface Held extends Internals {
  [key]: Hooked
  /** The one of the TLS that was put on it. */
  [above]?: Hooked
  /** What lay on the socket itself before. */
  [own]?: Partial<Record<Method, unknown>>
}

const methods = {
  end(this: Held, ...values: unknown[]): Socket {
    return this[key].end(values)
  },
  resetAndDestroy(this: Held): Socket {
    return this[key].resetAndDestroy()
  },
  _final(this: Held, done: Done): void {
    this[key].final(done)
  },
  _destroy(this: Held, error: Error | null, done: Done): void {
    this[key].destroy(error, done)
  },
  push(this: Held, chunk: Uint8Array | null): boolean {
    return this[key].push(chunk)
  },
  // Whoever sends a socket to another process takes its handle away, and then its clock.
  setTimeout(this: Held, ...values: unknown[]): Socket {
    if (this._handle === null) this[key].handleGone()
    return callHooked(this, 'setTimeout', ...values) as Socket
  },
}

/** A method that is hooked. */
export type Method = keyof typeof methods
const names = Object.keys(methods) as Method[]
const classOf = Socket.prototype as Internals

// Nothing lies on the socket itself. Name by name, which engines are much quicker at than at a loop over names.
function isPlain(it: Held): boolean {
  return (
    it.end === classOf.end &&
    it.resetAndDestroy === classOf.resetAndDestroy &&
    it._final === classOf._final &&
    it._destroy === classOf._destroy &&
    it.push === classOf.push &&
    it.setTimeout === classOf.setTimeout
  )
}

function onEnd(this: Held): void {
  this[key].ended()
}

function onClose(this: Held): void {
  this[key].closed()
}

/** The wire that hears of a socket, or of the TLS above it; undefined: none. */
export function wireOf(socket: Socket): Hooked | undefined {
  const held = socket as Partial<Held>
  return held[above] ?? held[key]
}

/** What lies below the TLS of a wire is its own too. */
export function claim(socket: Socket, by: Hooked): void {
  ;(socket as Held)[above] = by
}

/** Lets the wire hear of its socket. */
export function hook(socket: Socket, to: Hooked): void {
  const held = socket as Held
  held[key] = to
  if (!isPlain(held)) {
    for (const name of names) if (Object.hasOwn(held, name)) held[own] = { ...held[own], [name]: held[name] }
  }
  // One by one, which engines are quicker at than at Object.assign().
  const it = held as Record<Method, unknown>
  it.end = methods.end
  it.resetAndDestroy = methods.resetAndDestroy
  it._final = methods._final
  it._destroy = methods._destroy
  it.push = methods.push
  it.setTimeout = methods.setTimeout
  held.prependListener('end', onEnd)
}

/** Lets the wire hear that the runtime has closed, before anybody else does. */
export function hearClose(socket: Socket): void {
  socket.prependListener('close', onClose)
}

/** Calls the method that was hooked. */
export function callHooked(socket: Socket, name: Method, ...values: unknown[]): unknown {
  const held = socket as Held
  const method = held[own]?.[name] ?? (Object.getPrototypeOf(held) as Internals)[name]
  return Reflect.apply(method as (...values: unknown[]) => unknown, held, values)
}

/** The end that comes is none of the peer's. */
export function ignoreEnd(socket: Socket): void {
  socket.off('end', onEnd)
}
