// SO_LINGER in seconds on every platform, as a caller writes and reads it; its bytes and ranges are the engine's.
import {
  COLUMN_LINGER_BYTES,
  COLUMN_LINGER_MOST,
  COLUMN_LINGER_OPTION,
  COLUMN_SOCKET_LEVEL,
  CONTEXT_PLATFORM_MASK,
} from '../../assembly/abi.js'
import { wholeNumber } from './check.js'
import type { Capabilities } from './types.js'
import { engine, lingerBytes } from './wasm.js'
import type { Wire } from './wire.js'

/**
 * Sets the option of a connection; `null` turns it off. Answers whether the system took it.
 * @throws RangeError outside the platform's range
 */
export function writeLinger(token: number, context: number, seconds: number | null): boolean {
  const most = engine().column(context & CONTEXT_PLATFORM_MASK, COLUMN_LINGER_MOST)
  if (seconds !== null) wholeNumber('seconds', seconds, 0, most, 'seconds')
  return engine().setLinger(token, context, seconds ?? -1) >= 0
}

/** The option as setsockopt(2) takes it. */
export interface LingerOption {
  readonly level: number
  readonly option: number
  readonly value: Uint8Array
}

const encoded: LingerOption[][] = []

/** The option of so many seconds in that row of the platform table, -1: off. It is worked out once. */
export function lingerOption(row: number, seconds: number): LingerOption {
  encoded[row] ??= []
  const ofRow = encoded[row]
  const known = ofRow[seconds + 1]
  if (known !== undefined) return known
  const { column, encodeLinger } = engine()
  const value = lingerBytes(encodeLinger(row, seconds)).slice()
  const made = { level: column(row, COLUMN_SOCKET_LEVEL), option: column(row, COLUMN_LINGER_OPTION), value }
  ofRow[seconds + 1] = made
  return made
}

/** Why the option could not be set or read. */
export function lingerError(what: 'set' | 'read', over: boolean, { linger }: Capabilities): Error {
  const why = over ? 'the connection has ended' : linger.can ? 'the system refuses' : linger.why
  return new Error(`finrst: SO_LINGER cannot be ${what}: ${why}`)
}

/** The option of a connection; `null`: it is off; undefined: the system does not tell. */
export function readLinger(wire: Wire, context: number): number | null | undefined {
  const platform = context & CONTEXT_PLATFORM_MASK
  const { column, decodeLinger } = engine()
  const bytes = lingerBytes(column(platform, COLUMN_LINGER_BYTES))
  const level = column(platform, COLUMN_SOCKET_LEVEL)
  if (wire.getsockopt(level, column(platform, COLUMN_LINGER_OPTION), bytes) < 0) return undefined
  const seconds = decodeLinger(context)
  return seconds < 0 ? null : seconds
}
