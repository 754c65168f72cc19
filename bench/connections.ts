// A whole connection: accept, write 1 KiB, end gracefully or by a reset, guarded against bare; and its system calls.
import type { Runtime } from '../scripts/runtimes.ts'
import { visitMicroseconds } from './held.js'
import { comparedRuntimes, nameOf, startProgram } from './programs.js'
import { compareServed, startServed } from './processor.js'
import { type Effort, pairCells, pairColumns, type Section, target, type Target } from './section.js'
import { benchSyscalls } from './syscalls.js'
import type { Ending, Kind } from './ways.js'

const kindsOf = ({ name }: Runtime): Kind[] => (name === 'node' ? ['net'] : ['net', 'native'])
const title: Record<Kind, string> = { net: 'node:net', native: 'native' }

async function compare(runtime: Runtime, { rounds, connections, quick }: Effort): Promise<[string[][], Target[]]> {
  const rows: string[][] = []
  const targets: Target[] = []
  for (const kind of kindsOf(runtime)) {
    for (const ending of ['close', 'abort'] as Ending[]) {
      const served = await startServed((guarded) =>
        startProgram('sockets', { writes: 1, way: { kind, ending, guarded } }, runtime),
      )
      try {
        for (const { ready } of served) await visitMicroseconds(ready.port as number, quick ? 10 : 300)
        const { clock, processor } = await compareServed(served, rounds, async (port) => ({
          value: await visitMicroseconds(port, connections),
          count: connections,
        }))
        const where = `${nameOf(runtime)}, ${title[kind]}`
        rows.push([where, ending, ...pairCells(clock, 'µs', 0), ...pairCells(processor, 'µs', 0)])
        if (ending === 'close')
          targets.push(target(`churn guarded / bare, ${where}`, 1 / clock.ratio, 'at least', 0.95))
      } finally {
        await Promise.all(served.map((program) => program.end()))
      }
    }
  }
  return [rows, targets]
}

export async function benchConnections(effort: Effort): Promise<Section> {
  const rows: string[][] = []
  const targets: Target[] = []
  const runtimes = await comparedRuntimes(effort.quick)
  for (const runtime of runtimes) {
    const [more, aims] = await compare(runtime, effort)
    rows.push(...more)
    targets.push(...aims)
  }
  const syscalls = await benchSyscalls(runtimes, kindsOf, effort)
  return {
    tables: [
      {
        title: 'From connect to close, 1 KiB in between, eight at a time',
        columns: ['runtime', 'ending', ...pairColumns],
        rows,
        notes: [
          'The client is the same Node for all, and each way a process. Churn is the inverse of the first ratio.',
          'Processor time is that of the server for one connection; a shared machine disturbs it less than the clock.',
          'Bare Deno has no abort of its own connections: `close()` without `closeWrite()` stands for it.',
        ],
      },
      ...syscalls.tables,
    ],
    targets: [...targets, ...(syscalls.targets ?? [])],
  }
}
