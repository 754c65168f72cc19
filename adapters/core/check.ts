// Checks of a caller's arguments: every error names the argument, the value and what is allowed.

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'object' && value !== null) return `an object of type ${value.constructor?.name ?? 'Object'}`
  if (typeof value === 'function') return `a function ${value.name}`
  return String(value)
}

/** A TypeError for an argument of the wrong kind. */
export function wrongType(name: string, value: unknown, expected: string): TypeError {
  return new TypeError(`finrst: ${name} is ${shown(value)}; expected ${expected}`)
}

/** The value, if it is one of those allowed. */
export function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T
  throw wrongType(name, value, `one of ${allowed.join(', ')}`)
}

/** The value, if it is a plain object. */
export function record<T extends object>(name: string, value: T, expected = 'an object'): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw wrongType(name, value, expected)
}

/** The value, if it is a whole number in the range; units such as `milliseconds` make the message readable. */
export function wholeNumber(name: string, value: unknown, least: number, most: number, unit: string): number {
  if (typeof value !== 'number') throw wrongType(name, value, `a whole number of ${unit}, ${least} … ${most}`)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(`finrst: ${name} is ${value}; expected a whole number of ${unit}, ${least} … ${most}`)
}
