// The eight bytes through which struct linger crosses the boundary; with the generated tables the only use of memory.
import { lingerSeconds, lingerSize, lingerWord } from "./linger";

const BUFFER: usize = memory.data(8, 8);

/** Where the eight bytes lie. */
export function buffer(): usize {
  return BUFFER;
}

/** Writes struct linger for these seconds (-1 = off) at buffer(); answers its size in bytes, or -ERROR_OUT_OF_RANGE. */
export function encodeLinger(context: i32, seconds: i32): i32 {
  store<i32>(BUFFER, lingerWord(context, seconds, 0));
  store<i32>(BUFFER + 4, lingerWord(context, seconds, 1));
  return lingerSize(context, seconds);
}

/** Reads struct linger at buffer(); answers the seconds, or -1 if linger is off. */
export function decodeLinger(context: i32): i32 {
  return lingerSeconds(context, load<i32>(BUFFER), load<i32>(BUFFER + 4));
}
