/* Reads the requests that a testee gets: one line of JSON, by jsmn, and the policy in it. */
#ifndef FINRST_REQUEST_H
#define FINRST_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../finrst.h"

#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
#include "jsmn.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#define TOKENS_MOST 256
#define LINE_MOST (1 << 16)

/* The line that is being read; its strings are ended in place. */
static char line[LINE_MOST];
static jsmntok_t tokens[TOKENS_MOST];
static int token_count;

/* Reads the line; false: it is no JSON. */
static bool parse_line(void) {
  jsmn_parser parser;
  jsmn_init(&parser);
  token_count = jsmn_parse(&parser, line, strlen(line), tokens, TOKENS_MOST);
  return token_count > 0;
}

/* The value of a key in an object, by the number of its token; -1: it is not there. */
static int find(int object, const char *key) {
  for (int i = object + 1; i + 1 < token_count; i++) {
    const jsmntok_t *token = &tokens[i];
    size_t size = (size_t)(token->end - token->start);
    if (token->parent == object && token->size == 1 && strlen(key) == size &&
        memcmp(line + token->start, key, size) == 0)
      return i + 1;
  }
  return -1;
}

static const char *text(int token, const char *otherwise) {
  if (token < 0 || tokens[token].type != JSMN_STRING) return otherwise;
  line[tokens[token].end] = 0; /* there stood the quote */
  return line + tokens[token].start;
}

static long number(int token, long otherwise) {
  if (token < 0 || tokens[token].type != JSMN_PRIMITIVE || line[tokens[token].start] == 'n') return otherwise;
  return strtol(line + tokens[token].start, NULL, 10);
}

static bool is_true(int token) {
  return token >= 0 && line[tokens[token].start] == 't';
}

/* The answers of a policy live as long as the testee. */
static const char *kept(int token) {
  const char *word = text(token, NULL);
  return word == NULL ? NULL : strdup(word);
}

static void read_policy(int object, finrst_policy *policy) {
  if (object < 0) return;
  struct {
    const char *name;
    const char **answer;
  } words[] = {
      {"onDrop", &policy->on_drop},         {"onFailure", &policy->on_failure},  {"onExit", &policy->on_exit},
      {"onCrash", &policy->on_crash},       {"onPeerFin", &policy->on_peer_fin}, {"onUnread", &policy->on_unread},
      {"onDeadline", &policy->on_deadline}, {"confirm", &policy->confirm},
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    int found = find(object, words[i].name);
    if (found >= 0) *words[i].answer = kept(found);
  }
  policy->flush_ms = (int)number(find(object, "flushMs"), 0);
  policy->drain_idle_ms = (int)number(find(object, "drainIdleMs"), 0);
  policy->drain_ms = (int)number(find(object, "drainMs"), 0);
  long bytes = number(find(object, "drainBytes"), -1);
  policy->drain_bytes = bytes < 0 ? 0 : bytes == 0 ? FINRST_NO_BYTES : bytes;
}

#endif
