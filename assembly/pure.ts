// The exports of both builds: everything that needs no host. finrst-pure.wasm is this file alone, without an import.
export { buffer, decodeLinger, encodeLinger } from "./buffer";
export { decide } from "./engine";
export { normalise } from "./errno";
export { certainty, enter, settle } from "./record";
export { column } from "./table";

/** The version of the numbers in spec/abi.json that this module speaks. */
export function version(): i32 {
  return 1;
}
