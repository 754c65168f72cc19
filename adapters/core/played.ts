// The verdict of a connection that ends as many others do and has no guard: its events are played to the engine.
import {
  CAN_HOLD,
  EVENT_FLUSHED,
  EVENT_PEER_RESET,
  EVENT_RUNTIME_CLOSED,
  FACT_UNACKED,
  RESULT_DONE,
} from '../../assembly/abi.js'
import { ConnectionGuard } from './guard.js'
import type { ParsedPolicy } from './policy.js'
import type { Capabilities, Verdict } from './types.js'
import type { Wire } from './wire.js'

/** An ending: it was closed when everything was whole, or the peer has reset it, or it went on in other hands. */
export type Ending = 'closed' | 'reset' | 'handed on'

const done = (): number => RESULT_DONE
const nothing = (): undefined => undefined

// Every call succeeds, nothing is known to have been acknowledged, and nothing outlives the close of the runtime.
function wireOf(contextBits: number, capabilities: Capabilities): Wire {
  return {
    ...{ isPlayed: true, capabilities, socket: {}, contextBits: contextBits & ~CAN_HOLD },
    ...{ setsockopt: done, getsockopt: done, shutdown: done, disconnect: done, close: done, request: done },
    ...{ facts: () => FACT_UNACKED, unsent: nothing, lastUnsent: nothing, unheard: nothing, acked: () => false },
    ...{ whenFlushed: (then) => then(), over: nothing, awaited: nothing },
  }
}

/** What the engine says of an ending under that policy; `contextBits` are the platform's and what can be done on it. */
export function playedVerdict(
  ending: Ending,
  policy: ParsedPolicy,
  contextBits: number,
  capabilities: Capabilities,
): Verdict {
  const guard = new ConnectionGuard(wireOf(contextBits, capabilities), policy)
  let verdict: Verdict | undefined
  const judged = (given: Verdict): void => {
    verdict = given
  }
  guard.observer = { judged, declared: nothing, completed: nothing, draining: nothing, drained: nothing, over: nothing }
  guard.open()
  if (ending === 'handed on') guard.letGo()
  else guard.closeUnawaited()
  for (const event of [EVENT_FLUSHED, ending === 'reset' ? EVENT_PEER_RESET : EVENT_RUNTIME_CLOSED]) guard.emit(event)
  if (verdict === undefined) throw new Error(`finrst: the engine has no verdict of what was ${ending}`)
  return verdict
}
