// Gives the source of the engine, run as JavaScript, the three words of AssemblyScript that it uses.
//
// 1. Call it before anything of assembly/ is loaded; the tables are laid out when those files are first run.
// 2. It is one memory of 4096 bytes, more than the engine needs, and little-endian as Wasm is.

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

/** Makes the words known. */
export function provideMemory(): void {
  Object.assign(globalThis, {
    memory: { data },
    load: (at: number): number => view.getInt32(at, true),
    store: (at: number, word: number): void => view.setInt32(at, word, true),
  })
}

/** The bytes of the twin's memory from an address on. */
export function bytesAt(at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, at, length)
}
