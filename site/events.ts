// What can be played: every event with its name in a link, and its words for people.

/** Who does it: our program, the peer, or what lies between and around them. */
export type Actor = 'program' | 'peer' | 'network'

export interface PlayEvent {
  id: string
  actor: Actor
  label: string
  /** What it means, in a sentence. */
  why: string
}

const program: readonly [id: string, label: string, why: string][] = [
  ['write', 'write', 'Our program writes a part of its answer. There are two parts to write.'],
  ['close', 'close', 'The program says that the answer is complete, and closes.'],
  ['finish', 'finish sending', 'Half-close: we have sent everything, and go on receiving. shutdown(SHUT_WR), our FIN.'],
  ['throw', 'throw', 'The handler throws, and the runtime destroys the socket with the error.'],
  ['drop', 'drop', 'The socket is destroyed without an error, or forgotten.'],
  ['abort', 'abort', 'The program asks for a reset.'],
  ['exit', 'exit', 'The process ends on purpose: process.exit(), or an error that nobody catches.'],
  ['kill', 'SIGKILL', 'The process dies, and none of its code runs any more.'],
  ['read', 'read', 'The program reads what has arrived.'],
  ['stop', 'stop receiving', 'Without a guard shutdown(SHUT_RD), with one stopReceiving("discard").'],
  ['hold', 'hold', 'stopReceiving("hold"): nothing is read, so that the window of the peer closes.'],
  ['refuse', 'refuse', 'stopReceiving("refuse"): when more data arrives, the connection is reset.'],
  ['linger', 'linger 5 s', 'SO_LINGER {1, 5}: close() is to wait up to five seconds for the delivery.'],
  ['deadline', 'time passes', 'Every clock that runs, runs out: the deadline of a close, the wait of SO_LINGER.'],
]

const peer: readonly [id: string, label: string, why: string][] = [
  ['peer-data', 'sends data', 'Data of the peer arrives. Until our program reads, it lies there unread.'],
  ['peer-fin', 'half-closes', 'The peer has sent everything: its FIN arrives.'],
  ['peer-reset', 'resets', 'The reset of the peer arrives.'],
]

const network: readonly [id: string, label: string, why: string][] = [
  ['hold-packets', 'hold packets', 'From now on our packets stay under way until they are delivered one by one.'],
  [
    'stall',
    'peer stops reading',
    'The window of the peer is closed: our kernel keeps one part, our runtime the other.',
  ],
  ['flow', 'let all flow', 'The network delivers everything at once again.'],
  ['deliver-data', 'deliver data', 'Our data that is under way arrives, and is confirmed.'],
  ['deliver-fin', 'deliver FIN', 'Our FIN arrives, and what was sent before it.'],
  ['deliver-reset', 'deliver RST', 'Our reset arrives, perhaps before data that was sent earlier: that is then lost.'],
  ['lose-reset', 'lose RST', 'The network loses our reset. Resets are never sent again.'],
]

const of =
  (actor: Actor) =>
  ([id, label, why]: readonly [string, string, string]): PlayEvent => ({ id, actor, label, why })

/** Every event, in the order in which the page shows them. */
export const events: readonly PlayEvent[] = [
  ...program.map(of('program')),
  ...peer.map(of('peer')),
  ...network.map(of('network')),
]

export const eventOf = (id: string): PlayEvent | undefined => events.find((event) => event.id === id)
