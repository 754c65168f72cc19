// Reads an exchange as moments of two sides: what was asked of each, what it answered, and what each saw of the other.
//
// 1. A call and its answer are one moment that lasts; what a side says unasked is a moment of its own.
// 2. What crossed the wire is only what a side said that it saw, at the time when it said so.
import type { TraceLine } from '../../adapters/spec/results.js'

export type Side = 'us' | 'peer'

/** One thing that happened on one side. */
export interface Moment {
  ms: number
  side: Side
  /** `call`: it was asked to; `sight`: it saw something; `note`: it said something else. */
  kind: 'call' | 'sight' | 'note'
  text: string
  /** When the answer came. */
  until?: number
  /** What came from the other side, if it saw that. */
  arrived?: string
  /** The line of the script that was played. */
  line?: string
  /** It was refused, or something is wrong with it. */
  wrong?: true
}

type Fields = Record<string, unknown>

const fieldsOf = (text: string): Fields | undefined => {
  try {
    const data: unknown = JSON.parse(text)
    return data !== null && typeof data === 'object' && !Array.isArray(data) ? (data as Fields) : undefined
  } catch {
    return undefined
  }
}

const isPlain = (value: unknown): value is string | number | true =>
  typeof value === 'string' || typeof value === 'number' || value === true

/** Fields whose value says by itself what it is. */
const bare = new Set(['bytes', 'query', 'until', 'how', 'name', 'code', 'call', 'flags', 'as', 'on'])
/** Fields that every line would repeat. */
const usual: Readonly<Record<string, unknown>> = { on: 's', as: 's', host: '127.0.0.1' }

/** A request in words: `write 1000`. */
const tellRequest = (request: Fields): string => {
  if (request.do === 'together' && Array.isArray(request.calls)) {
    return request.calls.map((call) => tellRequest((call ?? {}) as Fields)).join('; ')
  }
  const words = Object.entries(request).flatMap(([name, value]) => {
    if (name === 'do' || usual[name] === value || !isPlain(value)) return []
    return [value === true ? name : bare.has(name) ? String(value) : `${name}=${value}`]
  })
  return [String(request.do), ...words].join(' ')
}

const tellFields = (fields: Fields): string =>
  Object.entries(fields)
    .flatMap(([name, value]) => (isPlain(value) ? [value === true ? name : `${name}=${value}`] : []))
    .join(' ')

/** What an answer says besides that all is well. */
const tellReply = (reply: Fields): string => {
  if (reply.unsupported === true) return `not supported: ${String(reply.why ?? '')}`
  if (reply.ok !== true) return `refused: ${String(reply.error ?? '')}`
  if (typeof reply.is === 'string') return reply.is
  if (reply.verdict !== null && typeof reply.verdict === 'object') return tellFields(reply.verdict as Fields)
  const { ok: _, host: __, port: ___, ms: ____, ...rest } = reply
  return tellFields(rest)
}

const bytesOf = (fields: Fields): string => `${String(fields.bytes)} bytes${fields.ok === true ? '' : ', wrong ones'}`

type Sight = { text: string; arrived?: string; wrong?: true }

/** What a side said unasked. */
const sightOf = (fields: Fields): Sight => {
  const what = String(fields.saw ?? fields.event)
  switch (what) {
    case 'data':
    case 'read':
      return {
        text: `reads ${bytesOf(fields)}`,
        arrived: bytesOf(fields),
        ...(fields.ok === true ? {} : { wrong: true }),
      }
    case 'eof':
      return { text: 'reads end of file', arrived: 'FIN' }
    case 'reset':
      return { text: `reads ${typeof fields.code === 'string' ? fields.code : 'a reset'}`, arrived: 'RST' }
    case 'rejected':
    case 'error':
      return { text: tellFields({ [what]: true, ...fields, event: undefined }), wrong: true }
    default:
      return { text: tellFields({ [what]: true, ...fields, saw: undefined, event: undefined }) }
  }
}

const sides: Readonly<Record<string, Side>> = {
  'to-testee': 'us',
  testee: 'us',
  'testee-stderr': 'us',
  'to-peer': 'peer',
  peer: 'peer',
}

/** The moments of an exchange, in order. */
export const momentsOf = (trace: readonly TraceLine[]): Moment[] => {
  const moments: Moment[] = []
  const open: Partial<Record<Side, Moment>> = {}
  let line: string | undefined
  const add = (moment: Moment): Moment => {
    moments.push(line === undefined ? moment : { ...moment, line })
    return moments.at(-1) ?? moment
  }
  const answer = (side: Side, ms: number, reply: Fields): void => {
    const call = open[side]
    const told = tellReply(reply)
    delete open[side]
    if (call === undefined) {
      add({ ms, side, kind: 'note', text: `answers unasked: ${told}`, wrong: true })
      return
    }
    call.until = ms
    if (told !== '') call.text += ` → ${told}`
    if (reply.ok !== true) call.wrong = true
  }
  for (const { ms, from, text } of trace) {
    const side = sides[from]
    if (side === undefined) {
      line = /^\d+/.exec(text)?.[0]
      continue
    }
    const fields = from === 'testee-stderr' ? undefined : fieldsOf(text)
    if (from === 'to-testee' || from === 'to-peer') {
      open[side] = add({ ms, side, kind: 'call', text: fields ? tellRequest(fields) : text })
    } else if (fields === undefined) {
      const died = text.startsWith('died: ')
      if (died) delete open[side]
      add({ ms, side, kind: 'note', text, ...(died || from === 'testee-stderr' ? {} : { wrong: true }) })
    } else if ('saw' in fields || 'event' in fields) {
      const seen = sightOf(fields)
      add({ ms, side, kind: seen.arrived === undefined ? 'note' : 'sight', ...seen })
    } else {
      answer(side, ms, fields)
    }
  }
  return moments
}
