// A host that records what the engine asks of it and answers as it was told, around the Wasm or its source.
import { COLUMN, ERROR, RESULT, STEP } from '../../adapters/core/names.js'
import { type Exports, type Loader, loadWasm } from '../../simulation/engine.ts'

/** What a step may come to. */
export const outcomes = ['done', 'pending', 'fails'] as const

// Steps whose result the engine looks at.
const tried = new Set(
  ['ARM', 'DISARM', 'DISCONNECT', 'CLOSE', 'SHUT_WRITE', 'RELEASE', 'RESET'].map((word) => STEP[word]),
)

/** The engine and its host: one event at a time, with chosen outcomes. */
export class Machine {
  readonly engine: Exports
  /** The steps of the last event, in order, and what each came to: an index of outcomes. */
  readonly calls: number[] = []
  readonly results: number[] = []
  /** The state that the last report gave out, or -1. */
  reported = -1
  reports = 0
  #choices: number[] = []
  #positions = 0
  #errno = 0
  readonly #peek: (address: number) => number

  constructor(load: Loader) {
    const { engine, peek } = load({
      setsockopt: (_socket, _level, _option, value) =>
        this.#answer((this.#peek(value) & 255) === 0 && this.#peek(value) === 0 ? (STEP.DISARM ?? 0) : (STEP.ARM ?? 0)),
      shutdown: () => this.#answer(STEP.SHUT_WRITE ?? 0),
      disconnect: () => this.#answer(STEP.DISCONNECT ?? 0),
      close: () => this.#answer(STEP.CLOSE ?? 0),
      request: (_socket, what, argument) => {
        if (what === STEP.REPORT) {
          this.reported = argument
          this.reports += 1
        }
        return this.#answer(what)
      },
    })
    this.engine = engine
    this.#peek = peek
  }

  #answer(step: number): number {
    let outcome = 0
    if (tried.has(step)) {
      outcome = this.#choices[this.#positions] ?? 0
      this.#positions += 1
    }
    this.calls.push(step)
    this.results.push(outcome)
    return outcome === 0 ? (RESULT.DONE ?? 0) : outcome === 1 ? (RESULT.PENDING ?? 1) : -this.#errno
  }

  /** Feeds one event; the steps that can fail come to these outcomes in order, and to `done` after them. */
  feed(context: number, state: number, event: number, facts: number, choices: number[]): number {
    this.calls.length = 0
    this.results.length = 0
    this.reported = -1
    this.reports = 0
    this.#choices = choices
    this.#positions = 0
    this.#errno = this.engine.column(context & 63, (COLUMN.ERRNO ?? 0) + (ERROR.NOT_CONNECTED ?? 0)) || 57
    return this.engine.on(1, context, state, event, facts)
  }

  /** How many steps of the last event could have failed. */
  get positions(): number {
    return this.#positions
  }
}

/** The committed Wasm as a machine. */
export const wasmMachine = (): Machine => new Machine(loadWasm)
