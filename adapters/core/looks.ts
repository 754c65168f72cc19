// Looks at many connections now and then: all that wait equally long share one timer.

/** What is looked at. */
export interface Looked {
  /** About so many milliseconds have passed since it asked. */
  look(ms: number): void
}

interface Lane {
  waiting: Looked[]
  timer: ReturnType<typeof setTimeout>
}

const lanes = new Map<number, Lane>()

function run(ms: number): void {
  const lane = lanes.get(ms)
  lanes.delete(ms)
  for (const it of lane?.waiting ?? []) it.look(ms)
}

/**
 * Looks at it once, in a later turn of the event loop, after at most so many milliseconds. Take few different numbers:
 * each has a timer of its own.
 * @param awaited whether it keeps the process alive until then
 */
export function lookWithin(ms: number, it: Looked, awaited: boolean): void {
  let lane = lanes.get(ms)
  if (lane === undefined) {
    lane = { waiting: [], timer: setTimeout(run, ms, ms) }
    lane.timer.unref()
    lanes.set(ms, lane)
  }
  lane.waiting.push(it)
  if (awaited) lane.timer.ref()
}
