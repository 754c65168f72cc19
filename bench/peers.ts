// finrst next to what people use to end connections: what each can do, and what its clients see.
import type net from 'node:net'
import { createServer, connect } from 'node:net'
import { backend } from '../adapters/node/libc.js'
import { startClients, type Outcome, type Seen } from './busy-clients.js'
import { installPackages, loadPackage, packagesFolder, versions } from './packages.js'
import { comparePairs, median, type Pair } from './pairs.js'
import { startProgram } from './programs.js'
import { type Effort, pairCells, type Section, type Table, target, type Target } from './section.js'

const ways = [
  'finrst',
  'server.close()',
  'closeAllConnections',
  'resetAndDestroy',
  'http-terminator',
  'stoppable',
  'http-graceful-shutdown',
  '@godaddy/terminus',
] as const
type Way = (typeof ways)[number]

const versionOf = (way: Way): string => (way in versions ? ` ${versions[way as keyof typeof versions]}` : '')
const counted = (seen: readonly Seen[], outcome: Outcome): number =>
  seen.filter((each) => each.outcome === outcome).length

interface Ending {
  /** Milliseconds to the end of the last whole answer, of the last connection that had one, and of all. */
  wholeMs: number
  closedMs: number
  allMs: number
  seen: Seen[]
  /** Whether connections were left when the time was up twice over, and the process had to be killed. */
  killed: boolean
}

/** Ends a server with busy clients, every twentieth of them stuck: by the way's own order, or by SIGKILL. */
async function endBusy(way: Way, clients: number, withinMs: number, order: 'stop' | 'SIGKILL'): Promise<Ending> {
  const program = await startProgram('peer', { way, withinMs, parts: 10, packages: packagesFolder })
  const paths = Array.from({ length: clients }, (_, at) => (at % 20 === 0 ? '/stuck' : '/'))
  const { begun, seen } = startClients(program.ready.port as number, paths)
  await begun
  const started = performance.now()
  let killed = false
  if (order === 'stop') program.tell('stop')
  else await program.end()
  const timer = setTimeout(() => {
    killed = true
    void program.end()
  }, withinMs * 2)
  const all = await seen
  clearTimeout(timer)
  await program.end()
  const last = (times: number[]): number => Math.max(0, ...times.map((at) => at - started))
  const whole = all.filter(({ outcome }) => outcome === 'whole')
  return {
    wholeMs: last(whole.map(({ heardAt }) => heardAt)),
    closedMs: last(whole.map(({ at }) => at)),
    allMs: last(all.map(({ at }) => at)),
    ...{ seen: all, killed },
  }
}

async function endings({ quick }: Effort): Promise<{ table: Table; targets: Target[] }> {
  const clients = quick ? 40 : 1000
  const withinMs = quick ? 1500 : 4000
  const chosen = quick ? ways.slice(0, 3) : ways
  const rows: string[][] = []
  const targets: Target[] = []
  for (const way of chosen) {
    const stops: Ending[] = []
    for (let round = 0; round < (quick ? 1 : 2); round += 1) stops.push(await endBusy(way, clients, withinMs, 'stop'))
    const killed = await endBusy(way, Math.min(clients, 100), withinMs, 'SIGKILL')
    const could = clients - Math.ceil(clients / 20)
    const of = (outcome: Outcome): number => median(stops.map(({ seen }) => counted(seen, outcome)))
    const share = (100 * of('whole')) / could
    if (way === 'finrst') {
      const silent = Math.max(...stops.map(({ seen }) => counted(seen, 'fin')))
      targets.push(
        target('answers that can finish and arrive whole, when a busy server closes', share, 'at least', 100, ' %'),
        target('cut answers that end with a FIN, when a busy server closes', silent, 'at most', 0),
        target('cut answers that end with a FIN, at a SIGKILL', counted(killed.seen, 'fin'), 'at most', 0),
      )
    }
    const forced = stops.some((stop) => stop.killed) ? ', killed' : ''
    rows.push([
      `${way}${versionOf(way)}`,
      `${(median(stops.map(({ wholeMs }) => wholeMs)) / 1000).toFixed(2)} s`,
      `${(median(stops.map(({ closedMs }) => closedMs)) / 1000).toFixed(2)} s`,
      `${(median(stops.map(({ allMs }) => allMs)) / 1000).toFixed(2)} s${forced}`,
      `${share.toFixed(1)} %`,
      `${of('reset')}`,
      `${of('fin')}`,
      `${counted(killed.seen, 'reset')} / ${counted(killed.seen, 'fin')}`,
    ])
  }
  const table = {
    title: `${clients} busy connections are closed gracefully, ${withinMs / 1000} s at most`,
    columns: [
      'by',
      'last whole answer',
      'its connection closed',
      'last end',
      'whole',
      'cut: reset',
      'cut: FIN',
      'at SIGKILL: reset / FIN',
    ],
    rows,
    notes: [
      'Every twentieth answer never finishes. `whole` is the share of the others whose clients got all of it.',
      'A reset tells of a cut; a FIN inside an answer reads as its end where only the end of the stream tells.',
      '`killed`: connections were left after twice the time, and the process was killed.',
    ],
  }
  return { table, targets }
}

