// The shapes of the vectors of spec/vectors, and of the words that they are written in.

/** What a connection has come to, in the words of spec/abi.json; a field that is missing is zero. */
export interface StateWords {
  /** PHASE_*. */
  phase: string
  /** FLAG_*. */
  flags?: string[]
  /** How receiving was stopped, RECEIVE_*. */
  receive?: string
  /** The event that was the cause, EVENT_*. */
  cause?: string
  /** ENDED_*. */
  ended?: string
  /** BY_*. */
  by?: string
  /** DELIVERY_*. */
  delivery?: string
  /** RECEIVED_*. */
  received?: string
}

/** Platform, capabilities and policy. */
export interface ContextWords {
  /** An id of spec/platforms, with a dash and the machine where that has a row of its own. */
  platform: string
  /** Whether the machine keeps the largest byte of a number first. */
  bigEndian?: boolean
  /** CAN_*, what the host can do. */
  can?: string[]
  /** POLICY_*, the answers that are not the first. */
  policy?: string[]
  /** What a close waits for, CONFIRM_*. */
  confirm?: string
}

interface VectorBase {
  /** Given once, and never again. */
  id: string
  /** What it shows, as a fact. */
  title: string
  /** The clause of an RFC that demands it. */
  clause?: string
}

/** Given a state, an event: the plan, and what becomes of the state when every step succeeds. */
export interface DecisionVector extends VectorBase {
  /** The id of the rule that fires. */
  rule: string
  /** Platform, capabilities and policy. */
  context: ContextWords
  /** The state before. */
  state: StateWords
  /** EVENT_*. */
  event: string
  /** FACT_*. */
  facts: string[]
  /** What the event carries. */
  argument?: string
  /** STEP_*, in order. */
  plan: string[]
  /** The state when every step has succeeded. */
  becomes: StateWords
}

/** Seconds (null: off), and the bytes of the option that say so. */
export interface LingerVector extends VectorBase {
  /** The platform. */
  context: ContextWords
  /** How long to linger; null: the option is off. */
  seconds: number | null
  /** The struct in hexadecimal, or `out of range`. */
  bytes: string
  /** SOL_SOCKET of the platform. */
  level: number
  /** SO_LINGER of the platform, or what it has for seconds. */
  option: number
}

/** A platform's errno, and what it means. */
export interface ErrnoVector extends VectorBase {
  /** The platform. */
  context: ContextWords
  /** The number of the platform, positive. */
  errno: number
  /** ERROR_*, what it means. */
  error: string
}

/** One decision, one struct linger or one errno; the field that it has tells its kind. */
export type Vector = DecisionVector | LingerVector | ErrnoVector
