// What a soak came to, as Markdown for people.
import type { Fit } from './fit.js'
import { faultsOf, leakBytes, pageBytes, type SoakResult } from './soak.js'

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
const count = (number: number): string => number.toLocaleString('en-US')

/** A slope and its interval, in bytes for a connection and in megabytes for an hour. */
const slopeInWords = ({ slope, margin }: Fit, connectionsAnHour: number): string => {
  const hourly = `${megabytes(slope * connectionsAnHour)} ± ${megabytes(margin * connectionsAnHour)} MB/h`
  return `${slope.toFixed(2)} ± ${margin.toFixed(2)} bytes (${hourly})`
}

const nameOf = ({ runtime: { name, version }, bare }: SoakResult): string => `${name} ${version}${bare ? ', bare' : ''}`

const fromTo = (first: number | undefined, last: number | undefined): string | undefined =>
  first === undefined || last === undefined ? undefined : `${megabytes(first)} → ${megabytes(last)} MB`

/** All of it, and what is no file's when the allocator has trimmed. */
const resident = ({ rss, anonymous }: SoakResult['samples'][number]): string =>
  anonymous === undefined ? megabytes(rss) : `${megabytes(rss)} (${megabytes(anonymous)})`

/** One row for each runtime. */
const rowOf = (result: SoakResult): string => {
  const { samples, fits, bytes, seconds } = result
  const [first] = samples
  const last = samples.at(-1)
  if (first === undefined || last === undefined) return `| ${nameOf(result)} | no rest |`
  const connections = last.connections - first.connections
  const allocated = fromTo(first.allocated, last.allocated)
  const hourly = seconds === 0 ? 0 : (connections / seconds) * 3600
  const slope = (fit: Fit | undefined): string => (fit === undefined ? 'too few rests' : slopeInWords(fit, hourly))
  const cells = [
    nameOf(result),
    (seconds / 60).toFixed(1),
    count(last.connections),
    (bytes / 1e9).toFixed(1),
    String(result.problems.length),
    `${first.descriptors} → ${last.descriptors}`,
    `${megabytes(first.heapUsed)} → ${megabytes(last.heapUsed)} MB; ${slope(fits?.heapUsed)}`,
    allocated === undefined ? 'not told' : `${allocated}; ${slope(fits?.allocated)}`,
    `${resident(first)} → ${resident(last)} MB; ${slope(fits?.rss)}`,
    faultsOf(result).length === 0 ? 'held' : '**broken**',
  ]
  return `| ${cells.join(' | ')} |`
}

const tallies = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${name} ${count(times)}`)
    .join(' · ')

/** The whole result. */
export const soakInMarkdown = (results: readonly SoakResult[]): string => {
  const head = [
    'runtime',
    'minutes',
    'connections',
    'GB compared',
    'contradictions',
    'descriptors at rest',
    'heap at rest; slope for a connection',
    'allocated outside of it at rest; slope for a connection',
    'resident memory at rest (of no file, trimmed); slope for a connection',
    '',
  ]
  const lines = [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...results.map(rowOf), '']
  lines.push(
    `Slopes are least squares with their 99 % interval, widened for what neighbouring rests have in common, over the`,
    `second half; one fails if all of its interval lies above ${leakBytes} bytes for a connection. That of resident`,
    `memory is of what is no file's, and may be ${pageBytes} where the allocator tells what it has given out.`,
  )
  for (const result of results) {
    const { visits, verdicts, seed, alone } = result
    const where = `in ${alone ? 'a network of its own' : "the machine's network"}`
    lines.push('', `${nameOf(result)}, seed ${seed}, ${where}. Visits: ${tallies(visits)}.`)
    lines.push('', `Verdicts: ${tallies(verdicts)}.`)
    const faults = faultsOf(result)
    if (faults.length > 0) lines.push('', ...faults.slice(0, 20).map((fault) => `- ${fault}`))
  }
  return `${lines.join('\n')}\n`
}
