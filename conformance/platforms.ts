// Finds platforms by what people and log lines call them: an id, an id and a machine, or a row of the compiled table.
import { isSystem } from '../adapters/spec/cells.js'
import type { Arch, Numbers, Platform, SendQueue } from '../adapters/spec/types.js'
import { noSuch } from './select.js'

/** A platform as somebody asked for it. */
export interface Chosen {
  /** What it was called: `linux`, `linux-mips`. */
  name: string
  /** Its name for people. */
  title: string
  /** Whose behaviour it has: the id of a platform. */
  id: string
  platform: Platform
  arch?: Arch
}

/** Every name that a platform goes by, and what it stands for. */
const everyName = (platforms: readonly Platform[]): Chosen[] =>
  platforms.flatMap((platform) => {
    const { id, name } = platform
    const machines = (platform.arches ?? []).map((arch) => ({
      ...{ name: `${id}-${arch.id}`, title: arch.name, id },
      ...{ platform, arch },
    }))
    return [{ name: id, title: name, id, platform }, ...machines]
  })

/** The platforms of these names; each may be a list with commas. */
export const choosePlatforms = (names: readonly string[], platforms: readonly Platform[]): Chosen[] => {
  const known = everyName(platforms)
  const wanted = names.flatMap((list) => list.split(',')).map((name) => name.trim())
  return [...new Set(wanted.filter((name) => name !== ''))].map((wantedName) => {
    const found = known.find(({ name }) => name === wantedName)
    if (found) return found
    const all = known.map(({ name }) => name)
    throw noSuch('platform', wantedName, all, `finrst table: ${all.join(', ')}`)
  })
}

/** The platform that has this row in the compiled table; none: row 0, or one that this version does not know. */
export const platformOfRow = (row: number, platforms: readonly Platform[]): Chosen | undefined =>
  everyName(platforms).find(({ platform, arch }) => (arch ?? platform).row === row)

const systems: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'macos',
  sunos: 'illumos',
  win32: 'windows',
}
const machines: Readonly<Record<string, string>> = { mipsel: 'mips' }

/** What this process runs on: the system, with its machine where that has numbers of its own, and the runtime. */
export const runningPlatforms = (platforms: readonly Platform[]): Chosen[] => {
  const known = everyName(platforms)
  const system = systems[process.platform] ?? process.platform
  const machine = `${system}-${machines[process.arch] ?? process.arch}`
  const runtime = process.versions.bun ? 'bun' : process.versions.deno ? 'deno' : 'node'
  const found = (name: string): Chosen | undefined => known.find((each) => each.name === name)
  return [found(machine) ?? found(system), found(runtime)].filter((each) => each !== undefined)
}

/** The numbers of a system on that machine, and how its send queue is asked; undefined for a runtime. */
export const numbersOf = ({ platform, arch }: Chosen): (Numbers & { sendQueue?: SendQueue }) | undefined => {
  if (!isSystem(platform)) return undefined
  const sendQueue = arch?.sendQueue ?? platform.sendQueue
  return {
    constants: { ...platform.constants, ...arch?.constants },
    errors: { ...platform.errors, ...arch?.errors },
    ...(sendQueue ? { sendQueue } : {}),
  }
}
