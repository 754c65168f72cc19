// Notices when a listener of an event fails, and leaves the failure to go where it goes without us.
//
// 1. A listener that throws: the exception passes through, to whoever emitted the event.
// 2. An async listener that rejects: nobody holds its promise, so the rejection is unhandled, as before.
// 3. An emitter that captures rejections handles them itself: its listeners are left alone.
import { EventEmitter } from 'node:events'
import { types } from 'node:util'

type Listener = (...values: unknown[]) => unknown
type Failed = (event: string, error: unknown, values: readonly unknown[]) => void

const capture = Object.getOwnPropertySymbols(new EventEmitter()).find(({ description }) => description === 'kCapture')
const watched = new WeakSet<Listener>()

const captures = (emitter: EventEmitter): boolean =>
  capture !== undefined && (emitter as unknown as Record<symbol, unknown>)[capture] === true

/** What wraps a listener and is removed with it; of `once` it is the runtime's own. */
const isOnce = (listener: Listener): boolean => (listener as { listener?: Listener }).listener !== undefined

function watch(listener: Listener, event: string, failed: Failed): Listener {
  const wrapper = function (this: unknown, ...values: unknown[]): unknown {
    const result = Reflect.apply(listener, this, values)
    // Nothing but a promise is asked: a lazy thenable would begin its work.
    if (typeof result === 'object' && types.isPromise(result)) {
      void result.then(undefined, (error: unknown) => {
        failed(event, error, values)
        throw error
      })
    }
    return result
  }
  watched.add(wrapper)
  return Object.assign(wrapper, { listener })
}

/** Has every listener of the event tell when the promise that it returned rejects. */
export function watchRejections(emitter: EventEmitter, event: string, failed: Failed): void {
  // One listener that is watched already, as ever: nothing need be copied to see it.
  const { _events: events } = emitter as { _events?: Record<string, unknown> }
  const only = events?.[event]
  if (typeof only === 'function' && watched.has(only as Listener)) return
  const listeners = emitter.rawListeners(event) as Listener[]
  if (listeners.every((it) => watched.has(it) || isOnce(it)) || captures(emitter)) return
  emitter.removeAllListeners(event)
  for (const it of listeners) emitter.on(event, watched.has(it) || isOnce(it) ? it : watch(it, event, failed))
}
