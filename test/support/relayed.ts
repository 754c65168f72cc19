// Makes two connections to the peer process and relays between them.
import type net from 'node:net'
import { guard, type Policy, relay, type RelayOptions, type Verdict } from '#adapter/index'
import { soon } from './deadline.js'
import { plain } from './pair.js'
import type { Link, LinkOptions, Peer } from './peer.js'

/** Two connections to the peer that are relayed: `a` and `b` are what the peer sees of them. */
export interface Relayed {
  a: Link
  b: Link
  sockets: readonly [net.Socket, net.Socket]
  verdicts(): Promise<[Verdict, Verdict]>
}

export interface RelayedOptions extends RelayOptions {
  a?: LinkOptions
  b?: LinkOptions
  /** Both are guarded before, with this policy. */
  guarded?: Policy
}

export const relayed = async (peer: Peer, options: RelayedOptions = {}): Promise<Relayed> => {
  const { a, b, guarded, ...rest } = options
  const [left, right] = await Promise.all([plain(peer, { keep: true, ...a }), plain(peer, { keep: true, ...b })])
  const sockets = [left.socket, right.socket] as const
  if (guarded !== undefined) for (const socket of sockets) guard(socket, guarded)
  const verdicts = relay(...sockets, rest)
  return { a: left.link, b: right.link, sockets, verdicts: () => soon('both verdicts', verdicts) }
}
