// The one verdict of a connection and our FIN, and who waits for them. Made when somebody asks: mostly nobody does.
import type { Verdict } from './types.js'

interface Waiter {
  resolve: () => void
  reject: (error: Error) => void
}

/** What is awaited of one connection. */
export class Judgement {
  readonly verdict: Promise<Verdict>
  /** Gives the verdict out. */
  give: (verdict: Verdict) => void = () => {}
  #waiters: Waiter[] = []

  /** @param given the verdict, if it was given already */
  constructor(given: Verdict | undefined) {
    this.verdict = new Promise((resolve) => {
      this.give = resolve
    })
    if (given !== undefined) this.give(given)
  }

  /** Resolves when our FIN is out, and rejects if the connection ends without. */
  fin(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  /** Our FIN is out, or will never be. */
  settleFin(out: boolean): void {
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (out) resolve()
      else
        void this.verdict.then(({ cause }) =>
          reject(new Error(`finrst: our FIN was not sent: the connection ended by ${cause}`)),
        )
    }
  }
}