/** What each can do, by the documentation and the code of the versions named. */
const features: Table = {
  title: 'What each can do',
  columns: ['', 'waits for answers', 'deadline', 'half-close and drain', 'verdict', 'beyond HTTP', 'at a crash'],
  rows: [
    ['finrst', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'],
    ['server.close()', 'yes', 'no', 'no', 'no', 'yes', 'no'],
    ['closeAllConnections', 'by server.close()', 'with a timer', 'no', 'no', 'no', 'no'],
    ['resetAndDestroy', 'by server.close()', 'with a timer', 'no', 'no', 'yes', 'no'],
    ['http-terminator', 'yes', 'yes', 'no', 'no', 'no', 'no'],
    ['stoppable', 'yes', 'yes', 'no', 'no', 'no', 'no'],
    ['http-graceful-shutdown', 'yes', 'yes', 'no', 'no', 'no', 'no'],
    ['@godaddy/terminus', 'yes', 'yes', 'no', 'no', 'no', 'no'],
    ['net-keepalive', 'no', 'no', 'no', 'no', 'yes', 'no'],
  ],
  notes: [
    'A verdict tells of each connection how it ended.',
    'At a crash: whether it decides how connections end then; what clients see is measured above.',
    'net-keepalive sets options of a socket and ends none: it is here for the cost of a call.',
  ],
}

interface KeepAlive {
  setUserTimeout(socket: net.Socket, ms: number): boolean
}

/** IPPROTO_TCP and TCP_USER_TIMEOUT of Linux. */
const userTimeout = [6, 18] as const

/** One setsockopt by net-keepalive against one by the calls that a guard uses. */
async function optionCalls({ rounds }: Effort): Promise<Pair | undefined> {
  const { libc } = backend()
  if (libc === undefined) return undefined
  const { setUserTimeout } = await loadPackage<KeepAlive>('net-keepalive')
  const server = createServer((socket) => void socket.resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
  const value = new Uint8Array(new Int32Array([1000]).buffer)
  const microseconds = (call: () => boolean): number => {
    const started = performance.now()
    for (let at = 0; at < 2000; at += 1) if (!call()) throw new Error('the system refused TCP_USER_TIMEOUT')
    return ((performance.now() - started) * 1000) / 2000
  }
  const pair = await comparePairs(
    rounds,
    () => microseconds(() => libc.setsockopt(fd, ...userTimeout, value) === 0),
    () => microseconds(() => setUserTimeout(socket, 1000)),
  )
  socket.destroy()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return pair
}

export async function benchPeers(effort: Effort): Promise<Section> {
  await installPackages()
  const { table, targets } = await endings(effort)
  const tables = [table, features]
  const pair = process.platform === 'linux' ? await optionCalls(effort) : undefined
  if (pair !== undefined) {
    const columns = ['', 'finrst', `net-keepalive ${versions['net-keepalive']}`, 'ratio']
    tables.push({
      title: 'One setsockopt from JavaScript',
      columns,
      rows: [['TCP_USER_TIMEOUT', ...pairCells(pair, 'µs', 2)]],
    })
  }
  return { tables, targets }
}
