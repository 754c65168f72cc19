// The bytes that both sides send: each depends on its position, so that a gap is noticed.

/** Byte `i` of a direction is `(i ^ i >> 8 ^ i >> 16) & 255`. */
export const patternByte = (position: number): number => (position ^ (position >> 8) ^ (position >> 16)) & 255

/** The bytes from position `start` on. */
export const patternBytes = (start: number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  for (let i = 0; i < length; i += 1) bytes[i] = patternByte(start + i)
  return bytes
}

/** Whether these bytes are the ones that belong at position `start`. */
export const matchesPattern = (bytes: Uint8Array, start: number): boolean => {
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] !== patternByte(start + i)) return false
  }
  return true
}
