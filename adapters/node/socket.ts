// net.Socket as Node has it.
import type { SocketKind } from '../core/capabilities.js'
import { readDescriptor, readsReset } from '../net/bare.js'
import type { NetHost } from '../net/host.js'
import type { Internals } from '../net/stream.js'
import { findDescriptor, keepDescriptor } from './descriptor.js'
import { watchExit } from './exit.js'
import { platform } from './platform.js'

const kind: SocketKind = {
  reset: 'resetAndDestroy() of the runtime',
  sendAfterPeerFin: { can: true, why: 'the runtime goes on sending' },
  drains: {
    held: 'the runtime reads, and the duplicate after it has closed',
    bare: 'the runtime reads until it is destroyed',
  },
}

const tcpOnly = (name: string | undefined): string | undefined => (name === 'TCP' ? undefined : `a ${name}`)

const plainHost: NetHost = {
  kind,
  platform,
  stranger: ({ _handle }) => tcpOnly(_handle?.constructor.name),
  find: findDescriptor,
  ...(process.platform === 'win32' ? {} : { tellsDescriptor: true }),
  read: readDescriptor,
  keep: keepDescriptor,
  hidesReset: ({ _handle }) => readsReset(_handle?.fd),
  resetWhenDestroyed: (socket) => {
    ;(socket as Internals & { resetAndClosing: boolean }).resetAndClosing = true
  },
  queued: ({ _handle }) => _handle?.writeQueueSize ?? 0,
  watchExit,
}

// TLS over a connection: the handle of the connection lies below the one of TLS.
const secureHost: NetHost = {
  ...plainHost,
  kind: { ...kind, reset: undefined },
  stranger: ({ _handle }) => tcpOnly(_handle?._parent?.constructor.name),
  // resetAndDestroy() throws here: there is no reset to ask for.
  resetWhenDestroyed: () => {},
  queued: () => undefined,
  tls: {
    holds: ({ _handle }, said) =>
      (_handle?._parent?.writeQueueSize ?? 0) > 0 || (!said && (_handle?.writeQueueSize ?? 0) > 0),
    notified: ({ _handle }) => {
      const below = _handle?._parent
      if (below?.readStart === undefined || below.readStop === undefined) return false
      // close_notify lies in what was read, so the connection is still being read, or was stopped by the owner since.
      // At the connection's own end of file libuv has stopped reading by itself: then it starts anew.
      if (below.readStart() !== 0) return true
      below.readStop()
      return _handle?.reading === false
    },
    peerIsGone: ({ _handle }) => _handle?.getpeername?.({}) !== 0,
  },
}

/** Node, as the guard of a node:net socket sees it. */
export const netHost: NetHost = { ...plainHost, secure: secureHost }
