/* The policy engine: the exports of embed/finrst-pure.wasm, as C functions. spec/README.md tells what the words mean.
 */
#ifndef FINRST_ENGINE_H
#define FINRST_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINGER_MOST_BYTES 16

/* Makes the one instance of the process, once. False: there is no memory for it. Everything below needs it. */
bool finrst_engine_load(void);

/* The plan of an event: up to five steps, the first in the lowest bits, and above them the rule. Pure, as the next two.
 */
int32_t finrst_decide(int32_t context, int32_t state, int32_t event, int32_t facts);

/* The state that an event leaves behind before any step is taken. */
int32_t finrst_enter(int32_t context, int32_t state, int32_t event, int32_t facts);

/* The state after a step that came to RESULT_DONE, RESULT_PENDING or a negative ERROR_*. */
int32_t finrst_settle(int32_t state, int32_t step, int32_t result);

/* CERTAINTY_* of what the verdict of a state rests on. */
int32_t finrst_certainty(int32_t context, int32_t state);

/* What an errno of the platform means: ERROR_*. */
int32_t finrst_normalise(int32_t context, int32_t number);

/* One column (COLUMN_*) of a row of the platform table. */
int32_t finrst_column(int32_t row, int32_t which);

/* The version of the ABI that the Wasm speaks. */
int32_t finrst_version(void);

/* Lays out struct linger for the platform of the context, -1 being off. Its size, or -ERROR_OUT_OF_RANGE. */
int32_t finrst_encode_linger(int32_t context, int32_t seconds, unsigned char bytes[LINGER_MOST_BYTES]);

/* Reads the seconds out of struct linger; -1: it is off. */
int32_t finrst_decode_linger(int32_t context, const unsigned char *bytes, size_t size);

#endif
