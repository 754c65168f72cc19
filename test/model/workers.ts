// Explores many settings on a few threads; the file that is bundled with this one is also the thread's program.
import { fileURLToPath } from 'node:url'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { tellState } from '../../conformance/vectors.js'
import { loadWasm } from '../../simulation/engine.ts'
import { Host } from '../../simulation/host.ts'
import type { Bounds, Setting } from '../../simulation/setting.ts'
import { Broken, explore, replay } from './explore.ts'
import { everySetting } from './settings.ts'
import { States } from './states.ts'

/** What a whole exploration came to. */
export interface Total {
  settings: number
  states: number
  transitions: number
  seconds: number
  /** Broken promises, each with its shortest trace and the command that plays it again. */
  broken: string[]
  /** By promise and unknown cell, how often it was met. */
  unknown: Map<string, number>
}

/** Which settings, and whether more or less than usual is tried in them. */
export interface Wanted {
  /** Words that the id of a setting has; all if there are none. */
  ids: readonly string[]
  bounds?: Partial<Bounds>
}

interface Share {
  finrstModel: true
  group: Wanted
}

/** The settings that are wanted, with the bounds that are wanted. */
export function settingsFor({ ids, bounds }: Wanted): Setting[] {
  const host = new Host(loadWasm)
  return everySetting(host.engine)
    .filter(({ id }) => ids.length === 0 || ids.some((wanted) => matches(id, wanted)))
    .map((setting) => ({ ...setting, bounds: { ...setting.bounds, ...bounds } }))
}

// A * stands for anything.
function matches(id: string, wanted: string): boolean {
  const pattern = wanted.split('*').map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${pattern.join('.*')}$`).test(id)
}

/** The command that plays a path again. */
const replayCommand = ({ setting: { id, bounds }, path }: Broken): string =>
  `npm run model -- '${id}' --units ${bounds.units} --failures ${bounds.failures} --replay ${path.join(',')}`

/** A broken promise in lines: its shortest trace, and how to see it again. */
export function tellBroken(host: Host, broken: Broken): string {
  const lines = replay(host, broken.setting, broken.path, tellState)
  return [broken.message, ...lines.map((line) => `  ${line}`), `  again: ${replayCommand(broken)}`].join('\n')
}

// The settings of one group share a kernel, a host and so what comes after the end.
const groupOf = ({ id }: Setting): string => id.slice(0, id.lastIndexOf('/') + 1)

function exploreGroup(wanted: Wanted): Omit<Total, 'seconds'> {
  const host = new Host(loadWasm)
  const total: Omit<Total, 'seconds'> = { settings: 0, states: 0, transitions: 0, broken: [], unknown: new Map() }
  const afterlives = new Map<string, States>()
  for (const setting of settingsFor(wanted)) {
    total.settings += 1
    const key = JSON.stringify(setting.bounds)
    const afterlife = afterlives.get(key) ?? new States()
    afterlives.set(key, afterlife)
    try {
      const { states, transitions, unknown } = explore(host, setting, afterlife)
      total.states += states
      total.transitions += transitions
      for (const [about, times] of unknown) total.unknown.set(about, (total.unknown.get(about) ?? 0) + times)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      total.broken.push(tellBroken(host, error))
    }
  }
  return total
}

/** Explores what is wanted on so many threads; `progress` is called after each group. */
export async function exploreAll(
  wanted: Wanted,
  threads: number,
  progress: (done: number, of: number) => void = () => {},
): Promise<Total> {
  const began = performance.now()
  const groups = [...new Set(settingsFor(wanted).map(groupOf))]
  const total: Total = { settings: 0, states: 0, transitions: 0, seconds: 0, broken: [], unknown: new Map() }
  const waiting = groups.values()
  let done = 0
  const work = async (): Promise<void> => {
    for (const group of waiting) {
      const ids = settingsFor(wanted).filter((setting) => groupOf(setting) === group)
      const part = await inThread({ ...wanted, ids: ids.map(({ id }) => id) })
      for (const count of ['settings', 'states', 'transitions'] as const) total[count] += part[count]
      total.broken.push(...part.broken)
      for (const [about, times] of part.unknown) total.unknown.set(about, (total.unknown.get(about) ?? 0) + times)
      done += 1
      progress(done, groups.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, groups.length) }, work))
  total.seconds = (performance.now() - began) / 1000
  return total
}

function inThread(group: Wanted): Promise<Omit<Total, 'seconds'>> {
  const share: Share = { finrstModel: true, group }
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share, argv: [] })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a thread of the model ended with ${code}`)))
  })
}

/** In a thread of {@link exploreAll}: does its share and answers true. Call it first. */
export function serveThread(): boolean {
  const share = workerData as Share | null
  if (share?.finrstModel !== true) return false
  parentPort?.postMessage(exploreGroup(share.group))
  return true
}
