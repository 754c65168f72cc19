// Walks a plan through the imports and folds each result back into the state. It holds no policy.
import {
  COLUMN_LINGER_OPTION, COLUMN_SOCKET_LEVEL, EVENT_FIN_SENT, EVENT_OS_ERROR,
  FACT_UNACKED, PLAN_STEP_BITS, PLAN_STEP_MASK, RESULT_DONE, RESULT_PENDING, STEP_ARM, STEP_CLOSE, STEP_DISARM,
  STEP_DISCONNECT, STEP_SHUT_WRITE,
} from "./abi";
import { buffer, encodeLinger } from "./buffer";
import { choose, steps } from "./engine";
import { normalise } from "./errno";
import { close, disconnect, request, setsockopt, shutdown } from "./host";
import { LINGER_OFF } from "./linger";
import { enterRule, settle } from "./record";
import { column } from "./table";

const SHUT_WR = 1;

/** Sets SO_LINGER on the host's socket; seconds, or LINGER_OFF. Answers 0 or a negative ERROR_*. */
export function setLinger(socket: i32, context: i32, seconds: i32): i32 {
  const size = encodeLinger(context, seconds);
  if (size < 0) return size;
  const level = column(context, COLUMN_SOCKET_LEVEL);
  return normalised(context, setsockopt(socket, level, column(context, COLUMN_LINGER_OPTION), buffer(), size));
}

function normalised(context: i32, result: i32): i32 {
  return result < 0 ? -normalise(context, -result) : result;
}

function perform(socket: i32, context: i32, state: i32, step: i32): i32 {
  switch (step) {
    case STEP_ARM: return setLinger(socket, context, 0);
    case STEP_DISARM: return setLinger(socket, context, LINGER_OFF);
    case STEP_SHUT_WRITE: return normalised(context, shutdown(socket, SHUT_WR));
    case STEP_DISCONNECT: return normalised(context, disconnect(socket));
    case STEP_CLOSE: return normalised(context, close(socket));
    default: return normalised(context, request(socket, step, state));
  }
}

/** One event in, the next state out; the calls are made on the way. */
export function on(socket: i32, context: i32, state: i32, event: i32, facts: i32): i32 {
  const rule = choose(context, state, event, facts);
  let plan = steps(context, state, facts, rule);
  let next = enterRule(context, state, event, facts, rule);
  let shut = RESULT_PENDING;
  while (plan != 0) {
    const step = plan & PLAN_STEP_MASK;
    plan >>>= PLAN_STEP_BITS;
    const result = perform(socket, context, next, step);
    next = settle(next, step, result);
    if (step == STEP_SHUT_WRITE) shut = result;
  }
  if (shut == RESULT_PENDING) return next;
  // A shutdown that completed at once is followed by its event, as an asynchronous host would send it later. What the
  // host saw before says nothing of a FIN just queued, or of a connection that is gone: it is not confirmed.
  const follows = shut == RESULT_DONE ? EVENT_FIN_SENT : EVENT_OS_ERROR;
  return on(socket, context, next, follows, facts | FACT_UNACKED);
}
