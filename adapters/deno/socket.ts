// net.Socket as Deno has it.
import { readDescriptor } from '../net/bare.js'
import type { NetHost } from '../net/host.js'
import type { Handle, Internals } from '../net/stream.js'
import { findBelow, findDescriptor, keepDescriptor } from './descriptor.js'
import { watchExit } from './exit.js'
import { LentDescriptor } from './lent.js'
import { platform } from './platform.js'

const tcpOnly = (handle: Handle | null | undefined): string | undefined => {
  const name = handle?.constructor.name.replace(/Wrap$/, '')
  return name === 'TCP' ? undefined : `a ${name}`
}

const plainHost: NetHost = {
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
  stranger: ({ _handle }) => tcpOnly(_handle),
  find: findDescriptor,
  lend: (socket) => new LentDescriptor(socket),
  read: readDescriptor,
  keep: keepDescriptor,
  hidesReset: () => false,
  resetWhenDestroyed: (socket) => {
    ;(socket as Internals & { _resetAndClosing: boolean })._resetAndClosing = true
  },
  // Deno tells only that a write is under way.
  queued: () => undefined,
  // Whoever asks for a descriptor of it sends it; then Deno destroys the socket here.
  whenSent: ({ _handle }, then) => {
    if (_handle?.fdForIpc === undefined) return () => {}
    const { fdForIpc } = _handle
    Object.assign(_handle, {
      fdForIpc: () => {
        then()
        return Reflect.apply(fdForIpc, _handle, [])
      },
    })
    return () => Reflect.deleteProperty(_handle, 'fdForIpc')
  },
  watchExit,
}

// TLS over a connection: the handle of the connection lies below the one of TLS.
const secureHost: NetHost = {
  ...plainHost,
  stranger: ({ _handle }) => tcpOnly(_handle?._parent),
  find: findBelow,
  kind: {
    ...plainHost.kind,
    reset: undefined,
    seesPeerEnd: { can: false, why: 'Deno tells the same end of file with close_notify and without' },
    endsWhenDropped: { can: false, why: 'Deno does not tell when close_notify is in the kernel' },
  },
  resetWhenDestroyed: () => {},
  // With EPERM.
  refusesEmptyWrite: true,
  tls: { notified: () => false, peerIsGone: ({ _handle }) => _handle?._parent?.getpeername?.({}) !== 0 },
}

/** Deno, as the guard of a node:net socket sees it. */
export const netHost: NetHost = { ...plainHost, secure: secureHost }
