// Who hears of every verdict of this process, and the line that tells it. Where nobody listens it costs one look.
import type { Guard, Verdict } from './types.js'

/** What is told of the end of one connection, on the diagnostics channel `finrst:verdict` among others. */
export interface Ending {
  /** How it ended. */
  readonly verdict: Verdict
  /** Whose connection it was. */
  readonly guard: Guard
  /** The socket that was guarded. */
  readonly socket: object
}

/** Somebody who may want to hear of endings. */
export interface Audience {
  /** Whether anybody listens now. */
  heard(): boolean
  tell(ending: Ending, context: number): void
}

let audience: Audience | undefined

/** From now on every verdict of this process is told to it. */
export function tellEndingsTo(to: Audience): void {
  audience = to
}

/** Whether somebody listens. */
export function areEndingsHeard(): boolean {
  return audience?.heard() === true
}

/** Tells of an ending, if somebody listens. */
export function tellEnding(guard: Guard, socket: object, verdict: Verdict, context: number): void {
  if (audience?.heard()) audience.tell({ verdict, guard, socket }, context)
}

/** The line of one ending, which `finrst explain` turns back into the rule and what it rests on. */
export function endingLine({ verdict, socket }: Ending, context: number): string {
  const { ended, by, cause, delivery, unsent, received, rule, error } = verdict
  const told = error === undefined ? '' : ` error=${asciiOf(error.message)}`
  const lost = unsent === undefined ? '' : ` unsent=${unsent}`
  const whole = `ended=${ended} by=${by} cause=${cause} delivery=${delivery}${lost} received=${received}`
  return `peer=${peerOf(socket)} ${whole} rule=${rule} context=${context}${told}`
}

// A message may hold what a peer sent: nothing of it ends the line, or steers a terminal that shows it.
function asciiOf(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

// Sockets of Node and Bun, and connections of Deno. A socket that has closed may have forgotten it.
function peerOf(socket: object): string {
  const { remoteAddress, remotePort, remoteAddr } = socket as {
    remoteAddress?: string
    remotePort?: number
    remoteAddr?: { hostname: string; port: number }
  }
  const [host, port] = remoteAddr ? [remoteAddr.hostname, remoteAddr.port] : [remoteAddress, remotePort]
  return host === undefined ? '-' : `${host.includes(':') ? `[${host}]` : host}:${port}`
}
