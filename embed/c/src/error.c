/* The last error of each thread, in words. */
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static _Thread_local char message[320];

const char *finrst_message(void) {
  return message;
}

int finrst_refuse(int code, const char *format, ...) {
  int kept = errno;
  va_list values;
  va_start(values, format);
  int prefix = snprintf(message, sizeof message, "finrst: ");
  vsnprintf(message + prefix, sizeof message - (size_t)prefix, format, values);
  va_end(values);
  errno = kept;
  return code;
}

const char *finrst_strerror(int code) {
  switch (code) {
    case FINRST_OK: return "no error";
    case FINRST_BAD_ARGUMENT: return "an argument is none that is allowed";
    case FINRST_BAD_SOCKET: return "the descriptor is no connected TCP socket";
    case FINRST_SYSTEM: return "the system refused a call; errno says why";
    case FINRST_NO_MEMORY: return "there is no memory for a guard";
    case FINRST_NOT_IN_TIME: return "it has not come in time";
    case FINRST_OTHERWISE: return "the connection ended otherwise than it was asked to";
    case FINRST_ENDED: return "the connection has ended";
    case FINRST_FORKED: return "the guard is the parent process's";
    case FINRST_NOT_SUPPORTED: return "this system has no way to do it";
    default: return "no error of finrst has this number";
  }
}
