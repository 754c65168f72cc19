// What whoever keeps many guards, such as a server, wants to know of one of them while it lives.
import type { Verdict } from './types.js'

/** Told synchronously, in the order of events. */
export interface Observer {
  /** Everything written so far is whole, says its owner or its protocol. */
  declared(): void
  /** And now it is in the kernel. */
  completed(): void
  /** Our FIN is out, and what the peer still sends is read and thrown away. */
  draining(): void
  /** So many bytes of it. */
  drained(bytes: number): void
  /** The verdict is given. */
  judged(verdict: Verdict): void
  /** Nothing is held any more; the verdict has been given. */
  over(): void
}
