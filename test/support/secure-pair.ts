// Makes connections with TLS over loopback to the TLS peer, which is a process of its own.
import tls from 'node:tls'
import { type Guard, guard, type Policy } from '#adapter/index'
import { type Certificate, makeCertificate } from './certificate.js'
import { listening, portOf } from './pair.js'
import type { Link, LinkOptions, Peer } from './peer.js'

export type Version = 'TLSv1.2' | 'TLSv1.3'
export const versions: readonly Version[] = ['TLSv1.2', 'TLSv1.3']

/** One certificate for all of a test file. */
export const certificate: Certificate = makeCertificate()

export interface SecureOptions extends Omit<LinkOptions, 'tls'> {
  version?: Version
  /** Our socket keeps its side open after the peer's end of file. */
  halfOpen?: boolean
  policy?: Policy
  /** We are the client, and the peer listens. */
  client?: boolean
}

/** A connection to the peer, and its guard. */
export interface SecureLink {
  socket: tls.TLSSocket
  link: Link
}

const quiet = (socket: tls.TLSSocket): tls.TLSSocket => socket.on('error', () => undefined)

const asServer = async (peer: Peer, options: SecureOptions): Promise<SecureLink> => {
  const { version = 'TLSv1.3', halfOpen = false, ...rest } = options
  const versions = { minVersion: version, maxVersion: version }
  const server = tls.createServer({ ...certificate, ...versions, allowHalfOpen: halfOpen })
  const accepted = new Promise<tls.TLSSocket>((resolve) => server.once('secureConnection', resolve))
  await listening(server)
  const connecting = peer.connect(portOf(server), { ...rest, tls: { ...certificate, version } })
  const socket = quiet(await accepted)
  server.close()
  return { socket, link: await connecting }
}

const asClient = async (peer: Peer, options: SecureOptions): Promise<SecureLink> => {
  const { version = 'TLSv1.3', halfOpen = false, ...rest } = options
  const link = await peer.listen({ ...rest, tls: { ...certificate, version } })
  const versions = { minVersion: version, maxVersion: version }
  const to = { host: '127.0.0.1', port: link.port, ca: certificate.cert, allowHalfOpen: halfOpen, ...versions }
  const socket = quiet(tls.connect(to as tls.ConnectionOptions))
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  await link.saw('connected')
  return { socket, link }
}

/** A connection that nobody guards. */
export const secure = (peer: Peer, options: SecureOptions = {}): Promise<SecureLink> =>
  options.client ? asClient(peer, options) : asServer(peer, options)

/** A guarded one. */
export const secured = async (peer: Peer, options: SecureOptions = {}): Promise<SecureLink & { held: Guard }> => {
  const { policy, ...rest } = options
  const { socket, link } = await secure(peer, rest)
  return { socket, link, held: guard(socket, policy) }
}
