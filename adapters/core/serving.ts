// The connections of an http server whose runtime hides its sockets: each is found by its addresses when a request
// comes.
import { pairOf } from './address.js'
import { wrongType } from './check.js'
import { Descriptor } from './descriptor.js'
import { ConnectionGuard } from './guard.js'
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

/** A connection with an exchange under way, and its guard. */
export interface Busy {
  readonly guard: ConnectionGuard
  readonly wire: ServedWire
}

/** The guarded connections of one server. */
export class Serving implements Owner {
  /** By the ports of their peers: a number is found faster than a text that has to be made. */
  readonly #busy = new Map<number, Busy[]>()
  readonly #host: ServedHost
  readonly #policy: ParsedPolicy
  readonly #onVerdict: ServingOptions['onVerdict']
  readonly #scan: Scan | undefined

  /** @throws TypeError, RangeError that names the option, its value and what is allowed */
  constructor(host: ServedHost, { policy, onVerdict }: ServingOptions) {
    if (onVerdict !== undefined && typeof onVerdict !== 'function') {
      throw wrongType('onVerdict', onVerdict, 'a function (verdict, guard)')
    }
    this.#host = host
    this.#policy = parsePolicy(policy, true)
    this.#onVerdict = onVerdict
    this.#scan = countingScan(host.platform())
  }

  /**
   * Holds the connection until the exchange is over; undefined: it cannot be found, and nothing is guarded.
   * @param server is asked for its port only for a connection that is not known
   */
  begin(peer: End, server: { readonly port?: number | undefined }, exchange: Exchange): Busy | undefined {
    const known = this.#known(peer)
    const busy = known?.wire.continues() ? known : this.#open(peer, server.port)
    busy?.wire.add(exchange)
    return busy
  }

  #known({ address, port }: End): Busy | undefined {
    const those = this.#busy.get(port)
    return those?.find(({ wire }) => wire.place.peer.address === address)
  }

  /** The runtime is about to close what is idle: what is over until now is. */
  settle(): void {
    for (const { wire } of [...this.#busy.values()].flat()) wire.lookNow()
  }

  holds({ fd, pair }: Place): boolean {
    return this.#scan?.is(fd, pair) === true
  }

  over(wire: ServedWire): void {
    const { port } = wire.place.peer
    const others = this.#busy.get(port)?.filter((it) => it.wire !== wire) ?? []
    if (others.length > 0) this.#busy.set(port, others)
    else this.#busy.delete(port)
  }

  #open(peer: End, localPort: number | undefined): Busy | undefined {
    const wire = localPort === undefined ? undefined : this.#find(peer, localPort)
    if (wire === undefined) return undefined
    const guard = new ConnectionGuard(wire, this.#policy)
    const busy = { guard, wire }
    this.#busy.set(peer.port, [busy, ...(this.#busy.get(peer.port) ?? [])])
    this.#host.watchExit()
    wire.attach(guard)
    if (this.#onVerdict !== undefined) void guard.verdict.then((verdict) => this.#onVerdict?.(verdict, guard))
    return busy
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
