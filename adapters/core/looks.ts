// Looks at many connections now and then: all that wait equally long share one timer.

/** What is looked at. */
export interface Looked {
  /** The time is over; the ticket is what {@link lookWithin} has answered. */
  look(ticket: object): void
}

interface Lane {
  readonly waiting: Looked[]
  readonly timer: ReturnType<typeof setTimeout>
}

const lanes = new Map<number, Lane>()

function run(ms: number): void {
  const lane = lanes.get(ms)
  if (lane === undefined) return
  lanes.delete(ms)
  for (const it of lane.waiting) {
    try {
      it.look(lane)
    } catch (error) {
      // Uncaught, as it would be if each had a timer of its own; the others are looked at all the same.
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

function laneOf(ms: number): Lane {
  const known = lanes.get(ms)
  if (known !== undefined) return known
  const lane = { waiting: [], timer: setTimeout(run, ms, ms) }
  lane.timer.unref()
  lanes.set(ms, lane)
  return lane
}

/**
 * Looks at it in a later turn of the event loop, after at most so many milliseconds. Take few different numbers: each
 * has a timer of its own.
 * @param awaited whether it keeps the process alive until then
 * @returns what tells this time from others, of which there may be more than one: who has asked twice is told twice
 */
export function lookWithin(ms: number, it: Looked, awaited: boolean): object {
  const lane = laneOf(ms)
  lane.waiting.push(it)
  if (awaited) lane.timer.ref()
  return lane
}
