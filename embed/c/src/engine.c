/* Makes the one instance of the engine, and calls it.
 *
 * 1. The engine reads its memory and writes it nowhere but in encodeLinger's buffer, so that threads share the
 * instance: only the two calls that use the buffer stand behind a mutex.
 * 2. Everything that wasm2c wrote is part of this file, and of no other.
 */
#include "internal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "../wasm/module.h"

static Z_finrst_instance_t instance;
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t buffer_mutex = PTHREAD_MUTEX_INITIALIZER;

static void finrst_engine_trapped(const char *why) {
  fprintf(stderr, "finrst: the engine trapped: %s\n", why);
  abort();
}

static void load(void) {
  /* The runtime takes a page and does not ask whether it got it. */
  void *page = malloc(65536);
  if (page == NULL) return;
  free(page);
  wasm_rt_init();
  Z_finrst_init_module();
  Z_finrst_instantiate(&instance);
  loaded = true;
}

bool finrst_engine_load(void) {
  return pthread_once(&once, load) == 0 && loaded;
}

int32_t finrst_decide(int32_t context, int32_t state, int32_t event, int32_t facts) {
  return (int32_t)Z_finrstZ_decide(&instance, (u32)context, (u32)state, (u32)event, (u32)facts);
}

int32_t finrst_enter(int32_t context, int32_t state, int32_t event, int32_t facts) {
  return (int32_t)Z_finrstZ_enter(&instance, (u32)context, (u32)state, (u32)event, (u32)facts);
}

int32_t finrst_settle(int32_t state, int32_t step, int32_t result) {
  return (int32_t)Z_finrstZ_settle(&instance, (u32)state, (u32)step, (u32)result);
}

int32_t finrst_certainty(int32_t context, int32_t state) {
  return (int32_t)Z_finrstZ_certainty(&instance, (u32)context, (u32)state);
}

int32_t finrst_normalise(int32_t context, int32_t number) {
  return (int32_t)Z_finrstZ_normalise(&instance, (u32)context, (u32)number);
}

int32_t finrst_column(int32_t row, int32_t which) {
  return (int32_t)Z_finrstZ_column(&instance, (u32)row, (u32)which);
}

int32_t finrst_version(void) {
  return (int32_t)Z_finrstZ_version(&instance);
}

/* Byte `index` of the buffer. On big-endian machines wasm2c keeps the memory backwards. */
static u8 *buffer_byte(size_t index) {
  wasm_rt_memory_t *memory = Z_finrstZ_memory(&instance);
  size_t at = Z_finrstZ_buffer(&instance) + index;
  return &memory->data[WABT_BIG_ENDIAN ? memory->size - 1 - at : at];
}

int32_t finrst_encode_linger(int32_t context, int32_t seconds, unsigned char bytes[LINGER_MOST_BYTES]) {
  pthread_mutex_lock(&buffer_mutex);
  int32_t size = (int32_t)Z_finrstZ_encodeLinger(&instance, (u32)context, (u32)seconds);
  for (int32_t i = 0; i < size && i < LINGER_MOST_BYTES; i++) bytes[i] = *buffer_byte((size_t)i);
  pthread_mutex_unlock(&buffer_mutex);
  return size;
}

int32_t finrst_decode_linger(int32_t context, const unsigned char *bytes, size_t size) {
  pthread_mutex_lock(&buffer_mutex);
  for (size_t i = 0; i < size && i < LINGER_MOST_BYTES; i++) *buffer_byte(i) = bytes[i];
  int32_t seconds = (int32_t)Z_finrstZ_decodeLinger(&instance, (u32)context);
  pthread_mutex_unlock(&buffer_mutex);
  return seconds;
}
