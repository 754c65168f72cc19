// The time-stamped exchange of one script, and what our own side has told in it.
import { Changes } from './peer-view.js'
import type { TraceLine } from './result.js'

const traceLimit = 2000
const longestText = 1000
/** The events of spec/testee.md; others mean nothing. */
const known = new Set(['open', 'read', 'eof', 'reset', 'finished', 'closed', 'rejected', 'error'])

/** The time-stamped exchange of one script; a run of data lines becomes one line. */
export class Trace {
  readonly lines: TraceLine[] = []
  #start = performance.now()
  #data: { line: TraceLine; bytes: number } | undefined

  get ms(): number {
    return Math.round((performance.now() - this.#start) * 10) / 10
  }

  add(from: TraceLine['from'], text: string): void {
    const bytes = /^\{"(?:saw":"data|event":"read)","bytes":(\d+),"ok":true\}$/.exec(text)?.[1]
    if (bytes && this.#data?.line === this.lines.at(-1) && this.#data?.line.from === from) {
      this.#data.bytes += Number(bytes)
      this.#data.line.text = text.replace(bytes, String(this.#data.bytes))
      return
    }
    if (this.lines.length >= traceLimit) return
    const more = text.length - longestText
    const shown = more > 0 ? `${text.slice(0, longestText)}… and ${more} characters more` : text
    const line = { ms: this.ms, from, text: shown }
    this.lines.push(line)
    this.#data = bytes ? { line, bytes: Number(bytes) } : undefined
  }
}

/** What our own side has told without being asked. */
export class TesteeView {
  readonly changes = new Changes()
  read = 0
  corrupt = false
  events = new Set<string>()
  rejected: string | undefined
  /** It broke the protocol, in words. */
  broken: string | undefined

  breakOff(problem: string): void {
    this.broken = problem
    this.changes.happen()
  }

  notice(message: Record<string, unknown>): void {
    const event = String(message.event)
    if (event === 'read') {
      this.read += Number(message.bytes)
      if (message.ok !== true) this.corrupt = true
    } else if (event === 'rejected') {
      this.rejected = `${String(message.call)} was rejected: ${String(message.error).slice(0, longestText)}`
    }
    if (known.has(event)) this.events.add(event)
    this.changes.happen()
  }

  describe(): string {
    const seen = [...this.events].filter((event) => event !== 'open' && event !== 'read')
    const corrupt = this.corrupt ? ', with bytes that were never sent like this' : ''
    return `our side read ${this.read} bytes${seen.length > 0 ? `, then ${seen.join(', ')}` : ''}${corrupt}`
  }
}
