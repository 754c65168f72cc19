// Who waits for our FIN, and what they are told when it is out or will never be.
import type { Verdict } from './types.js'

interface Waiter {
  resolve: () => void
  reject: (error: Error) => void
}

/** Everybody who waits for the FIN of one connection. */
export class FinWaiters {
  #waiters: Waiter[] = []

  /** Settles with {@link settle}. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
    })
  }

  /** The FIN is out, or the connection has ended without one, and the verdict says why. */
  settle(out: boolean, verdict: Promise<Verdict>): void {
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (out) resolve()
      else
        void verdict.then(({ cause }) =>
          reject(new Error(`finrst: our FIN was not sent: the connection ended by ${cause}`)),
        )
    }
  }
}
