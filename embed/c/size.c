/* Accepts, answers and ends one connection, guarded or bare: what the two programs differ by is what a guard adds. */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <sys/socket.h>
#include <unistd.h>

#include "finrst.h"

int main(void) {
  int fd = accept(0, NULL, NULL);
#if defined(GUARDED)
  finrst *guard;
  if (finrst_guard(fd, NULL, &guard) != 0 || finrst_write(guard, "answer", 6) != 6) return 1;
  int answer = finrst_close(guard, 5000, NULL);
  finrst_release(&guard);
  return answer;
#else
  return write(fd, "answer", 6) != 6 || close(fd) != 0;
#endif
}
