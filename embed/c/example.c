/* A server that sends a long answer and sometimes fails in the middle: the peer can tell, because a failure is a reset.
 *
 *     make BUILD=/tmp/finrst programs && /tmp/finrst/example
 */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "finrst.h"

/* Sends a thousand rows, or fails at the five hundredth. */
static int answer(int fd) {
  finrst *guard; /* from here on death is a reset */
  if (finrst_guard(fd, NULL, &guard) != 0) return -1;
  char wish[16] = "", row[16], line[200];
  int failed = finrst_read(guard, wish, sizeof wish - 1) < 0;
  for (int i = 0; i < 1000 && !failed; i++) {
    int size = snprintf(row, sizeof row, "row %4d\n", i);
    failed = finrst_write(guard, row, (size_t)size) != size || (strcmp(wish, "fail") == 0 && i == 500);
  }
  finrst_verdict verdict;
  if (failed) finrst_fail(guard, EIO, &verdict); /* a reset: this is not the whole answer */
  else finrst_close(guard, 5000, &verdict);      /* every byte, then our FIN */
  finrst_format_verdict(&verdict, line, sizeof line);
  printf("  the server knows:  %s\n", line);
  finrst_release(&guard); /* drains what the peer still sends */
  return failed;
}

static void *serve(void *listener) {
  for (int i = 0; i < 2; i++) answer(accept(*(int *)listener, NULL, NULL));
  return NULL;
}

/* What a plain client makes of the answer. */
static void ask(const struct sockaddr_in *server, const char *wish) {
  char buffer[4096];
  long all = 0;
  ssize_t count;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0) exit(1);
  printf("wish: %s\n", wish);
  if (send(fd, wish, strlen(wish), 0) < 0) exit(1);
  while ((count = recv(fd, buffer, sizeof buffer, 0)) > 0) all += count;
  if (count == 0) printf("  the client reads:  %ld bytes and end of file: complete\n", all);
  else printf("  the client reads:  %ld bytes and a reset: this is not the whole answer\n", all);
  close(fd);
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 2) != 0) return 1;
  if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) return 1;
  pthread_t server;
  if (pthread_create(&server, NULL, serve, &listener) != 0) return 1;
  ask(&address, "all");
  ask(&address, "fail");
  pthread_join(server, NULL);
  close(listener);
  return 0;
}
