// Counts by strace the system calls of a connection and of a write: guarded minus bare.
// 1. What a process does once is taken away: the calls of few connections are subtracted from those of many.
// 2. Calls that wait or wake (epoll, futex) are not counted: how often they come is a matter of load.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Runtime } from '../scripts/runtimes.ts'
import { readCounts } from '../test/support/strace.js'
import { findTool } from '../test/support/tools.js'
import { visitMicroseconds } from './held.js'
import { nameOf, startProgram } from './programs.js'
import { type Effort, type Section, target, type Target } from './section.js'
import type { Kind, Way } from './ways.js'

const counted = '%network,close,dup,dup2,dup3,fcntl,ioctl'
const sending = ',write,writev'
const few = 20
const moreWrites = 20

type Counts = Map<string, number>

async function countOf(runtime: Runtime, way: Way, writes: number, visits: number): Promise<Counts> {
  mkdirSync('build/bench', { recursive: true })
  const file = join('build/bench', `strace.${process.pid}.txt`)
  const prefix = ['strace', '-f', '-c', '-e', `trace=${counted}${sending}`, '-o', file]
  const program = await startProgram('sockets', { writes, way }, runtime, prefix)
  await visitMicroseconds(program.ready.port as number, visits)
  await program.finish()
  const counts = readCounts(readFileSync(file, 'utf8'))
  rmSync(file)
  if (counts.size === 0) throw new Error(`strace told nothing of ${nameOf(runtime)}`)
  return counts
}

/** What one more connection adds. */
async function perConnection(runtime: Runtime, way: Way, writes: number, more: number): Promise<Counts> {
  const base = await countOf(runtime, way, writes, few)
  const all = await countOf(runtime, way, writes, few + more)
  return new Map([...all].map(([name, calls]) => [name, (calls - (base.get(name) ?? 0)) / more]))
}

function difference(a: Counts, b: Counts): Counts {
  const names = new Set([...a.keys(), ...b.keys()])
  return new Map([...names].map((name) => [name, (a.get(name) ?? 0) - (b.get(name) ?? 0)]))
}

const sum = (counts: Counts): number => [...counts.values()].reduce((total, calls) => total + calls, 0)
const rounded = (value: number): number => Math.round(value * 10) / 10

function named(counts: Counts): string {
  const shown = [...counts].filter(([, calls]) => Math.abs(calls) >= 0.25).sort(([a], [b]) => a.localeCompare(b))
  return (
    shown.map(([name, calls]) => `${calls > 0 ? '+' : '−'}${Math.abs(rounded(calls))} ${name}`).join(', ') || 'none'
  )
}

/** Graceful closes only: an abort makes other calls than the bare runtime by intent. */
export async function benchSyscalls(
  runtimes: readonly Runtime[],
  kindsOf: (runtime: Runtime) => Kind[],
  { quick }: Effort,
): Promise<Section> {
  if (findTool('strace') === undefined) {
    const note = 'Left out: there is no strace; apt-get install -y --no-install-recommends strace'
    return { tables: [{ title: 'System calls', columns: [''], rows: [], notes: [note] }] }
  }
  const rows: string[][] = []
  const targets: Target[] = []
  const more = quick ? 10 : 100
  for (const runtime of quick ? runtimes.slice(0, 1) : runtimes) {
    for (const kind of kindsOf(runtime)) {
      const added = async (writes: number): Promise<Counts> => {
        const of = (guarded: boolean) => perConnection(runtime, { kind, ending: 'close', guarded }, writes, more)
        return difference(await of(true), await of(false))
      }
      const one = await added(1)
      const perWrite = rounded((sum(await added(1 + moreWrites)) - sum(one)) / moreWrites)
      const where = `${nameOf(runtime)}, ${kind === 'net' ? 'node:net' : 'native'}`
      rows.push([where, `${rounded(sum(one))}`, named(one), `${perWrite}`])
      targets.push(target(`system calls more for a connection, ${where}`, rounded(sum(one)), 'at most', 4))
      targets.push(target(`system calls more for a write, ${where}`, perWrite, 'at most', 0))
    }
  }
  const columns = ['runtime', 'more for a connection', 'which', 'more for a write']
  const notes = ['Counted by `strace -f -c`, without reading, waiting and waking.']
  return { tables: [{ title: 'System calls of a graceful close, guarded − bare', columns, rows, notes }], targets }
}
