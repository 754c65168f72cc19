// struct linger: its bytes, its unit and its range, for every platform of the table.
//
// 1. Seconds everywhere. Where an option counts ticks, the table names one that counts seconds (row linger.unit).
// 2. A value that the platform would refuse, wrap or truncate is refused here: wrapped to 0 it would mean abort.
// 3. The words are computed, not stored, so that this file needs no memory; drive.ts stores them.
import {
  COLUMN_LINGER_BYTES, COLUMN_LINGER_MOST, CONTEXT_BIG_ENDIAN, ERROR_OUT_OF_RANGE,
} from "./abi";
import { column } from "./table";

/** Seconds that mean: linger is off. */
export const LINGER_OFF = -1;

/** The size of struct linger in bytes for these seconds, or -ERROR_OUT_OF_RANGE. LINGER_OFF is always in range. */
export function lingerSize(context: i32, seconds: i32): i32 {
  if (seconds < LINGER_OFF || seconds > column(context, COLUMN_LINGER_MOST)) return -ERROR_OUT_OF_RANGE;
  return column(context, COLUMN_LINGER_BYTES);
}

/** The word 0 or 1 of struct linger, as a little-endian store lays it out. A struct of 4 bytes has only word 0. */
export function lingerWord(context: i32, seconds: i32, index: i32): i32 {
  const onoff = seconds == LINGER_OFF ? 0 : 1;
  const time = seconds == LINGER_OFF ? 0 : seconds;
  if (packed(context)) return onoff | (time << 16);
  return ordered(context, index == 0 ? onoff : time);
}

/** The seconds in a struct linger that the platform filled in, given as its words; LINGER_OFF if it is off. */
export function lingerSeconds(context: i32, first: i32, second: i32): i32 {
  if (packed(context)) return (first & 65535) == 0 ? LINGER_OFF : first >>> 16;
  return first == 0 ? LINGER_OFF : ordered(context, second);
}

// Two u_short instead of two int (row linger.struct); only little-endian platforms have it.
function packed(context: i32): bool {
  return column(context, COLUMN_LINGER_BYTES) == 4;
}

// The bytes of a word in the order of this machine.
function ordered(context: i32, word: i32): i32 {
  if ((context & CONTEXT_BIG_ENDIAN) == 0) return word;
  return (word << 24) | ((word & 65280) << 8) | ((word >>> 8) & 65280) | (word >>> 24);
}
