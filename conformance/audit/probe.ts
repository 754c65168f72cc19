// What a probe of an audit is: one thing that a client does, with bounds that are known before it begins.
import type { Connection, Target } from './connection.js'
import type { Meaning, Seen } from './finding.js'

/** What a probe has to work with. */
export interface Scene {
  target: Target
  /** The path that is asked for. */
  path: string
  /** How long an ending is waited for. */
  waitMs: number
  /** One more connection, which sends no more bytes than that. */
  open(allowedBytes: number): Promise<Connection>
}

/** One probe. */
export interface Probe {
  id: string
  title: string
  /** What it does. */
  did: string
  /** The most connections that it makes. */
  connections: number
  /** The most bytes that it sends. */
  sendBytes: number
  /** It mostly waits, so that others can go on meanwhile. */
  waits?: true
  play(scene: Scene): Promise<{ seen: Seen; meaning: Meaning }>
}
