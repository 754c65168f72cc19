// The peer of the endurance tests, a process of its own: makes single visits, or works through a random mix of them.
import { obey, say } from '../support/channel.js'
import { fractions } from '../twin/random.js'
import { type Ending, endingNames, endings, mostBytes } from './endings.js'
import type { Ports } from './program.js'
import { type Sight, type Visit, Visitor } from './visits.js'
import { type WebEnding, webEndings } from './web-endings.js'
import { visitWeb } from './web-visits.js'

/** What the peer is told to do. */
export type PeerOrder =
  | { do: 'visit'; visit: Visit }
  | { do: 'resume'; id: number }
  /** Tells when a visit has read so many bytes. */
  | { do: 'watch'; id: number; bytes: number }
  | { do: 'work'; ports: Ports; lanes: number; seed: number; only: string[] }
  /** Makes every kind of visit once, then rests. */
  | { do: 'begin'; ports: Ports; seed: number; only: string[] }
  | { do: 'rest' }

/** What it reports. */
export type PeerTold =
  | { told: 'sight'; sight: Sight }
  | { told: 'read'; id: number; bytes: number }
  | { told: 'problem'; ending: string; why: string }
  | { told: 'resting'; visits: Record<string, number>; bytes: number }

const tell = (it: PeerTold): void => say(it)

const visitors = new Map<number, Visitor>()

const begin = (visit: Visit): Visitor => {
  const visitor = new Visitor(visit)
  visitors.set(visit.id, visitor)
  void visitor.seen.then(() => visitors.delete(visit.id))
  return visitor
}

const visits: Record<string, number> = {}
let bytes = 0
let ids = 0
let working = false
let lanes: Promise<unknown> = Promise.resolve()

/** Generous: the machine may be busy. */
const deadline = 60_000

/** One kind of visit; resolves to what contradicts the promise in what was seen, in words. */
type Kind = (next: () => number) => Promise<string | undefined>
type Named = [name: string, kind: Kind]

const direct =
  (ending: Ending, secure: boolean, port: number): Kind =>
  async (next) => {
    const length = Math.floor(next() ** 4 * mostBytes * 0.25) + 2
    ids += 1
    const visit: Visit = { ending, bytes: length, id: ids, host: '127.0.0.1', port, secure, deadline }
    const { saw, bytes: read, same, error } = await new Visitor({ ...visit, slow: next() < 0.02 }).seen
    bytes += read
    const { reads } = endings[ending]
    const seen = `saw ${saw} behind ${read} of ${length} bytes${error === undefined ? '' : ` (${error})`}`
    if (!same) return `${seen}, and other bytes than were sent`
    if (reads === 'whole') return saw === 'eof' && read === length ? undefined : seen
    return saw === (reads === 'nothing' ? 'left' : 'reset') ? undefined : seen
  }

const web =
  (what: WebEnding, secure: boolean, port: number): Kind =>
  (next) =>
    visitWeb({ port, secure, what, bytes: Math.floor(next() ** 2 * 200_000) + 2, deadline })

/** Every kind of visit that these ports serve. */
const kindsOf = (ports: Ports, only: readonly string[]): Named[] => {
  const kinds: Named[] = []
  for (const [transport, port] of Object.entries(ports)) {
    const secure = transport === 'tls' || transport === 'https'
    // Node resets no connection with TLS.
    const isMade = (ending: Ending | WebEnding): boolean => !secure || (ending !== 'peer-resets' && ending !== 'left')
    const name = (ending: string): string => `${transport} ${ending}`
    if (transport === 'net' || transport === 'tls') {
      kinds.push(...endingNames.filter(isMade).map((it): Named => [name(it), direct(it, secure, port)]))
    } else kinds.push(...webEndings.filter(isMade).map((it): Named => [name(it), web(it, secure, port)]))
  }
  return kinds.filter(([name]) => only.length === 0 || only.includes(name))
}

const make = async ([name, kind]: Named, next: () => number): Promise<void> => {
  visits[name] = (visits[name] ?? 0) + 1
  const why = await kind(next)
  if (why !== undefined) tell({ told: 'problem', ending: name, why })
}

const work = async (kinds: readonly Named[], next: () => number): Promise<void> => {
  while (working) {
    const kind = kinds[Math.floor(next() * kinds.length)]
    if (kind === undefined) throw new Error('there is no such visit')
    await make(kind, next)
  }
}

obey((message) => {
  const order = message as PeerOrder
  if (order.do === 'visit') void begin(order.visit).seen.then((sight) => tell({ told: 'sight', sight }))
  else if (order.do === 'begin') {
    const next = fractions(order.seed)
    lanes = Promise.all(kindsOf(order.ports, order.only).map((kind) => make(kind, next)))
    void lanes.then(() => tell({ told: 'resting', visits, bytes }))
  } else if (order.do === 'work') {
    working = true
    const kinds = kindsOf(order.ports, order.only)
    lanes = Promise.all(Array.from({ length: order.lanes }, (_, lane) => work(kinds, fractions(order.seed + lane))))
  } else if (order.do === 'rest') {
    working = false
    void lanes.then(() => tell({ told: 'resting', visits, bytes }))
  } else if (order.do === 'watch') {
    const { id } = order
    visitors.get(id)?.onceRead(order.bytes, () => tell({ told: 'read', id, bytes: order.bytes }))
  } else visitors.get(order.id)?.resume()
})
