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

/** What the runtime keeps of an answer and its types leave out. */
export interface Answer extends Sent {
  /** The connection ends with it. */
  readonly _last?: boolean
}

/**
 * An error if the answer is shorter than its Content-Length.
 * @param bytes all that was sent for it: its header, its body, and what informational answers preceded it
 */
export function tooShort(answer: Sent, bytes: number): Error | undefined {
  if (answer._hasBody === false || typeof answer._header !== 'string') return undefined
  return short(bytes - answer._header.length, answer._contentLength ?? Number.NaN)
}

/** How many bytes a chunk has. */
export function lengthOf(chunk: Uint8Array | string, encoding: unknown): number {
  if (typeof chunk !== 'string') return chunk?.length ?? 0
  return encoding === 'latin1'
    ? chunk.length
    : Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
}

const bodiless: readonly number[] = [204, 304]
const measured = new WeakMap<ServerResponse, { bytes: number }>()

/** Counts the body of an answer that its runtime writes past the socket, of which so many bytes were written before. */
export function measure(answer: ServerResponse, before = 0): void {
  const body = { bytes: before }
  measured.set(answer, body)
  for (const name of ['write', 'end'] as const) {
    const method = answer[name] as (...values: unknown[]) => unknown
    const counted = (...values: unknown[]): unknown => {
      const [chunk, encoding] = values
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) body.bytes += lengthOf(chunk, encoding)
      return Reflect.apply(method, answer, values)
    }
    Object.assign(answer, { [name]: counted })
  }
}

/** As {@link tooShort}, for an answer that was measured, or of whose body so many bytes were written. */
export function lacking(answer: ServerResponse, bytes = measured.get(answer)?.bytes ?? Number.NaN): Error | undefined {
  if (answer.req.method === 'HEAD' || bodiless.includes(answer.statusCode)) return undefined
  return short(bytes, Number(answer.getHeader('content-length') ?? Number.NaN))
}

// Whatever is no number of bytes promises nothing, and more than was promised is not cut.
function short(bytes: number, promised: number): Error | undefined {
  if (bytes < 0 || !(bytes < promised)) return undefined
  return new Error(`finrst: the answer ended after ${bytes} of ${promised} bytes`)
}
