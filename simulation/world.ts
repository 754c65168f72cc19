// The world of one connection as small numbers: our bytes and FIN, the peer's, both kernels, the runtime, and what is
// true of them whatever the engine believes. Packed into two words it is half of the key of a state.
//
// Two units stand for all bytes: they are sent in order, and the engine is only ever told whether some are left in the
// runtime, in the kernel or on the way, and every such combination can be had with two.

/**
 * How far a unit of ours has come: in the runtime's buffer, in the kernel's queue, on the way, confirmed. LOST: thrown
 * away by a kernel or the network; DISCARDED: by the runtime.
 */
export const Unit = {
  NONE: 0, BUFFERED: 1, QUEUED: 2, FLYING: 3, ACKED: 4, LOST: 5, DISCARDED: 6,
} as const // biome-ignore format: a table
/** How far our FIN has come. */
export const Fin = { NONE: 0, QUEUED: 1, FLYING: 2, DELIVERED: 3, ACKED: 4 } as const
/** A unit of the peer, its FIN and its reset: on the way, in our kernel, taken from there. */
export const Arrival = { FLYING: 0, HERE: 1, TAKEN: 2 } as const
/** Our reset. GONE: it came too late, or the network lost it. */
export const Rst = { NONE: 0, FLYING: 1, DELIVERED: 2, GONE: 3 } as const

// Name and bits of every field, in the order in which they are packed.
const first = {
  unitA: 3, unitB: 3, fin: 3, data: 2, peerFin: 2, peerRst: 2, rst: 2,
  linger: 1, runtime: 1, duplicate: 1, other: 1, dead: 1,
} as const // biome-ignore format: a table
const second = {
  flush: 1, shut: 1, going: 1, clock: 1, watch: 1, drain: 1, reading: 2, alive: 1, guarded: 1,
  declared: 1, aborted: 1, failures: 2, left: 1, late: 1, behind: 1, guess: 5,
} as const // biome-ignore format: a table

export type Field = keyof typeof first | keyof typeof second
export type World = Record<Field, number>

/** The fields of each of the two words, with their bits. */
export const firstFields = Object.entries(first) as [Field, number][]
export const secondFields = Object.entries(second) as [Field, number][]
const fields = [...firstFields, ...secondFields].map(([name]) => name)

/** A connection that was just accepted or connected, and nothing else. */
export function newWorld(): World {
  const world = Object.fromEntries(fields.map((name) => [name, 0])) as World
  return Object.assign(world, {
    data: Arrival.FLYING,
    peerFin: Arrival.FLYING,
    peerRst: Arrival.FLYING,
    runtime: 1,
    alive: 1,
  })
}

const names = (values: Readonly<Record<string, number>>): string[] =>
  Object.entries(values).reduce<string[]>((list, [name, value]) => {
    list[value] = name.toLowerCase()
    return list
  }, [])

const told: Partial<Record<Field, string[]>> = {
  unitA: names(Unit), unitB: names(Unit), fin: names(Fin), data: names(Arrival), peerFin: names(Arrival),
  peerRst: names(Arrival), rst: names(Rst),
} // biome-ignore format: a table

/** The world in words: every field that is not 0. */
export function tellWorld(world: World): string {
  return fields
    .filter((name) => world[name] !== 0)
    .map((name) => {
      const word = told[name]?.[world[name]]
      return word === undefined ? (world[name] === 1 ? name : `${name}=${world[name]}`) : `${name}:${word}`
    })
    .join(' ')
}
