// Closes servers when the process is asked to end: the first signal closes, a second one aborts at once.
import { record, wrongType } from '../core/check.js'
import type { CloseServerOptions, ServerGuard, Summary } from '../core/server-types.js'

/** Options of {@link closeOnSignals}. */
export interface SignalOptions extends CloseServerOptions {
  /** The signals that ask for the end. Default SIGTERM and SIGINT. */
  signals?: readonly NodeJS.Signals[]
}

/**
 * Waits for a signal and closes the servers; a second signal, whichever, aborts them at once.
 *
 * It resolves when every connection has ended, and lets go of the signals then; it does not end the process, which has
 * nothing left to do if the servers were all it had.
 * @throws TypeError that names the argument, the value and what is allowed
 */
export function closeOnSignals(
  guards: ServerGuard | readonly ServerGuard[],
  options: SignalOptions = {},
): Promise<Summary[]> {
  const { signals = ['SIGTERM', 'SIGINT'], ...bounds } = record('options', options)
  const all = Array.isArray(guards) ? (guards as readonly ServerGuard[]) : [guards as ServerGuard]
  for (const it of all) if (typeof it?.close !== 'function') throw wrongType('guards', it, 'what guardServer() gave')
  if (!Array.isArray(signals) || signals.length === 0) throw wrongType('options.signals', signals, 'names of signals')
  return new Promise((resolve, reject) => {
    let asked = false
    const onSignal = (): void => {
      if (asked) {
        for (const it of all) void it.abort()
        return
      }
      asked = true
      Promise.all(all.map((it) => it.close(bounds)))
        .then(resolve, reject)
        .finally(() => {
          for (const name of signals) process.off(name, onSignal)
        })
    }
    for (const name of signals) process.on(name, onSignal)
  })
}
