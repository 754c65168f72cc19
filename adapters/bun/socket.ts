// net.Socket as Bun has it.
import { readsReset } from '../net/bare.js'
import type { NetHost } from '../net/host.js'
import { whenHandleGoes } from '../net/sent.js'
import type { Internals } from '../net/stream.js'
import { httpSockets } from './http.js'
import { findDescriptor, keepDescriptor, readDescriptor, strangerOf } from './descriptor.js'
import { watchExit } from './exit.js'
import { platform } from './platform.js'

const plainHost: NetHost = {
  kind: {
    reset: 'resetAndDestroy() of the runtime',
    sendAfterPeerFin: { can: true, why: 'the runtime goes on sending' },
    drains: {
      held: 'the runtime reads, and the duplicate after it has closed',
      bare: 'the runtime reads until it is destroyed',
    },
  },
  platform,
  // Every connection has a handle of the same class: with its descriptor the kernel tells what it is, unless it has no
  // address, which those that a server has accepted are not asked for.
  stranger: (socket) => {
    const isAsked = platform().libc === undefined || (!socket.server && socket.localAddress === undefined)
    return isAsked ? strangerOf(socket) : undefined
  },
  past: httpSockets,
  find: findDescriptor,
  read: readDescriptor,
  keep: keepDescriptor,
  hidesReset: ({ _handle }) => readsReset(_handle?.fd),
  resetWhenDestroyed: (socket) => {
    ;(socket as Internals & { resetAndClosing: boolean }).resetAndClosing = true
  },
  // Bun tells only that a write is under way.
  queued: () => undefined,
  // A socket that Bun closes by itself loses its handle too, and its events come right after.
  whenSent: (socket, then) => whenHandleGoes(socket, () => void setImmediate(then)),
  watchExit,
}

const secureHost: NetHost = {
  ...plainHost,
  kind: {
    ...plainHost.kind,
    seesPeerEnd: { can: false, why: 'Bun tells the same end of file with close_notify and without' },
    endsWhenDropped: { can: false, why: 'Bun does not tell when close_notify is in the kernel' },
  },
  tls: { notified: () => false, peerIsGone: () => false },
}

/** Bun, as the guard of a node:net socket sees it. */
export const netHost: NetHost = { ...plainHost, secure: secureHost }
