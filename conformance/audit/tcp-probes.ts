// The probes of any server on TCP: what can be asked of one whose language is not known.
import type { Meaning, Seen } from './finding.js'
import { seenOf } from './finding.js'
import type { Probe } from './probe.js'

/** How long a reset behind a FIN is waited for. */
const settleMs = 1000
const block = 64 * 1024
const closing = 'RFC 9293 3.6'

const idle: Probe = {
  id: 'idle',
  title: 'A connection on which nothing is said',
  did: 'nothing',
  connections: 1,
  sendBytes: 0,
  waits: true,
  async play(scene) {
    const connection = await scene.open(0)
    const seen = seenOf(connection, await connection.ending(scene.waitMs))
    connection.release()
    return { seen, meaning: meaningOfIdle(seen, scene.waitMs) }
  },
}

const meaningOfIdle = ({ ended }: Seen, waitMs: number): Meaning => {
  if (ended === 'fin') return { level: 'good', says: 'FIN for one that says nothing', clause: closing }
  if (ended === 'reset') return { level: 'risk', says: 'RST for one that says nothing: it looks like a crash' }
  return { level: 'note', says: `still open after ${waitMs / 1000} s: its bound is longer, or there is none` }
}

const halfClose: Probe = {
  id: 'half-close',
  title: 'The client half-closes without a word',
  did: 'our FIN, and nothing else',
  connections: 1,
  sendBytes: 0,
  async play(scene) {
    const connection = await scene.open(0)
    connection.finish()
    const seen = seenOf(connection, await connection.ending(scene.waitMs))
    connection.release()
    return { seen, meaning: meaningOfHalfClose(seen, scene.waitMs) }
  },
}

const meaningOfHalfClose = ({ ended }: Seen, waitMs: number): Meaning => {
  if (ended === 'fin') return { level: 'good', says: 'answers our FIN with its own', clause: closing }
  if (ended === 'reset')
    return { level: 'risk', says: 'answers our FIN with RST, although nothing was lost', clause: closing }
  return { level: 'note', says: `stays in CLOSE_WAIT for ${waitMs / 1000} s or longer`, clause: closing }
}

const unread: Probe = {
  id: 'unread',
  title: 'Bytes that nobody asked for',
  did: '64 KiB of x, and then our FIN',
  connections: 1,
  sendBytes: block + 1,
  async play(scene) {
    const connection = await scene.open(block + 1)
    connection.send(new Uint8Array(block).fill(120))
    connection.finish()
    const ended = await connection.ending(scene.waitMs)
    if (ended === 'fin') await connection.lookBehindFin(settleMs)
    const seen = seenOf(connection, ended)
    connection.release()
    return { seen, meaning: meaningOfUnread(seen) }
  },
}

const meaningOfUnread = ({ ended, resetLater, receivedBytes }: Seen): Meaning => {
  const answered = receivedBytes > 0
  if (ended === 'open') return { level: 'note', says: 'still open behind what it cannot understand' }
  if (ended === 'fin' && !resetLater)
    return { level: 'good', says: 'reads what it cannot use, then FIN', clause: closing }
  const row = 'close.unread'
  if (!answered)
    return { level: 'note', says: 'RST, because it closed with bytes unread', clause: 'RFC 9293 3.6.1', row }
  const says = 'an answer and then RST, because bytes lay unread: a client that does not read at once can lose it'
  return { level: 'risk', says, clause: 'RFC 9293 3.6.1', row }
}

const abort: Probe = {
  id: 'abort',
  title: 'The client resets, and another one comes',
  did: 'a reset of ours; then a new connection, and our FIN on it',
  connections: 2,
  sendBytes: 0,
  async play(scene) {
    const first = await scene.open(0)
    first.abort()
    const second = await scene.open(0)
    second.finish()
    const seen = seenOf(second, await second.ending(scene.waitMs))
    second.release()
    const says = 'a reset of one client is no matter to the next: it is let in'
    return { seen, meaning: { level: 'good', says, clause: 'RFC 9293 3.5.3' } }
  },
}

export const tcpProbes: readonly Probe[] = [halfClose, unread, abort, idle]
