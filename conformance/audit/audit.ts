// Audits a running server: plays the probes within the bounds that were announced, against one address and no other.
//
// 1. A name is looked up once; every connection goes to the address that was found.
// 2. What a probe may connect and send is counted here, and more than that is refused, not sent.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { EnvironmentError, UsageError } from '../result.js'
import { Connection, mostReceivedBytes, type Target } from './connection.js'
import type { Finding } from './finding.js'
import { httpProbes } from './http-probes.js'
import type { Probe, Scene } from './probe.js'
import { tcpProbes } from './tcp-probes.js'

/** What an audit is to do. */
export interface AuditOptions {
  /** `host:port`, or `[address]:port`. */
  address: string
  http: boolean
  path: string
  waitMs: number
}

/** What it came to. */
export interface Audit extends AuditOptions {
  /** The address that was connected to. */
  host: string
  connections: number
  sentBytes: number
  findings: Finding[]
}

/** Reads `host:port`. */
export const parseAddress = (typed: string): { host: string; port: number } => {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(typed)
  const [, six, name, digits] = match ?? []
  const [host, port] = [six ?? name, Number(digits)]
  if (host === undefined || (six !== undefined && isIP(six.split('%', 1)[0] ?? '') !== 6)) {
    throw new UsageError(`the address must be host:port or [address]:port, such as localhost:8080; not ${typed}`)
  }
  if (!(port >= 1 && port <= 65_535)) throw new UsageError(`the port must be 1 … 65535, not ${digits}`)
  return { host, port }
}

const find = async (name: string): Promise<Target> => {
  const { host, port } = parseAddress(name)
  try {
    const { address } = await lookup(host)
    return { name, host: address, port }
  } catch (error) {
    throw new EnvironmentError(`${host} cannot be found: ${(error as Error).message}`)
  }
}

const probesOf = ({ http }: Pick<AuditOptions, 'http'>): readonly Probe[] => (http ? httpProbes : tcpProbes)

/** The bounds of an audit: what it will do at most. */
export const boundsOf = (options: AuditOptions): { connections: number; sendBytes: number; receiveBytes: number } => {
  const probes = probesOf(options)
  const sum = (of: (probe: Probe) => number): number => probes.reduce((total, probe) => total + of(probe), 0)
  const connections = sum((probe) => probe.connections)
  return { connections, sendBytes: sum(({ sendBytes }) => sendBytes), receiveBytes: connections * mostReceivedBytes }
}

const bytesText = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`

/** What `--dry-run` prints; nothing is connected to. */
export const planText = (options: AuditOptions): string => {
  const { host, port } = parseAddress(options.address)
  const probes = probesOf(options)
  const { connections, sendBytes, receiveBytes } = boundsOf(options)
  const names = Math.max(...probes.map(({ id }) => id.length))
  const lines = probes.map(({ id, did, connections: count, sendBytes: bytes }) => {
    const cost = `${count} connection${count === 1 ? '' : 's'}, at most ${bytesText(bytes)}`
    return `  ${id.padEnd(names)}  ${did}\n  ${''.padEnd(names)}  ${cost}`
  })
  return [
    `would connect to ${host}, port ${port}, and to nobody else:`,
    ...lines,
    `in all at most ${connections} connections, ${bytesText(sendBytes)} sent, ${bytesText(receiveBytes)} received;`,
    `each ending is waited for ${options.waitMs / 1000} s`,
  ].join('\n')
}

/** Plays one probe; its connections are counted against what it announced. */
const play = async (
  probe: Probe,
  scene: Omit<Scene, 'open'>,
  count: (connection: Connection) => void,
): Promise<Finding> => {
  let made = 0
  let allowed = probe.sendBytes
  const connections: Connection[] = []
  const open: Scene['open'] = async (bytes) => {
    made += 1
    allowed -= bytes
    if (made > probe.connections || allowed < 0) throw new Error(`the probe ${probe.id} does more than it announced`)
    const connection = await Connection.open(scene.target, bytes)
    connections.push(connection)
    count(connection)
    return connection
  }
  try {
    const { seen, meaning } = await probe.play({ ...scene, open })
    const { id, title, did } = probe
    return { probe: id, title, did, saw: seen, ...meaning }
  } finally {
    for (const connection of connections) connection.release()
  }
}

/** Audits. Rejects with {@link UsageError} or {@link EnvironmentError}. */
export const audit = async (options: AuditOptions, progress: (finding: Finding) => void): Promise<Audit> => {
  const target = await find(options.address)
  const all: Connection[] = []
  const scene = { target, path: options.path, waitMs: options.waitMs }
  const one = async (probe: Probe): Promise<Finding> => {
    const finding = await play(probe, scene, (connection) => all.push(connection))
    progress(finding)
    return finding
  }
  const probes = probesOf(options)
  const [first, ...others] = probes.filter(({ waits }) => !waits)
  // The first tells whether anybody is there; only then does the rest begin.
  const findings = first ? [await one(first)] : []
  const waiting = Promise.all(probes.filter(({ waits }) => waits).map(one))
  const inTurn = async (): Promise<void> => {
    for (const probe of others) findings.push(await one(probe))
  }
  const [waited] = await Promise.all([waiting, inTurn()])
  return {
    ...options,
    host: target.host,
    connections: all.length,
    sentBytes: all.reduce((sum, { sent }) => sum + sent, 0),
    findings: [...findings, ...waited],
  }
}
