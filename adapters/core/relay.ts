// Two guarded connections as one, as a proxy has them: what ends one of them ends the other in the same way.
//
// 1. A FIN goes on once everything before it is in the kernel; a reset goes on as a reset and never as a FIN.
// 2. A stream whose FIN has come is complete. If its sender resets afterwards, what is left of the stream is delivered
//    with its FIN, and what the other peer still sends is drained: a reset would destroy what that one has not read.
// 3. A reset waits, for a bounded time, until what was read before it is acknowledged: a peer may have sent a whole
//    message without a FIN, and a reset of ours throws away what our kernel still holds. At the peer a reset comes
//    after what was acknowledged (row reset.receive-queue).
import { FLAG_PEER_FIN } from '../../assembly/abi.js'
import { record, wholeNumber, wrongType } from './check.js'
import type { ConnectionGuard } from './guard.js'
import { longestMs } from './policy.js'
import type { Policy, RelayOptions, Verdict } from './types.js'

/** One end of a relay, as its runtime reads and writes it. */
export interface Leg {
  readonly guard: ConnectionGuard
  /** Bytes that were written and are not in the kernel. */
  readonly pending: number
  /** Gives each chunk to `take` and the next one when its answer has come; calls `ended` at the peer's end of file. */
  read(take: (chunk: Uint8Array) => Promise<void> | undefined, ended: () => void): void
  /** Reads no more; what arrives stays in the kernel. */
  stop(): void
  /** Writes; answers when more may follow, or undefined: at once. What becomes of it is the guard's to tell. */
  write(chunk: Uint8Array): Promise<void> | undefined
}

/** Takes hold of one end, which is called `name` in errors. */
export type OpenLeg<S> = (socket: S, name: 'a' | 'b', policy: Policy | undefined) => Leg

const defaults = { idleMs: 600_000, deliverMs: 5_000 }
const looksPerPeriod = 4
const firstLookMs = 1
const longestLookMs = 50

interface Bounds {
  idleMs: number
  deliverMs: number
  within: number | undefined
  signal: AbortSignal | undefined
}

function parse(options: RelayOptions): Bounds {
  const { idleMs, deliverMs, within, signal } = { ...defaults, ...record('options', options) }
  wholeNumber('idleMs', idleMs, 1, longestMs, 'milliseconds')
  wholeNumber('deliverMs', deliverMs, 0, longestMs, 'milliseconds')
  if (within !== undefined) wholeNumber('within', within, 1, longestMs, 'milliseconds')
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongType('signal', signal, 'an AbortSignal')
  return { idleMs, deliverMs, within, signal }
}

/** An error of an argument `socket`, told of the argument that it is here. */
export function namedFor<T>(name: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (error instanceof TypeError) error.message = error.message.replace(/^finrst: socket\b/, `finrst: ${name}`)
    throw error
  }
}

/**
 * Relays between two sockets; `open` takes hold of each.
 * @throws (rejects) TypeError, RangeError before anything is touched, or, where one of the two is refused, with the
 *   other one reset
 */
export async function relayWith<S>(a: S, b: S, options: RelayOptions, open: OpenLeg<S>): Promise<[Verdict, Verdict]> {
  const bounds = parse(options)
  if (a === b) throw new TypeError('finrst: b is the socket that a is; expected another connection')
  const first = opened(() => open(a, 'a', options.policy))
  const second = opened(() => open(b, 'b', options.policy))
  if ('leg' in first && 'leg' in second) return new Relay(first.leg, second.leg, bounds).run()
  const { error } = 'error' in first ? first : (second as { error: unknown })
  for (const each of [first, second]) if ('leg' in each) void each.leg.guard.abort(error)
  throw error
}

function opened(open: () => Leg): { leg: Leg } | { error: unknown } {
  try {
    return { leg: open() }
  } catch (error) {
    return { error }
  }
}

class Relay {
  readonly #legs: readonly [Leg, Leg]
  readonly #bounds: Bounds
  /** Those whose peer's FIN has come. */
  readonly #complete = new Set<Leg>()
  #moved = 0
  #over = false
  #timers: NodeJS.Timeout[] = []

  constructor(a: Leg, b: Leg, bounds: Bounds) {
    this.#legs = [a, b]
    this.#bounds = bounds
  }

