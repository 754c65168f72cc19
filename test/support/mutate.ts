// Texts that nobody meant: whole ones with something changed in them, and random bytes. A seed repeats them.

/** Answers random 32-bit words. */
export type Next = () => number

const below = (next: Next, most: number): number => (next() >>> 1) % Math.max(most, 1)

/** One of a list. */
export const oneOf = <T>(next: Next, list: readonly T[]): T => list[below(next, list.length)] as T

const splinters = [
  ...['', '\0', '\n', '\r\n\r\n', '\t', ' ', '"', "'", '\\', '#', ':', ';', '|', '>', '<', '$', '=', '?', '->', '..'],
  ...['{', '}', '[', ']', '[[[[', '{"a":', 'null', 'true', '-1', '1e999', '99999999999999999999', '0x7', 'NaN'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '\u001b[2J', '\u009b31m', '\u202e', '\ud800', '\uffff'],
  ...['<script>alert(1)</script>', '$(touch x)', '`id`', '%s%n', '../../../etc/passwd', 'é', '漢', '🙂'],
] as const

/** Bytes as text: what no decoder would refuse. */
export const randomText = (next: Next, most = 200): string =>
  Buffer.from(Array.from({ length: below(next, most) }, () => next() & 255)).toString(next() & 1 ? 'utf8' : 'latin1')

const edits: readonly ((text: string, at: number, length: number, next: Next) => string)[] = [
  (text, at, length) => text.slice(0, at) + text.slice(at + length),
  (text, at, length) => text.slice(0, at + length) + text.slice(at),
  (text, at, _, next) => text.slice(0, at) + oneOf(next, splinters) + text.slice(at),
  (text, at, length, next) => text.slice(0, at) + oneOf(next, splinters) + text.slice(at + length),
  (text, at, _, next) => text.slice(0, at) + String.fromCharCode(next() & 0xffff) + text.slice(at + 1),
  (text, at, length) => text.slice(at, at + length) + text.slice(0, at),
  (text, at) => text.slice(0, at),
]

/** A text with one to four changes in it; now and then a part of it again and again, or nothing but noise. */
export const mutated = (text: string, next: Next): string => {
  const kind = below(next, 32)
  if (kind === 0) return randomText(next)
  const at = below(next, text.length)
  if (kind === 1) {
    const part = text.slice(at, at + 1 + below(next, 12)) || oneOf(next, splinters)
    return text.slice(0, at) + part.repeat(1 + below(next, 20_000)) + text.slice(at)
  }
  let changed = text
  for (let left = 1 + below(next, 4); left > 0; left -= 1) {
    const where = below(next, changed.length + 1)
    changed = oneOf(next, edits)(changed, where, below(next, 40), next)
  }
  return changed
}

/** JSON of which some texts were changed, each on its own, so that it stays JSON. */
export const mutatedJson = (json: string, next: Next): string =>
  JSON.stringify(JSON.parse(json), (_, value: unknown) =>
    typeof value === 'string' && (next() & 15) === 0 ? mutated(value, next) : value,
  )

/** What steers a terminal or turns a line around. */
export const steers = (text: string): boolean =>
  [...text].some((each) => {
    const code = each.codePointAt(0) ?? 0
    return (code < 32 && each !== '\n' && each !== '\t') || (code > 126 && code < 160) || code === 0x202e
  })
