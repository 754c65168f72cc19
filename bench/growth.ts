// How costs grow: with the connections that are held, the events that are decided, the descriptors that are scanned.
import { closeSync, openSync } from 'node:fs'
import net from 'node:net'
import { engine } from '../adapters/core/wasm.js'
import { pairOf } from '../adapters/core/address.js'
import { Scan } from '../adapters/core/scan.js'
import { systems } from '../adapters/core/libc.js'
import { backend } from '../adapters/node/libc.js'
import { eventWords } from './events.js'
import { Held, mostHeld, visitMicroseconds } from './held.js'
import { median } from './pairs.js'
import { startProgram } from './programs.js'
import type { Curve, Effort, Section, Table } from './section.js'

async function connections({ quick, rounds }: Effort): Promise<Curve> {
  const most = mostHeld(1)
  const counts = quick ? [10, 30] : [10, 100, 1000, 3000, most]
  const program = await startProgram('holding', {})
  const { guarded, bare } = program.ready as { guarded: number; bare: number }
  const held = new Held()
  const points: [number, number][][] = [[], []]
  try {
    for (const count of counts) {
      await held.growTo(count, guarded)
      const costs: number[][] = [[], []]
      for (let round = 0; round < Math.min(rounds, 7); round += 1) {
        costs[0]?.push(await visitMicroseconds(guarded, quick ? 20 : 200, 'x'))
        costs[1]?.push(await visitMicroseconds(bare, quick ? 20 : 200, 'x'))
      }
      costs.forEach((each, at) => void points[at]?.push([count, median(each)]))
    }
  } finally {
    await held.release()
    await program.end()
  }
  return {
    ...{ id: 'growth-connections', title: 'One more connection, beside so many guarded ones that are idle' },
    ...{ x: 'guarded connections held', y: 'µs per connection' },
    series: ['guarded', 'bare'].map((name, at) => ({ name, points: points[at] ?? [] })),
  }
}

function events({ quick, rounds }: Effort): Curve {
  const words = eventWords()
  const { decide } = engine()
  const each = words.length / 4
  const over = (count: number): number => {
    let sum = 0
    const started = performance.now()
    for (let at = 0, word = 0; at < count; at += 1, word = word === words.length - 4 ? 0 : word + 4) {
      sum ^= decide(words[word] ?? 0, words[word + 1] ?? 0, words[word + 2] ?? 0, words[word + 3] ?? 0)
    }
    const spent = performance.now() - started
    if (sum === 0.5) throw new Error('a sum of integers is an integer')
    return spent
  }
  over(each * 10_000)
  const counts = quick ? [1e3, 1e4] : [1e3, 1e4, 1e5, 1e6, 1e7]
  const points = counts.map((count): [number, number] => [
    count,
    median(Array.from({ length: Math.min(rounds, 7) }, () => over(count))),
  ])
  return {
    ...{ id: 'growth-events', title: 'So many decisions' },
    ...{ x: 'events', y: 'ms', series: [{ name: 'decide', points }] },
  }
}

/** A connection of ours to ourselves, whose descriptor is the highest so far. */
async function selfConnection(): Promise<{ socket: net.Socket; end(): Promise<void> }> {
  const server = net.createServer((other) => void other.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const end = async (): Promise<void> => {
    socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { socket, end }
}

async function scans({ quick, rounds }: Effort): Promise<Curve | undefined> {
  const { libc } = backend()
  const system = systems[process.platform]
  if (libc === undefined || system === undefined) return undefined
  const points: [number, number][][] = [[], []]
  for (const count of quick ? [100] : [100, 1000, 10_000]) {
    // Other files, which cost as many system calls as connections.
    const files = Array.from({ length: count }, () => openSync('/dev/null', 'r'))
    const { socket, end } = await selfConnection()
    const costs: number[][] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      const scan = new Scan(libc, system)
      for (const cost of costs) {
        const started = performance.now()
        const found = scan.find(pairOf(socket), (fd) => fd)
        cost.push((performance.now() - started) * 1000)
        if (found === undefined) throw new Error('the scan did not find a connection that is open')
      }
    }
    costs.forEach((each, at) => void points[at]?.push([count, median(each)]))
    await end()
    files.forEach((fd) => void closeSync(fd))
  }
  return {
    ...{ id: 'growth-scan', title: 'A descriptor is found by the addresses of its connection' },
    ...{ x: 'descriptors open', y: 'µs' },
    series: ['first time', 'again'].map((name, at) => ({ name, points: points[at] ?? [] })),
  }
}

const tableOf = ({ title, x, y, series }: Curve): Table => ({
  title,
  columns: [x, ...series.map(({ name }) => `${name}, ${y}`)],
  rows: (series[0]?.points ?? []).map(([at], row) => [
    at.toLocaleString('en'),
    ...series.map(({ points }) => (points[row]?.[1] ?? Number.NaN).toPrecision(3)),
  ]),
})

export async function benchGrowth(effort: Effort): Promise<Section> {
  const scan = await scans(effort)
  const curves = [await connections(effort), events(effort), ...(scan === undefined ? [] : [scan])]
  const tables = curves.map(tableOf)
  const most = mostHeld(1)
  if (most < 10_000) tables[0]!.notes = [`${most} is the most that the limit of descriptors of this machine allows.`]
  return { tables, curves }
}
