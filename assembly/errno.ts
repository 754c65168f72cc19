// What a platform's errno means, the same on every platform.
import { COLUMN_ERRNO, ERROR_NONE, ERROR_OTHER } from "./abi";
import { column } from "./table";

/** ERROR_* for a positive errno of the context's platform; ERROR_NONE for 0. */
export function normalise(context: i32, errno: i32): i32 {
  if (errno == 0) return ERROR_NONE;
  for (let error = 1; error < ERROR_OTHER; error += 1) {
    if (column(context, COLUMN_ERRNO + error) == errno) return error;
  }
  return ERROR_OTHER;
}
