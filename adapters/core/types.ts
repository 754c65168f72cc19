// The public types of finrst: what a caller gives (a policy) and what a caller gets (a guard and its verdict).

/** A preset by name, or a preset with single answers changed. */
export type Policy = PresetName | PolicyOptions

/** The three presets: `compatible` (default), `strict` (all but a close aborts), `manual` (the OS decides). */
export type PresetName = 'compatible' | 'strict' | 'manual'

/** What {@link Guard.close} waits for before it gives its verdict. */
export type Confirm = 'none' | 'kernel' | 'acked' | 'peer'

/** What to do with what the peer still sends: throw it away, let its window close, or reset when more arrives. */
export type StopReceiving = 'discard' | 'hold' | 'refuse'

/** A preset and the answers that differ from it. All times are milliseconds, all sizes bytes. */
export interface PolicyOptions {
  /** The preset that the other fields override. Default `compatible`. */
  preset?: PresetName
  /** The socket is let go without a decision: `destroy()` without error, dispose. */
  onDrop?: 'close' | 'abort'
  /** The owner failed: `destroy(error)`, `fail()`, a throwing `run()`. */
  onFailure?: 'abort' | 'close'
  /** The process ends on purpose while the stream is not declared complete. */
  onExit?: 'abort' | 'close'
  /** The process dies without running our code: `abort` arms the socket at once. */
  onCrash?: 'abort' | 'leave'
  /** The peer half-closed. Default: `keep` if the socket has `allowHalfOpen`, else `close`. */
  onPeerFin?: 'keep' | 'close'
  /** Bytes have arrived that nobody read. */
  onUnread?: 'drain' | 'abort'
  /** A close did not finish in time. */
  onDeadline?: 'abort' | 'detach'
  /** What `close()` waits for. Default `acked` where that can be known, else `kernel`. */
  confirm?: Confirm
  /** Time for our data to leave, in milliseconds, 1 … 2147483647. Default 30 000. */
  flushMs?: number
  /** Longest silence while draining, in milliseconds, 1 … 2147483647. Default 5 000. */
  drainIdleMs?: number
  /** Total time draining, in milliseconds, 1 … 2147483647. Default 30 000. */
  drainMs?: number
  /** Most bytes read only to throw away, 0 … 2^53-1. Default 2 MiB. */
  drainBytes?: number
}

/** How one connection ended. Every guarded connection yields exactly one; it never claims more than was observed. */
export interface Verdict {
  /** What we put on the wire last: our FIN, a reset (ours or theirs), nothing, or not known. */
  ended: 'fin' | 'reset' | 'silent' | 'unknown'
  /** Who ended it. */
  by: 'us' | 'peer' | 'kernel' | 'unknown'
  /** What made it end. The first cause wins. */
  cause: 'close' | 'abort' | 'drop' | 'failure' | 'exit' | 'deadline' | 'limit' | 'peer' | 'error'
  /**
   * What became of our bytes: `confirmed` = the peer ended its side after our FIN was out and all was acknowledged;
   * `acked` = the peer's stack has everything; `handed` = our kernel has everything; `lost` = some were thrown away.
   */
  delivery: 'confirmed' | 'acked' | 'handed' | 'lost' | 'unknown'
  /** Bytes that we know the peer's stack did not take, where that can be known. */
  unsent?: number
  /**
   * How the other direction ended: the peer's FIN after all its bytes were read, its reset, or bytes we threw away.
   * With TLS it is complete by the peer's close_notify; a FIN without one, or one that was not seen, is `unknown`.
   */
  received: 'complete' | 'reset' | 'discarded' | 'unknown'
  /** The evidence of the platform cell that `ended` rests on. */
  certainty: 'measured' | 'documented' | 'assumed'
  /** The rule that decided; `explain(rule)` says why. */
  rule: string
  /** The error that was seen or given, if any. */
  error?: Error
}

/** One thing a runtime and OS can or cannot do for a guard, and the reason in words. */
export interface Capability {
  /** Whether it can be done. */
  can: boolean
  /** How, or why not. */
  why: string
}

