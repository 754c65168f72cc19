// Tells every verdict of this process: on a diagnostics channel, as a line of the log, and as counts.
import { channel } from 'node:diagnostics_channel'
import { record, wrongType } from '../core/check.js'
import { type Ending, endingLine, tellEndingsTo } from '../core/endings.js'
import type { Verdict } from '../core/types.js'

// It is held here: Node forgets a channel that nobody holds.
const verdicts = channel('finrst:verdict')

/** Tells verdicts to whoever subscribes, and on the error output where `log` is set to something but 0. */
export function tellEndings(log: string | undefined, pid: number): void {
  const logs = log !== undefined && log !== '' && log !== '0'
  tellEndingsTo({
    heard: () => logs || verdicts.hasSubscribers,
    tell: (ending, context) => {
      if (logs) console.error(`FINRST ${pid}: ${endingLine(ending, context)}`)
      verdicts.publish(ending)
    },
  })
}

/** How many connections ended in one way. */
export interface VerdictCount extends Pick<Verdict, 'ended' | 'by' | 'cause' | 'delivery'> {
  /** How many endings. */
  count: number
}

/** What is asked of a meter: the one of `@opentelemetry/api` is such a meter. */
export interface MeterLike {
  /** Makes a counter. */
  createCounter(
    name: string,
    options?: { description?: string; unit?: string },
  ): { add(value: number, attributes?: Record<string, string>): void }
}

/** Counts of the verdicts since it was made. */
export interface VerdictCounts extends Disposable {
  /** One entry for each way in which connections have ended, the most frequent first. */
  snapshot(): VerdictCount[]
  /** Counts no more; what was counted stays. */
  stop(): void
}

// How an ending that is no success is called, in the manner of `error.type` of OpenTelemetry's connection metrics.
const errorTypes: Partial<Record<Verdict['cause'], string>> = {
  abort: 'aborted_by_app',
  drop: 'dropped_by_app',
  failure: 'failed_by_app',
  exit: 'app_exit',
  deadline: 'close_timeout',
  limit: 'drain_limit',
  peer: 'connection_reset',
}

/** `error.type` of a verdict; undefined for a connection that ended with our FIN and lost nothing. */
export function errorType({ ended, cause, delivery, error }: Verdict): string | undefined {
  if (ended === 'fin' && delivery !== 'lost') return undefined
  const { code } = (error ?? {}) as { code?: unknown }
  return errorTypes[cause] ?? (typeof code === 'string' ? code : '_OTHER')
}

/**
 * Counts every verdict of this process from now on, by `ended`, `by`, `cause` and `delivery`.
 *
 * With a meter of OpenTelemetry it also feeds the counter `finrst.connection.endings`, with these four as attributes
 * `finrst.…`, and `error.type` for a connection that did not end with a FIN. It keeps no process alive.
 * @param options.meter what `metrics.getMeter()` of `@opentelemetry/api` gives
 * @throws TypeError that names the argument, the value and what is allowed
 */
export function countVerdicts(options: { meter?: MeterLike } = {}): VerdictCounts {
  const { meter } = record('options', options)
  if (meter !== undefined && typeof meter?.createCounter !== 'function') {
    throw wrongType('meter', meter, 'a Meter of OpenTelemetry')
  }
  const counter = meter?.createCounter('finrst.connection.endings', {
    description: 'TCP connections that have ended, by how and why.',
    unit: '{connection}',
  })
  const counts = new Map<string, VerdictCount>()
  const count = (message: unknown): void => {
    const { verdict } = message as Ending
    const { ended, by, cause, delivery } = verdict
    const key = [ended, by, cause, delivery].join()
    const entry = counts.get(key) ?? { ended, by, cause, delivery, count: 0 }
    entry.count += 1
    counts.set(key, entry)
    if (counter === undefined) return
    const type = errorType(verdict)
    counter.add(1, {
      ...{ 'finrst.ended': ended, 'finrst.by': by, 'finrst.cause': cause, 'finrst.delivery': delivery },
      ...(type === undefined ? {} : { 'error.type': type }),
    })
  }
  verdicts.subscribe(count)
  const stop = (): void => void verdicts.unsubscribe(count)
  return {
    snapshot: () => [...counts.values()].map((entry) => ({ ...entry })).sort((a, b) => b.count - a.count),
    stop,
    [Symbol.dispose]: stop,
  }
}
