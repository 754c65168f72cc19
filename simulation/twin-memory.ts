// Gives the source of the engine, run as JavaScript, the three words of AssemblyScript that it uses.
//
// It is one memory of 4096 bytes, more than the engine needs, and little-endian as Wasm is.

const view = new DataView(new ArrayBuffer(4096))
let used = 8

/** Reserves and fills words, or reserves so many bytes; answers the address. */
function data(content: number[] | number): number {
  const at = used
  if (typeof content === 'number') {
    used += (content + 3) & ~3
    return at
  }
  for (const word of content) {
    view.setInt32(used, word, true)
    used += 4
  }
  return at
}

export const memory = { data }
export const load = (at: number): number => view.getInt32(at, true)
export const store = (at: number, word: number): void => view.setInt32(at, word, true)

/** The bytes of the twin's memory from an address on. */
export function bytesAt(at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, at, length)
}