/** What this runtime and OS can really do for this socket, and why not. */
export interface Capabilities {
  /** The death of the process, by any signal, resets the connection. */
  arm: Capability
  /** A reset can be sent on purpose. */
  abort: Capability
  /** The moment of the last close is ours: a duplicate of the descriptor is held. */
  hold: Capability
  /** Our FIN can be sent while receiving goes on. */
  halfClose: Capability
  /** Our direction outlives the peer's FIN: what is written before and after it still arrives. */
  sendAfterPeerFin: Capability
  /** The end of the peer's stream is told from a connection that merely ended: with TLS, by its close_notify. */
  seesPeerEnd: Capability
  /** `destroy()` with everything in the kernel ends the stream as `end()` does: with TLS, by our close_notify. */
  endsWhenDropped: Capability
  /** What the peer still sends can be read and thrown away. */
  drain: Capability
  /** Whether the peer's stack has acknowledged everything can be known. */
  acked: Capability
  /** SO_LINGER can be read and set. */
  linger: Capability
  /** The platform row consulted, such as `linux`. */
  platform: string
  /** The way to the OS: `koffi`, `node:ffi`, `Deno.dlopen`, `bun:ffi` or `none`. */
  backend: string
}

/** Options of {@link Guard.close}. */
export interface CloseOptions {
  /** Milliseconds until `onDeadline` decides, 1 … 2147483647. Without it the policy's own bounds hold. */
  within?: number
  /** What to wait for, instead of the policy's `confirm`. */
  confirm?: Confirm
}

/** Options of {@link Guard.finalise}. */
export interface FinaliseOptions {
  /** Milliseconds until `onDeadline` decides, 1 … 2147483647. */
  within?: number
  /** Most bytes handed back, 0 … 2^53-1. Default: the policy's `drainBytes`. */
  limit?: number
}

/** Options of `relay()`. Both connections are reset at every bound. */
export interface RelayOptions {
  /** How connections end that nobody guards yet. Default `compatible`; both sides stay half-open, whatever it says. */
  policy?: Policy
  /** Longest time in which no byte moves in either direction, in milliseconds, 1 … 2147483647. Default 600 000. */
  idleMs?: number
  /** Milliseconds for all of it, 1 … 2147483647. Default: no bound. */
  within?: number
  /**
   * Longest time that a peer's reset waits until the other peer's stack has what was read before it, in milliseconds,
   * 0 … 2147483647. Default 5 000; 0: it does not wait, and may overtake.
   */
  deliverMs?: number
  /** Resets both connections when it is aborted. */
  signal?: AbortSignal
}

/** Our hold on one connection. Disposing it without a decision is a drop. */
export interface Guard extends Disposable, AsyncDisposable {
  /** Ends gracefully: flush, FIN, drain until the peer's FIN, release. Repeating it changes nothing. */
  close(options?: CloseOptions): Promise<Verdict>
  /** Resets the connection. The reset has left when this returns; the promise is the verdict. */
  abort(reason?: unknown): Promise<Verdict>
  /** The owner failed: `onFailure` decides. */
  fail(error: unknown): Promise<Verdict>
  /**
   * A message has begun: until {@link completeMessage} the stream is incomplete, so that a death, an exit or a drop
   * resets, whatever `onDrop` says. For protocols that send several messages over one connection.
   */
  beginMessage(): void
  /**
   * Everything written so far is whole, although more may follow. Once it is in the kernel, and until
   * {@link beginMessage}, a death, an exit or a drop ends it with a FIN, whatever `onDrop` and `onExit` say.
   */
  completeMessage(): void
  /** Sends our FIN after everything written so far; receiving goes on. Rejects if the FIN could not be sent. */
  finishSending(): Promise<void>
  /** What SHUT_RD should have been, the same on every platform. Nothing goes on the wire at the call. */
  stopReceiving(how?: StopReceiving): void
  /** Closes and hands back what the peer still sends until its FIN. */
  finalise(options?: FinaliseOptions): Promise<{ rest: Uint8Array; verdict: Verdict }>
  /** Sets SO_LINGER in seconds on every platform; `null` turns it off. RangeError outside the platform's range. */
  setLinger(seconds: number | null): void
  /** SO_LINGER in seconds, or `null` if it is off. */
  linger(): number | null
  /** Bytes not yet acknowledged, the runtime's buffers included; `undefined` where it cannot be known. */
  unsent(): number | undefined
  /** Whether the death of the process would reset this connection. */
  readonly armed: boolean
  /** The one verdict of this connection. Never rejects. */
  readonly verdict: Promise<Verdict>
  /** What can really be done here, and why not. */
  readonly capabilities: Capabilities
}

/** Why a rule decides as it does. */
export interface Explanation {
  /** The id of the rule. */
  rule: string
  /** Its number. */
  number: number
  /** What it does, as a headline. */
  title: string
  /** Why it decides so. */
  why: string
  /** The RFC clause it rests on, if any. */
  clause?: string
  /** The table row it rests on, if any. */
  row?: string
}
