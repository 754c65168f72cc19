// Starts guarded servers for tests of HTTP, and stops them.
import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import {
  type Guard,
  guardServer,
  type Policy,
  type ServerGuard,
  type ServerOptions,
  type Verdict,
} from '#adapter/index'
import { listening, portOf } from './pair.js'
import type { LinkOptions } from './peer.js'
import { certificate } from './secure-pair.js'

export type Kind = 'http' | 'https'
export const kinds: readonly Kind[] = ['http', 'https']

/** What a link of the TLS peer needs. */
export const secureFor = (kind: Kind): LinkOptions =>
  kind === 'http' ? {} : { tls: { ...certificate, version: 'TLSv1.3' } }

/** A server and its guard. */
export interface Serving<S extends net.Server = net.Server> {
  server: S
  guards: ServerGuard
  port: number
  /** All verdicts so far. */
  verdicts: Verdict[]
  /** The next verdict that comes. */
  verdict(): Promise<Verdict>
  /** The guard of the connection that is open. */
  only(): Guard
}

/** Guards a server and lets it listen. */
export const serving = async <S extends net.Server>(
  server: S,
  policy?: Policy,
  options?: ServerOptions,
): Promise<Serving<S>> => {
  const guards = guardServer(server, policy, options)
  const verdicts: Verdict[] = []
  const waiting: ((verdict: Verdict) => void)[] = []
  guards.on('verdict', (verdict) => {
    const next = waiting.shift()
    if (next === undefined) verdicts.push(verdict)
    else next(verdict)
  })
  await listening(server)
  return {
    server,
    guards,
    port: portOf(server),
    verdicts,
    verdict: async () => verdicts.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    only: () => {
      const [first, ...others] = guards.guards
      if (first === undefined || others.length > 0) throw new Error(`there are ${guards.guards.size} guards`)
      return first
    },
  }
}

/** A guarded server of HTTP/1. */
export const servingHttp = (
  kind: Kind,
  handler: http.RequestListener,
  policy?: Policy,
  options?: ServerOptions,
): Promise<Serving<http.Server>> =>
  serving(
    kind === 'http' ? http.createServer(handler) : (https.createServer(certificate, handler) as http.Server),
    policy,
    options,
  )

export const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