  async run(): Promise<[Verdict, Verdict]> {
    const [a, b] = this.#legs
    this.#join(a, b)
    this.#join(b, a)
    this.#start()
    const { signal } = this.#bounds
    const give = (): void => this.#abort(signal?.reason)
    signal?.addEventListener('abort', give, { once: true })
    if (signal?.aborted) give()
    const verdicts = await Promise.all([a.guard.verdict, b.guard.verdict])
    signal?.removeEventListener('abort', give)
    this.#stopClocks()
    return verdicts
  }

  #join(from: Leg, to: Leg): void {
    const { guard } = from
    // Each stream is one message: until its FIN is out a drop of the owner resets, whatever the policy says of drops.
    guard.beginMessage()
    guard.peerFinCloses(false)
    void guard.verdict.then((verdict) => this.#ended(from, to, verdict))
    from.read(
      (chunk) => {
        this.#moved += chunk.length
        return to.write(chunk)
      },
      () => this.#finished(from, to),
    )
  }

  // The peer of `from` has sent its end of file, and everything before it was given to `to`.
  #finished(from: Leg, to: Leg): void {
    if (this.#complete.has(from)) return
    if (from.guard.isTruncated && from.guard.capabilities.seesPeerEnd.can) {
      const error = new Error('finrst: the peer ended without close_notify: its stream may have been cut')
      void from.guard.abort(error)
      return
    }
    this.#complete.add(from)
    // Whether it could be sent is the verdict's to tell.
    to.guard.finishSending().catch(() => undefined)
  }

  #ended(from: Leg, to: Leg, { ended, by, cause, error, received }: Verdict): void {
    from.stop()
    if (this.#over || to.guard.over) return
    // A guard may know of the end before its leg has told it; what it threw away on the way was cut off the stream.
    const cut = received === 'discarded' || from.guard.drainedBytes > 0
    if ((from.guard.state & FLAG_PEER_FIN) !== 0 && !cut) this.#finished(from, to)
    if (this.#complete.has(from)) return this.#complete.has(to) ? undefined : void this.#linger(to)
    const reason = error ?? new Error(`finrst: the other connection of the relay ended: ${ended} by ${by}, ${cause}`)
    const heard = cause === 'peer' || cause === 'error' || from.guard.isTruncated
    void this.#reset(to, reason, heard ? this.#bounds.deliverMs : 0)
  }

  // It gets what is left of a complete stream; what it still sends has nobody to go to.
  async #linger(leg: Leg): Promise<void> {
    leg.stop()
    leg.guard.stopReceiving('discard')
    try {
      await leg.guard.finishSending()
    } catch {
      return
    }
    // From here on the bounds of its policy hold.
    this.#stopClocks()
    void leg.guard.close()
  }

  async #reset(leg: Leg, reason: unknown, deliverMs: number): Promise<void> {
    leg.stop()
    const until = performance.now() + deliverMs
    for (let ms = firstLookMs; !isDelivered(leg) && performance.now() < until; ms = Math.min(2 * ms, longestLookMs)) {
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
    void leg.guard.abort(reason)
  }

  #abort(reason: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#stopClocks()
    for (const leg of this.#legs) {
      leg.stop()
      void leg.guard.abort(reason)
    }
  }

  #start(): void {
    const { idleMs, within } = this.#bounds
    const tooLate = (what: string): void => {
      this.#abort(Object.assign(new Error(`finrst: the relay ended: ${what}`), { name: 'TimeoutError' }))
    }
    if (within !== undefined) this.#timers.push(setTimeout(tooLate, within, `not done within ${within} ms`))
    let before = this.#progress
    let silent = 0
    const look = (): void => {
      const now = this.#progress
      silent = now === before ? silent + 1 : 0
      before = now
      if (silent >= looksPerPeriod) tooLate(`silent for ${idleMs} ms`)
    }
    this.#timers.push(setInterval(look, Math.ceil(idleMs / looksPerPeriod)))
  }

  // Whatever moves changes it: bytes that come in, and bytes that leave long after they came.
  get #progress(): string {
    return [this.#moved, ...this.#legs.flatMap(({ guard, pending }) => [pending, guard.unsent()])].join()
  }

  #stopClocks(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer)
  }
}

// Whether the peer's stack has all that was written; where that cannot be known, whether our kernel has.
function isDelivered({ guard, pending }: Leg): boolean {
  return guard.over || (guard.unsent() ?? pending) === 0
}

/** Whether the end of file that a runtime has told was the peer's FIN, and no reset that hides behind one. */
export function endedByFin(guard: ConnectionGuard): boolean {
  return !guard.over || (guard.state & FLAG_PEER_FIN) !== 0
}
