// Random words that a seed repeats.

/** A generator of 32-bit words (xorshift). The same seed gives the same words. */
export function generator(seed: number): () => number {
  let word = seed | 0 || 1
  const next = (): number => {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    return word | 0
  }
  for (let warm = 0; warm < 16; warm += 1) next()
  return next
}

/** A generator of numbers in [0, 1). The same seed gives the same numbers. */
export function fractions(seed: number): () => number {
  const next = generator(seed)
  return () => (next() >>> 0) / 2 ** 32
}
