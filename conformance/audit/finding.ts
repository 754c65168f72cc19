// What one probe of an audit saw, and what that means to a client.
import type { Connection, Ending } from './connection.js'
import { type Answer, readAnswers } from './http.js'

/**
 * `good`: as it should be. `note`: worth knowing. `risk`: lawful, but a client can lose what it was sent, or is told
 * less than it could be. `bad`: against a MUST or SHOULD, or a part is passed off as the whole.
 */
export type Level = 'good' | 'note' | 'risk' | 'bad'

/** What was seen of one connection. */
export interface Seen {
  ended: Ending
  /** Behind the FIN there was a reset too. */
  resetLater?: true
  /** When it ended, in milliseconds after the connection was made. */
  endedMs?: number
  sentBytes: number
  receivedBytes: number
  /** With `--http`. */
  answers?: Answer[]
}

/** What it means. */
export interface Meaning {
  level: Level
  /** In a sentence. */
  says: string
  clause?: string
  /** The row of spec/table that it rests on. */
  row?: string
}

/** One finding. */
export interface Finding extends Meaning {
  probe: string
  title: string
  /** What was done. */
  did: string
  saw: Seen
}

/** Sums up a connection. `methods`: those of the requests that were sent, if they were of HTTP. */
export const seenOf = (connection: Connection, ended: Ending, methods?: readonly string[]): Seen => ({
  ended,
  ...(connection.resetLater ? { resetLater: true } : {}),
  ...(connection.endedMs === undefined ? {} : { endedMs: connection.endedMs }),
  sentBytes: connection.sent,
  receivedBytes: connection.received,
  ...(methods ? { answers: readAnswers(connection.bytes(), methods) } : {}),
})

const tellAnswer = ({ status, complete }: Answer): string =>
  complete === true ? `${status}` : complete === false ? `a part of ${status}` : `${status} up to the end`

const endings: Readonly<Record<Ending, string>> = { fin: 'FIN', reset: 'RST', open: 'still open' }

/** What was seen, in a few words: `200, then FIN after 12 ms`. */
export const tellSeen = ({ ended, resetLater, endedMs, receivedBytes, answers }: Seen): string => {
  const told = answers?.map(tellAnswer) ?? []
  const came = told.length > 0 ? told.join(', ') : receivedBytes > 0 ? `${receivedBytes} bytes` : 'nothing'
  const after = endedMs === undefined || ended === 'open' ? '' : ` after ${endedMs} ms`
  return `${came}, then ${endings[ended]}${after}${resetLater ? ', and RST behind it' : ''}`
}

/** What is always wrong, whatever was asked: a part of an answer that ends as if it were the whole. */
export const truncation = ({ ended, answers = [] }: Seen): Meaning | undefined => {
  const partial = answers.find(({ complete }) => complete === false)
  if (!partial || ended !== 'fin') return undefined
  return {
    level: 'bad',
    says: `a part of an answer (${partial.status}), and then end of file: a failure that looks like an end`,
    clause: 'RFC 9112 8',
  }
}

/** A reset behind an answer can reach the client before it has read the answer. */
export const lossByReset = (status: number, what: string): Meaning => ({
  level: 'risk',
  says: `${status} and then RST, because ${what} lay unread: a client that does not read at once can lose the answer`,
  clause: 'RFC 9112 9.6',
  row: 'close.unread',
})
