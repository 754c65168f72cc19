// What every case under Wine has at hand: a program in a runtime for Windows, and peers on Linux as its witnesses.
//
// 1. Wine answers for Linux's TCP and not for that of Windows. So each case says what of it Wine proves.
// 2. A reset is believed only when the peer on Linux saw it: Wine may tell its own programs an end of file instead.
import * as assert from 'uvu/assert'
import type { Policy, Verdict } from '../../adapters/core/types.js'
import { type Certificate, makeCertificate } from '../support/certificate.js'
import type { Link, LinkOptions, Peer } from '../support/peer.js'
import type { Actor } from './actor.js'
import { type PlayerName, players, type Stage } from './stage.js'

/** What a case shows. What the stack of Windows sends is never shown. */
export type Proof =
  | 'our code in runtimes for Windows'
  | 'the calls; what they send is of Linux'
  | 'the calls; Windows differs or is not known'

/** What a case has at hand. */
export interface World {
  readonly stage: Stage
  readonly name: PlayerName
  readonly peers: { readonly plain: Peer; readonly secure: Peer }
  /** The program of this case. */
  readonly actor: Actor
}

/** A fact. */
export interface Case {
  name: string
  proves: Proof
  /** The program is started without koffi. */
  bare?: true
  /** Which runtime it is not about, and why. */
  not?: Partial<Record<'node' | 'bun', string>>
  run(world: World): Promise<void>
}

/** A connection, from both sides. */
export interface Connection {
  link: Link
  /** Its number in the program. */
  connection: number
}

/** How our code and that of the runtime meet; the answers of Winsock are Wine's. */
export const code: Proof = 'our code in runtimes for Windows'
/** Linux obeys the calls, and Windows is documented to. */
export const calls: Proof = 'the calls; what they send is of Linux'
/** Linux obeys the calls, Windows is reported to do otherwise, or nobody has told. */
export const linux: Proof = 'the calls; Windows differs or is not known'
/** One certificate for all. */
export const certificate: Certificate = makeCertificate()

const sides = ['accepted', 'connected'] as const
type Side = (typeof sides)[number]

/** A guarded connection of the program to a peer. */
export const open = async (
  { actor, peers }: World,
  side: Side = 'accepted',
  { policy, ...options }: LinkOptions & { policy?: Policy } = {},
): Promise<Connection> => {
  const peer = options.tls === undefined ? peers.plain : peers.secure
  const held = { ...(policy === undefined ? {} : { policy }), ...(options.tls ? { tls: certificate } : {}) }
  if (side === 'connected') {
    const link = await peer.listen(options)
    const connection = await actor.ask<number>('connect', { ...held, port: link.port })
    await link.saw('connected')
    return { link, connection }
  }
  const port = await actor.ask<number>('listen', held)
  const link = await peer.connect(port, options)
  return { link, connection: await actor.ask<number>('accepted') }
}

/** How it ended, as its guard says. */
export const verdictOf = ({ actor }: World, { connection }: Connection): Promise<Verdict> =>
  actor.ask('verdict', { connection })

/** Its SOCKET. */
export const numberOf = async ({ actor }: World, { connection }: Connection): Promise<number> =>
  (await actor.ask<{ number: number }>('socket', { connection })).number

/** What a call of Winsock gave. */
export interface Called {
  answer: number
  error: number
  bytes: number[]
}

/** The bytes of struct linger, as Winsock gives them. */
export const lingerBytes = async (world: World, number: number): Promise<Called> =>
  world.actor.ask<Called>('call', { how: 'getsockopt', number, numbers: [0xffff, 0x80, 0, 0, 0, 0] })

/** What linger was when the runtime closed the SOCKET. In Bun nobody can look: it is what is expected. */
export const atClose = async (
  { actor, name }: World,
  { connection }: Connection,
  expected: string,
): Promise<string> => {
  if (players[name].runtime === 'bun') return expected
  return (await actor.ask<number[] | null>('atClose', { connection }))?.join(' ') ?? 'still open'
}

/** Linger as it is when a close resets, and when it does not. */
export const armed = '1 0 0 0'
export const off = '0 0 0 0'

/** The same on a connection that the program accepted and on one that it made. */
export const onBoth = async (
  world: World,
  body: (it: Connection) => Promise<void>,
  options: Parameters<typeof open>[2] = {},
): Promise<void> => {
  for (const side of sides) await body(await open(world, side, options))
}

/** Whether a verdict has these fields. */
export const looksLike = (verdict: Verdict, expected: Partial<Verdict>): void => {
  assert.equal(Object.fromEntries(Object.keys(expected).map((key) => [key, verdict[key as keyof Verdict]])), expected)
}

/** Whether a case is about a runtime. */
export const isAbout = ({ not = {} }: Case, name: PlayerName): boolean => not[players[name].runtime] === undefined
