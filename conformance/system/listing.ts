// What the kernel lists of its connections: the state, and how long its timer still runs.
import { readFileSync } from 'node:fs'

/** The ports of a connection over loopback. */
export interface Ends {
  local: number
  remote: number
}

/** One line of the list. */
export interface Listed {
  /** The number of the state, as TCP_INFO has it. */
  state: number
  /** The milliseconds until its timer runs out; absent: none runs. */
  timerMs?: number
}

/** The list counts in hundredths of a second, whatever the kernel counts in. */
const tickMs = 10

/** Finds the connection of 127.0.0.1 with these ends in the text of the list. */
export const findListed = ({ local, remote }: Ends, text: string): Listed | undefined => {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const word = '[0-9A-F]{8}'
  const ends = `${word}:${hex(local)} ${word}:${hex(remote)}`
  const queues = `${word}:${word}`
  const found = new RegExp(`^ *\\d+: ${ends} ([0-9A-F]{2}) ${queues} (\\d\\d):(${word}) `, 'm').exec(text)
  if (!found) return undefined
  const [, state = '', timer = '', ticks = ''] = found
  const listed = { state: Number.parseInt(state, 16) }
  return timer === '00' ? listed : { ...listed, timerMs: Number.parseInt(ticks, 16) * tickMs }
}

/** What the kernel lists for a connection now; `undefined` if there is none. */
export const listed = (ends: Ends): Listed | undefined => findListed(ends, readFileSync('/proc/self/net/tcp', 'utf8'))
