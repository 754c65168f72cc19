// The seed of a test that tries random cases: FINRST_SEED repeats one, else every run tries others.

/** A whole number that generators of 32-bit words take. */
export const seedOf = (): number => {
  const given = process.env.FINRST_SEED
  if (given === undefined || given === '') return Date.now() % 2147483647
  const seed = Number(given)
  if (Number.isInteger(seed)) return seed | 0
  throw new RangeError(`FINRST_SEED is ${JSON.stringify(given)}; expected a whole number`)
}
