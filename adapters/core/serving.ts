// The connections of an http server whose runtime hides its sockets: each is found by its addresses when a request
// comes.
import { pairOf } from './address.js'
import { capabilitiesOf, contextOf } from './capabilities.js'
import { wrongType } from './check.js'
import { Descriptor } from './descriptor.js'
import { areEndingsHeard } from './endings.js'
import { concernedByEnd, type Mortal } from './exit.js'
import { ConnectionGuard } from './guard.js'
import { isOrdinary } from './played.js'
import { type ParsedPolicy, parsePolicy } from './policy.js'
import { countingScan, type Scan } from './scan.js'
import { type End, type Exchange, type Owner, type Place, type ServedHost, ServedWire } from './served.js'
import type { Guard, Policy, Verdict } from './types.js'

/** What a guarded server takes besides the options of its runtime. */
export interface ServingOptions {
  /** A preset or single answers; default `compatible`. */
  policy?: Policy
  /**
   * Hears how each connection came out of its exchanges. One that stays open behind a whole answer is let go, and its
   * end is then not known: `ended` is `unknown`, `cause` is `close`.
   */
  onVerdict?: (verdict: Verdict, guard: Guard) => void
}

/** The guarded connections of one server. */
export class Serving implements Owner, Mortal {
  /** By the ports of their peers: a number is found faster than a text that has to be made. */
  readonly #busy = new Map<number, ServedWire[]>()
  readonly #host: ServedHost
  readonly #policy: ParsedPolicy
  readonly #onVerdict: ServingOptions['onVerdict']
  readonly #scan: Scan | undefined
  /** Whether its policy asks nothing of an ordinary end that a close does not do, and nobody hears of verdicts. */
  readonly #isOrdinary: boolean

  /** @throws TypeError, RangeError that names the option, its value and what is allowed */
  constructor(host: ServedHost, { policy, onVerdict }: ServingOptions) {
    if (onVerdict !== undefined && typeof onVerdict !== 'function') {
      throw wrongType('onVerdict', onVerdict, 'a function (verdict, guard)')
    }
    this.#host = host
    this.#policy = parsePolicy(policy, true)
    this.#onVerdict = onVerdict
    const on = host.platform()
    this.#scan = countingScan(on)
    this.#isOrdinary =
      onVerdict === undefined &&
      on.trace === undefined &&
      isOrdinary(this.#policy, contextOf(on, host.kind, true), capabilitiesOf(on, host.kind, true))
  }

  /**
   * Holds the connection until the exchange is over; undefined: it cannot be found, and nothing is guarded.
   * @param server is asked for its port only for a connection that is not known
   */
  begin(peer: End, server: { readonly port?: number | undefined }, exchange: Exchange): ServedWire | undefined {
    const known = this.#known(peer)
    const wire = known?.continues() ? known : this.#open(peer, server.port)
    wire?.add(exchange)
    return wire
  }

  #known({ address, port }: End): ServedWire | undefined {
    return this.#busy.get(port)?.find(({ place }) => place.peer.address === address)
  }

  get #all(): ServedWire[] {
    return [...this.#busy.values()].flat()
  }

  /** The runtime is about to close what is idle: what is over until now is. */
  settle(): void {
    for (const wire of this.#all) wire.lookNow()
  }

  /** Of those that have no guard. */
  exit(crashed: boolean): void {
    for (const wire of this.#all) wire.exit(crashed)
  }

  holds({ fd, pair }: Place): boolean {
    return this.#scan?.is(fd, pair) === true
  }

  guard(wire: ServedWire): ConnectionGuard {
    const guard = new ConnectionGuard(wire, this.#policy)
    wire.attach(guard)
    if (this.#onVerdict !== undefined) void guard.verdict.then((verdict) => this.#onVerdict?.(verdict, guard))
    return guard
  }

  over(wire: ServedWire): void {
    const { port } = wire.place.peer
    const others = this.#busy.get(port)?.filter((it) => it !== wire) ?? []
    if (others.length > 0) this.#busy.set(port, others)
    else this.#busy.delete(port)
    if (this.#busy.size === 0) concernedByEnd.delete(this)
  }

  #open(peer: End, localPort: number | undefined): ServedWire | undefined {
    const wire = localPort === undefined ? undefined : this.#find(peer, localPort)
    if (wire === undefined) return undefined
    if (this.#busy.size === 0) concernedByEnd.add(this)
    this.#busy.set(peer.port, [wire, ...(this.#busy.get(peer.port) ?? [])])
    this.#host.watchExit()
    if (!this.#isOrdinary || areEndingsHeard() || !wire.arm()) wire.takeUp()
    return wire
  }

  // A connection that has gone since is none to hold, and no descriptor that is left is no reason to refuse a request.
  #find(peer: End, localPort: number): ServedWire | undefined {
    const host = this.#host
    const ends = { remoteAddress: peer.address, remotePort: peer.port, localPort }
    const pair = pairOf(ends)
    try {
      return this.#scan?.find(pair, (fd) => {
        const descriptor = Descriptor.duplicate(pair, fd, host.platform(), host)
        return descriptor && new ServedWire(ends, { peer, fd, pair }, this, host, descriptor)
      })
    } catch {
      return undefined
    }
  }
}

/** What becomes of a handler's answer: at once where it answers at once, as its runtime is quicker with that. */
export function outcomeOf<Given, Made>(
  call: () => Given | Promise<Given>,
  given: (answer: Given) => Made,
  failed: (error: unknown) => Made | Promise<Made>,
): Made | Promise<Made> {
  let answer: Given | Promise<Given>
  try {
    answer = call()
  } catch (error) {
    return failed(error)
  }
  return isPromise(answer) ? Promise.resolve(answer).then(given, failed) : given(answer)
}

const isPromise = <T>(it: T | Promise<T>): it is Promise<T> =>
  typeof (it as Partial<Promise<T>> | undefined)?.then === 'function'
