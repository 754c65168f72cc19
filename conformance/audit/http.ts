// Reads the answers of HTTP/1.1 out of bytes, as far as an audit asks: which there are, and whether each is complete.

/** One answer. */
export interface Answer {
  status: number
  /** All of it came; of one that the end of the connection ends, nobody can say it: undefined. */
  complete: boolean | undefined
  /** Its header `Connection` says close. */
  closes: boolean
}

const decode = (bytes: Buffer): string => bytes.toString('latin1')

/** Where the body of chunks ends that begins there; undefined: not yet. */
const endOfChunks = (text: string, start: number): number | undefined => {
  for (let at = start; ; ) {
    const line = text.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(text.slice(at, line), 16)
    if (!(size >= 0)) return undefined
    if (size > 0) {
      at = line + 2 + size + 2
      if (at > text.length) return undefined
      continue
    }
    // Behind the last chunk are trailers, and an empty line.
    if (text.startsWith('\r\n', line + 2)) return line + 4
    const end = text.indexOf('\r\n\r\n', line)
    return end < 0 ? undefined : end + 4
  }
}

const headersOf = (lines: readonly string[]): Map<string, string> =>
  new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as [string, string]
    }),
  )

/** Whether an answer has no body, whatever its headers say (RFC 9112 6.3). */
const isBare = (status: number, method: string): boolean =>
  method === 'HEAD' || status === 204 || status === 304 || (status >= 100 && status < 200)

/** The answers in these bytes to requests of these methods; interim ones are left out. */
export const readAnswers = (bytes: Buffer, methods: readonly string[]): Answer[] => {
  const text = decode(bytes)
  const answers: Answer[] = []
  for (let at = 0; at < text.length; ) {
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text.slice(at, at + 12))?.[1] ?? Number.NaN)
    if (Number.isNaN(status)) break
    const end = text.indexOf('\r\n\r\n', at)
    if (end < 0) return [...answers, { status, complete: false, closes: false }]
    const headers = headersOf(text.slice(at, end).split('\r\n').slice(1))
    const body = end + 4
    const closes = /\bclose\b/i.test(headers.get('connection') ?? '')
    const length = Number(headers.get('content-length') ?? Number.NaN)
    let next: number | undefined
    let delimited = true
    if (isBare(status, methods[answers.length] ?? 'GET')) next = body
    else if (/\bchunked\b/i.test(headers.get('transfer-encoding') ?? '')) next = endOfChunks(text, body)
    else if (length >= 0) next = body + length <= text.length ? body + length : undefined
    else delimited = false
    if (status >= 200) answers.push({ status, closes, complete: delimited ? next !== undefined : undefined })
    if (next === undefined) break
    at = next
  }
  return answers
}
