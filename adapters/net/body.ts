// Whether the body of an HTTP/1 answer is as long as its header has promised.
import type { ServerResponse } from 'node:http'

interface Sent extends ServerResponse {
  /** The header as it was sent. */
  readonly _header?: string | null
  /** What its Content-Length says, whoever has set it. */
  readonly _contentLength?: number | null
  /** Whether this answer may have a body: none to HEAD, none with 204 and 304. */
  readonly _hasBody?: boolean
}

/**
 * An error if the answer is shorter than its Content-Length.
 * @param bytes all that was sent for it: its header, its body, and what informational answers preceded it
 */
export function tooShort(answer: Sent, bytes: number): Error | undefined {
  if (answer._hasBody === false || typeof answer._header !== 'string') return undefined
  const promised = answer._contentLength ?? Number.NaN
  const body = bytes - answer._header.length
  // Whatever is no number of bytes promises nothing, and more than was promised is not cut.
  if (body < 0 || !(body < promised)) return undefined
  return new Error(`finrst: the answer ended after ${body} of ${promised} bytes`)
}
