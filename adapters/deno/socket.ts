// net.Socket as Deno has it.
import type { NetHost } from '../net/host.js'
import type { Internals } from '../net/stream.js'
import { findDescriptor, keepDescriptor, readDescriptor } from './descriptor.js'
import { rememberGuard } from './exit.js'
import { platform } from './platform.js'

/** Deno, as the guard of a node:net socket sees it. */
export const netHost: NetHost = {
  kind: {
    reset: 'resetAndDestroy() of the runtime',
    sendAfterPeerFin: {
      can: false,
      why: 'Deno ends a write that waits when the peer half-closes, with EPIPE; it is a reset then',
    },
    drains: {
      held: 'the runtime reads, and the duplicate after it has closed',
      bare: 'the runtime reads until it is destroyed',
    },
  },
  platform,
  stranger: ({ _handle }) => {
    const name = _handle?.constructor.name.replace(/Wrap$/, '')
    return name === 'TCP' ? undefined : `a ${name}`
  },
  find: findDescriptor,
  read: readDescriptor,
  keep: keepDescriptor,
  hidesReset: () => false,
  resetWhenDestroyed: (socket) => {
    ;(socket as Internals & { _resetAndClosing: boolean })._resetAndClosing = true
  },
  // Deno tells only that a write is under way.
  queued: () => undefined,
  remember: rememberGuard,
}
