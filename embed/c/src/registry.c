/* The guards of a process, by descriptor: what its end and a fork are for each of them.
 *
 * 1. Death without code of ours is covered by arming; what is here covers exit() and a return from main.
 * 2. A forked child shares the connections and owns none of them: it closes its copies, and the parent decides.
 * 3. A guard is never locked by who holds the registry, only tried: nothing can hang here.
 */
#include "internal.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#define TRIES 1000

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static finrst **guards; /* by the number of their descriptor */
static int guards_size;

int finrst_lock(finrst *guard) {
  if (guard == NULL) return finrst_refuse(FINRST_BAD_ARGUMENT, "guard is NULL; expected what finrst_guard() gave");
  if (atomic_load(&guard->forked)) {
    return finrst_refuse(FINRST_FORKED,
                         "the guard is the parent process's; guard the descriptor after the fork, in the child");
  }
  pthread_mutex_lock(&guard->mutex);
  return FINRST_OK;
}

void finrst_unlock(finrst *guard) {
  pthread_mutex_unlock(&guard->mutex);
}

/* Another thread that holds a guard lets it go within microseconds; one that was stopped inside never does. */
static bool try_lock(finrst *guard) {
  for (int i = 0; i < TRIES; i++) {
    if (pthread_mutex_trylock(&guard->mutex) == 0) return true;
    sched_yield();
  }
  return false;
}

static void at_exit(void) {
  pthread_mutex_lock(&registry);
  for (int i = 0; i < guards_size; i++) {
    if (guards[i] == NULL || !try_lock(guards[i])) continue;
    finrst_emit(guards[i], EVENT_EXITING, 0);
    finrst_unlock(guards[i]);
  }
  pthread_mutex_unlock(&registry);
}

static void before_fork(void) {
  pthread_mutex_lock(&registry);
}

static void in_parent(void) {
  pthread_mutex_unlock(&registry);
}

/* Another thread may have been inside of a guard: the child must not wait for it, and trusts only the descriptor. */
static void in_child(void) {
  for (int i = 0; i < guards_size; i++) {
    finrst *guard = guards[i];
    guards[i] = NULL;
    if (guard == NULL) continue;
    atomic_store(&guard->forked, true);
    if (finrst_still_ours(guard)) close(guard->fd);
    guard->fd = -1;
  }
  pthread_mutex_unlock(&registry);
}

static void prepare(void) {
  atexit(at_exit);
  pthread_atfork(before_fork, in_parent, in_child);
}

static int grow(int number) {
  if (number < guards_size) return FINRST_OK;
  int size = number < 32 ? 64 : number * 2;
  finrst **more = realloc(guards, (size_t)size * sizeof *more);
  if (more == NULL) return finrst_refuse(FINRST_NO_MEMORY, "there is no memory for a guard of descriptor %d", number);
  for (int i = guards_size; i < size; i++) more[i] = NULL;
  guards = more;
  guards_size = size;
  return FINRST_OK;
}

int finrst_register(finrst *guard) {
  pthread_once(&once, prepare);
  pthread_mutex_lock(&registry);
  int refused = grow(guard->number);
  /* What is asked of the other guard needs no lock: its number goes before the descriptor is closed, the rest stays. */
  finrst *other = refused == 0 ? guards[guard->number] : NULL;
  if (other != NULL && finrst_still_ours(other)) {
    refused = finrst_refuse(FINRST_BAD_ARGUMENT,
                            "fd is %d, which is guarded already; expected one guard for a connection", guard->number);
  }
  if (refused == 0) guards[guard->number] = guard;
  pthread_mutex_unlock(&registry);
  return refused;
}

void finrst_unregister(finrst *guard) {
  pthread_mutex_lock(&registry);
  if (guards[guard->number] == guard) guards[guard->number] = NULL;
  pthread_mutex_unlock(&registry);
}
