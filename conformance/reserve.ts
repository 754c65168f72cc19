// Keeps programs of ours that have served a script for the next one: to start them took most of the time of a run.
//
// 1. A script cannot tell: who serves again has just said that nothing is left of before, and was silent since.
// 2. Who was part of a script that did not come to its end, died, or did not answer is stopped and never comes back.
// 3. A testee is never kept: it is somebody else's, and what becomes of its process is what scripts are about.
import { Deadline } from './attempt.js'
import { LineProcess, type Listener } from './line-process.js'

/** How long it may take to become as new; who takes longer is replaced. */
const renewMs = 5000

/** Whether nothing is left of what was before. Who cannot say so in time is not to be trusted. */
const isAsNew = async (kept: LineProcess): Promise<boolean> => {
  if (!kept.usable) return false
  // What comes before its answer is still about what was before; whoever speaks after it has something left.
  const notice = (): void => {
    if (kept.usable) kept.break('spoke when no script was played')
  }
  kept.serve('kept process', { notice, trace: () => undefined })
  try {
    await new Deadline(renewMs).ask(kept, { do: 'renew' }, 'it is as new')
  } catch {
    return false
  }
  return kept.usable
}

/** Processes of one program, for one script after the other. */
export class Reserve {
  #idle: LineProcess[] = []
  #stopped = false

  /** The program and its arguments; it has to know the request `renew`. */
  constructor(readonly command: readonly string[]) {}

  /** One that is as new; with `untouched` one that has never served. Rejects with an `EnvironmentError`. */
  async take(name: string, listener: Listener, untouched = false): Promise<LineProcess> {
    for (;;) {
      const kept = untouched ? undefined : this.#idle.pop()
      if (!kept) return LineProcess.start(name, this.command, listener)
      if (await isAsNew(kept)) {
        kept.serve(name, listener)
        return kept
      }
      await kept.kill()
    }
  }

  /** Takes it back after a script; `whole`: the script came to its end. */
  async give(process: LineProcess, whole: boolean): Promise<void> {
    if (whole && (await isAsNew(process)) && !this.#stopped) this.#idle.push(process)
    else await process.stop()
  }

  /** Stops all that are kept; from now on none is. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#idle.splice(0).map((kept) => kept.stop()))
  }
}
