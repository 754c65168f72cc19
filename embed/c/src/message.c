/* Messages on a connection that carries several: a protocol that knows where one ends tells the guard.
 *
 * It decides nothing: between two messages the engine is told that the stream is complete, and a drop is taken for a
 * close; in the middle of one a drop is taken for an abort.
 */
#include "internal.h"

static void be_between(finrst *guard, bool complete) {
  guard->complete = complete;
  guard->context = complete ? guard->context & ~POLICY_DROP_ABORTS : guard->context | POLICY_DROP_ABORTS;
  bool armed = (guard->state & FLAG_ARMED) != 0;
  bool open = (guard->state & PHASE_MASK) == PHASE_OPEN;
  if (!open || armed == !complete || (guard->context & POLICY_CRASH_LEAVES) != 0) return;
  if (!finrst_still_ours(guard) || finrst_put_linger(guard, complete ? -1 : 0) != RESULT_DONE) return;
  guard->state = finrst_settle(guard->state, complete ? STEP_DISARM : STEP_ARM, RESULT_DONE);
}

void finrst_complete_if_flushed(finrst *guard) {
  if (!guard->completing || guard->writing > 0 || guard->owed > 0) return;
  guard->completing = false;
  be_between(guard, true);
}

int finrst_begin_message(finrst *guard) {
  int refused = finrst_lock(guard);
  if (refused != 0) return refused;
  guard->completing = false;
  be_between(guard, false);
  finrst_unlock(guard);
  return FINRST_OK;
}

int finrst_complete_message(finrst *guard) {
  int refused = finrst_lock(guard);
  if (refused != 0) return refused;
  guard->completing = true;
  finrst_complete_if_flushed(guard);
  finrst_unlock(guard);
  return FINRST_OK;
}
