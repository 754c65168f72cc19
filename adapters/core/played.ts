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

/** It was closed when all was whole, the peer has reset it, it went on in other hands, or we exit in the middle. */
export type Ending = 'closed' | 'reset' | 'handed on' | 'exit'

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
  else if (ending === 'exit') guard.exit(false)
  else guard.closeUnawaited()
  for (const event of [EVENT_FLUSHED, ending === 'reset' ? EVENT_PEER_RESET : EVENT_RUNTIME_CLOSED]) guard.emit(event)
  if (verdict === undefined) throw new Error(`finrst: the engine has no verdict of what was ${ending}`)
  return verdict
}

/** Whether the engine arms a connection as it opens, resets it at an exit in the middle, and closes it with a FIN. */
export function isOrdinary(policy: ParsedPolicy, contextBits: number, capabilities: Capabilities): boolean {
  const guard = new ConnectionGuard(wireOf(contextBits, capabilities), policy)
  guard.open()
  const arms = guard.armed
  guard.letGo()
  const ended = (ending: Ending): Verdict['ended'] => playedVerdict(ending, policy, contextBits, capabilities).ended
  return arms && ended('exit') === 'reset' && ended('closed') === 'fin'
}
