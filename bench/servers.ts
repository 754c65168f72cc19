// Servers of HTTP under the load of wrk, guarded against bare: kept-alive, and a connection for each request.
import { majors } from '../scripts/nodes.ts'
import { runProcess } from '../scripts/processes.ts'
import type { Runtime } from '../scripts/runtimes.ts'
import { findTool } from '../test/support/tools.js'
import type { Pair } from './pairs.js'
import { comparedRuntimes, nameOf, startProgram } from './programs.js'
import { compareServed, type Sample, startServed } from './processor.js'
import { type Effort, pairCells, pairColumns, type Section, target, type Target } from './section.js'
import type { Kind } from './ways.js'

const modes = ['keep-alive', 'a connection for each'] as const

/** Requests answered in a second, as wrk counts them; it fails if one was answered otherwise than with 200. */
async function requestsPerSecond(port: number, mode: (typeof modes)[number], connections: number): Promise<Sample> {
  const header = mode === 'keep-alive' ? [] : ['-H', 'Connection: close']
  const command = ['wrk', '-t1', `-c${connections}`, '-d1s', ...header, `http://127.0.0.1:${port}/`]
  const { code, output } = await runProcess(command, { deadlineSeconds: 60 })
  const rate = /Requests\/sec:\s*([\d.]+)/.exec(output)?.[1]
  const count = /(\d+) requests in/.exec(output)?.[1]
  if (code !== 0 || rate === undefined || count === undefined || output.includes('Non-2xx'))
    throw new Error(`wrk failed:\n${output}`)
  return { value: Number(rate), count: Number(count) }
}

async function compare(
  runtime: Runtime,
  kind: Kind,
  { quick, rounds }: Effort,
): Promise<[string, { clock: Pair; processor: Pair }][]> {
  const served = await startServed((guarded) => startProgram('http', { kind, guarded }, runtime))
  const pairs: Awaited<ReturnType<typeof compare>> = []
  try {
    for (const mode of modes) {
      const sample = (port: number): Promise<Sample> => requestsPerSecond(port, mode, 16)
      if (!quick) for (const { ready } of served) await sample(ready.port as number)
      pairs.push([mode, await compareServed(served, Math.min(rounds, quick ? 1 : 8), sample)])
    }
  } finally {
    await Promise.all(served.map((program) => program.end()))
  }
  return pairs
}

export async function benchServers(effort: Effort): Promise<Section> {
  const columns = ['runtime', 'requests', ...pairColumns]
  const title = 'Requests in a second, answers of 1 KiB, 16 connections'
  if (findTool('wrk') === undefined) {
    const notes = ['Left out: there is no wrk; apt-get install -y --no-install-recommends wrk']
    return { tables: [{ title, columns, rows: [], notes }] }
  }
  const rows: string[][] = []
  const targets: Target[] = []
  const runtimes = (await comparedRuntimes(effort.quick)).filter(({ name, version }) => {
    const ends = [majors[0], majors.at(-1)]
    return name !== 'node' || effort.quick || ends.includes(Number(version.split('.', 1)[0]))
  })
  for (const runtime of effort.quick ? runtimes.slice(0, 1) : runtimes) {
    const kinds: Kind[] = runtime.name === 'node' ? ['net'] : ['net', 'native']
    for (const kind of kinds) {
      const where = `${nameOf(runtime)}, ${kind === 'net' ? 'node:http' : 'serve()'}`
      for (const [mode, { clock, processor }] of await compare(runtime, kind, effort)) {
        rows.push([where, mode, ...pairCells(clock, '/s', 0), ...pairCells(processor, 'µs')])
        const least = mode === 'keep-alive' ? 0.99 : 0.95
        targets.push(target(`throughput guarded / bare, ${mode}, ${where}`, clock.ratio, 'at least', least))
      }
    }
  }
  const notes = [
    'The load is made by `wrk -t1 -c16 -d1s`; a connection for each request by `Connection: close`.',
    'Each way in a process of its own. Processor time for a request; a busy machine disturbs it less than the clock.',
  ]
  return { tables: [{ title, columns, rows, notes }], targets }
}
