// What an idle guarded connection holds: bytes and descriptors, in a real server; and bytes of the core alone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ConnectionGuard } from '../adapters/core/guard.js'
import { parsePolicy } from '../adapters/core/policy.js'
import { engine } from '../adapters/core/wasm.js'
import type { Wire } from '../adapters/core/wire.js'
import { Held, mostHeld } from './held.js'
import { comparedRuntimes, nameOf, type Program, startProgram } from './programs.js'
import { type Effort, type Section, type Target, target } from './section.js'
import type { Runtime } from '../scripts/runtimes.ts'

interface Costs {
  open: number
  heapUsed: number
  rss: number
  descriptors: number
}

interface PerConnection {
  heap: number
  rss: number
  descriptors: number
}

/** Opens that many more, and tells what the server costs once it has accepted all of them. */
async function holding(program: Program, held: Held, count: number, port: number): Promise<Costs> {
  const costs = async (): Promise<Costs> => (await program.ask('costs')) as unknown as Costs
  const { open } = await costs()
  await held.growTo(count, port)
  for (let look = 0; look < 100; look += 1) {
    const now = await costs()
    if (now.open === open + count) return now
  }
  throw new Error(`a server was asked for ${count} connections, and has not accepted them all`)
}

/** What one connection costs a process that holds many, guarded or bare; a process of its own for each. */
async function perConnection(runtime: Runtime, way: 'guarded' | 'bare', count: number): Promise<PerConnection> {
  const program = await startProgram('holding', {}, runtime)
  const port = program.ready[way] as number
  const warm = new Held()
  const held = new Held()
  try {
    const before = await holding(program, warm, Math.min(count, 50), port)
    const after = await holding(program, held, count, port)
    return {
      heap: (after.heapUsed - before.heapUsed) / count,
      rss: (after.rss - before.rss) / count,
      descriptors: (after.descriptors - before.descriptors) / count,
    }
  } finally {
    await program.end()
    await Promise.all([warm.release(), held.release()])
  }
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const added = (guarded: number, bare: number): string => `${whole(guarded)} − ${whole(bare)} = ${whole(guarded - bare)}`

/** A wire that does nothing: what is left is the core. */
function silentWire(): Wire {
  const done = (): number => 0
  const nothing = (): undefined => undefined
  const calls = { setsockopt: done, shutdown: done, disconnect: done, close: done, request: done, getsockopt: done }
  return {
    ...{ capabilities: {} as Wire['capabilities'], socket: {}, contextBits: 1 | 64 | 128 },
    ...{ ...calls, facts: done, unsent: nothing, lastUnsent: nothing, acked: () => true, unheard: nothing },
    ...{ whenFlushed: (then) => then(), ended: nothing, over: nothing, awaited: nothing },
  }
}

/** Bytes of heap of one guard without a socket, over that many. */
function coreBytes(count: number): { guard: number; wire: number; wasm: number } {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const heap = (): number => {
    gc()
    return process.memoryUsage().heapUsed
  }
  const policy = parsePolicy(undefined, false)
  const linear = engine().memory.buffer.byteLength
  const start = heap()
  const wires = Array.from({ length: count }, silentWire)
  const withWires = heap()
  const guards = wires.map((wire) => new ConnectionGuard(wire, policy))
  for (const guard of guards) guard.open()
  const bytes = { guard: (heap() - withWires) / count, wire: (withWires - start) / count }
  const wasm = (engine().memory.buffer.byteLength - linear) / count
  if (guards.some(({ over }) => over)) throw new Error('a guard of the simulation has ended')
  return { ...bytes, wasm }
}

export async function benchIdle({ quick }: Effort): Promise<Section> {
  const rows: string[][] = []
  const targets: Target[] = []
  for (const runtime of await comparedRuntimes(quick)) {
    // Deno and Bun keep a duplicate.
    const count = quick ? 100 : mostHeld(runtime.name === 'node' ? 1 : 2)
    const guarded = await perConnection(runtime, 'guarded', count)
    const bare = await perConnection(runtime, 'bare', count)
    const name = nameOf(runtime)
    rows.push([
      name,
      count.toLocaleString('en'),
      added(guarded.heap, bare.heap),
      added(guarded.rss, bare.rss),
      `${guarded.descriptors.toFixed(2)} − ${bare.descriptors.toFixed(2)}`,
    ])
    const heap = guarded.heap - bare.heap
    const more = guarded.descriptors - bare.descriptors
    targets.push(target(`heap bytes more for a guarded connection, ${name}`, Math.round(heap), 'at most', 600))
    targets.push(
      target(`descriptors more for a guarded connection, ${name}`, Math.round(more * 100) / 100, 'at most', 1),
    )
  }
  const simulated = quick ? 1000 : 100_000
  const core = coreBytes(simulated)
  return {
    tables: [
      {
        title: 'Idle connections of node:net, guarded − bare',
        columns: ['runtime', 'connections', 'heap bytes each', 'resident bytes each', 'descriptors each'],
        rows,
        notes: ['Each way in a process of its own, after a collection of garbage. The other ends are another process.'],
      },
      {
        title: `${simulated.toLocaleString('en')} guards of the core, on a wire that does nothing`,
        columns: ['', 'heap bytes each'],
        rows: [
          ['the guard', Math.round(core.guard).toLocaleString('en')],
          ['the wire of the simulation', Math.round(core.wire).toLocaleString('en')],
          ['the memory of the Wasm', `${core.wasm}`],
        ],
      },
    ],
    targets,
  }
}
