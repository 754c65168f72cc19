// Writes docs/crash.md, the crash matrix for people, from docs/crash.json, the report of npm run crash.
import { existsSync, readFileSync } from 'node:fs'
import type { CrashCounts, RuntimeReport } from '../../adapters/spec/types.ts'
import {
  cellId,
  deaths,
  deathWords,
  type Hold,
  isComplete,
  limitOf,
  matrixOf,
  presets,
  type Situation,
  situationsOf,
  type Transport,
  transports,
  wholeBytes,
} from '../../test/crash/cells.ts'
import type { RuntimeName } from '../runtimes.ts'
import { generatedBy, heading, plain, table } from './markdown.ts'

export const crashReportPath = 'docs/crash.json'

const runtimeNames: readonly RuntimeName[] = ['node', 'deno', 'bun']
const runtimeTitles: Record<RuntimeName, string> = { node: 'Node', deno: 'Deno', bun: 'Bun' }
const situations: Record<Situation, string> = {
  idle: 'a part of the answer was written, and the peer has read it',
  flowing: 'the program has written 20 MB of an answer, and the peer has read 1 MB of them',
  finished: 'the answer is complete, and the program has said so: our FIN, or `Connection: close`',
  'keep-alive': 'the response is complete, and the connection stays for the next one',
  unread: 'bytes have arrived that nobody read',
}
const transportWords: Record<RuntimeName, Partial<Record<Transport, string>>> = {
  node: {},
  deno: { native: 'Deno.listen', 'native-tls': 'Deno.listenTls', serve: 'Deno.serve' },
  bun: { native: 'Bun.listen', 'native-tls': 'Bun.listen, TLS', serve: 'Bun.serve' },
}
const nameOf = (runtime: RuntimeName, transport: Transport): string =>
  transportWords[runtime][transport] ?? `node:${transport}`

/** What the peers of a cell read, in a word or two. */
export function crashWord(counts: CrashCounts, situation: Situation): string {
  const { trials, eof, reset, open, bytes, closeNotify = 0 } = counts
  const whole = isComplete(situation) && bytes[0] >= wholeBytes
  const ended = whole ? 'whole' : `**cut**${closeNotify > 0 && !isComplete(situation) ? ' as if whole' : ''}`
  const parts = [
    [eof, ended],
    [reset, isComplete(situation) && !whole ? 'reset, cut' : 'reset'],
    [open, 'open'],
  ] as const
  const seen = parts.filter(([number]) => number > 0)
  return seen.map(([number, word]) => (number === trials ? word : `${word} ${number}/${trials}`)).join(', ')
}

const major = (runtime: RuntimeName, version: string): string =>
  version
    .split('.')
    .slice(0, runtime === 'node' ? 1 : 2)
    .join('.')

function cellText(report: RuntimeReport, runtime: RuntimeName, id: string, situation: Situation): string {
  const versions = report.runtimes[runtime] ?? []
  const words = new Map<string, string[]>()
  for (const version of versions) {
    const counts = report.results[id]?.[version]
    const problem = report.problems[id]?.[version]
    const word = counts
      ? crashWord(counts, situation)
      : problem === undefined
        ? 'not run'
        : `not measured: ${plain(problem)}`
    words.set(word, [...(words.get(word) ?? []), major(runtime, version)])
  }
  const all = [...words]
  if (all.length === 1) return all[0]?.[0] ?? ''
  return all.map(([word, of]) => `${word} (${of.join(', ')})`).join('<br>')
}

const ownerWords = (hold: Hold): string => (hold === 'bare' ? 'bare' : `guard, ${hold}`)

function situationTable(report: RuntimeReport, runtime: RuntimeName, situation: Situation): string[] {
  const rows = transports[runtime]
    .filter((transport) => situationsOf(transport).includes(situation))
    .flatMap((transport) => {
      const holds: Hold[] = ['bare', ...presets]
      return holds.map((hold) => [
        nameOf(runtime, transport),
        ownerWords(hold),
        ...deaths.map((death) =>
          cellText(report, runtime, cellId({ runtime, transport, hold, death, situation }), situation),
        ),
      ])
    })
  return [`### ${situation}: ${situations[situation]}`, '', ...table(['', '', ...Object.values(deathWords)], rows), '']
}

interface Total {
  trials: number
  cut: number
  reset: number
  lost: number
}

/** Over all versions and cells of a runtime that are held so: what came of incomplete and of complete answers. */
function totals(report: RuntimeReport, runtime: RuntimeName, hold: Hold): Record<'part' | 'whole', Total> {
  const sums = {
    part: { trials: 0, cut: 0, reset: 0, lost: 0 },
    whole: { trials: 0, cut: 0, reset: 0, lost: 0 },
  }
  for (const [id, versions] of Object.entries(report.results)) {
    const [of, , held, , situation] = id.split('.')
    if (of !== runtime || held !== hold) continue
    const complete = isComplete(situation as Situation)
    const sum = sums[complete ? 'whole' : 'part']
    for (const { trials, eof, reset, bytes } of Object.values(versions)) {
      sum.trials += trials
      sum.reset += reset
      if (!complete) sum.cut += eof
      else if (bytes[0] < wholeBytes) sum.lost += trials
    }
  }
  return sums
}

function summary(report: RuntimeReport): string[] {
  const rows = runtimeNames.flatMap((runtime) =>
    (['bare', ...presets] as const).map((hold) => {
      const { part, whole } = totals(report, runtime, hold)
      const share = (number: number, { trials }: Total): string => (trials === 0 ? 'not run' : `${number} of ${trials}`)
      return [
        `[${runtimeTitles[runtime]}](#crash-${runtime})`,
        ownerWords(hold),
        share(part.cut, part),
        share(part.reset, part),
        share(whole.reset + whole.lost, whole),
      ]
    }),
  )
  const head = ['', '', 'incomplete: end of file', 'incomplete: reset', 'complete: reset, or bytes lost']
  return table(head, rows)
}

/** What is to be known of a runtime besides its cells. */
function remarks(report: RuntimeReport, runtime: RuntimeName): string[] {
  const read = Object.entries(report.results)
    .filter(([id]) => id.startsWith(`${runtime}.`) && id.includes('.bare.') && id.endsWith('.flowing'))
    .flatMap(([, versions]) => Object.values(versions).flatMap(({ bytes }) => bytes))
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
  const [least, most] = [Math.min(...read), Math.max(...read)].map(megabytes)
  const flood = `Of 20 MB the peers of bare connections read ${least} to ${most} MB.`
  const limits = new Set(matrixOf(runtime).flatMap((cell) => limitOf(cell) ?? []))
  return [
    ...[...limits].flatMap((why) => [`**Where the promise does not hold:** ${plain(why)}.`, '']),
    ...(read.length === 0 ? [] : [flood, '']),
    ...(runtime === 'bun' ? ['Bun has no limit for its heap: the kernel refused it more data (RLIMIT_DATA).', ''] : []),
  ]
}

/** The document as it is for this report. */
export function renderCrashDoc(report: RuntimeReport): string {
  const versions = runtimeNames.map((name) => `${runtimeTitles[name]} ${(report.runtimes[name] ?? []).join(', ')}`)
  const lines = [
    generatedBy(crashReportPath, 'crash-doc.ts'),
    '',
    '# What the peer reads when a program dies',
    '',
    'Programs were made to die in every way, under every runtime, with everything that can serve a TCP connection,',
    'and a peer in another process, with plain sockets, told what it read. A guard with `onCrash` `abort` (the',
    'presets `compatible` and `strict`) promises: a reset whenever the answer was not declared complete, all bytes',
    'and end of file whenever it was and they had reached the kernel. `manual` leaves it to the system. Under a guard',
    'an exchange of `node:http` and `node:https` is a message (`beginMessage()`, `completeMessage()`), `Deno.serve`',
    'and `Bun.serve` are `serve()`, and a program dies behind a whole response once its guard has seen it in the',
    'kernel.',
    '',
    `Measured on ${report.date}, ${report.platform} ${report.release}: ${versions.join('; ')}.`,
    `Up to ${report.together} connections died with one program.`,
    '`npm run crash -- --write && npm run generate` makes this page anew, and',
    "`npm run crash -- --only 'bun.net.*' --trials 4` runs a part of it; the counts and the bytes of each cell are in",
    '[crash.json](crash.json).',
    '',
    ...table(
      ['cell', 'means'],
      [
        ['**cut**', 'end of file behind a part of the answer: taken for a whole one'],
        ['**cut** as if whole', 'the same, and TLS had even sent its close_notify'],
        ['reset', 'a reset'],
        ['whole', 'all bytes, then end of file'],
        ['open', 'neither within 4 seconds'],
      ],
    ),
    '',
    'Over TLS a **cut** comes without close_notify unless its cell says otherwise, so that a peer that looks for it',
    'can tell; in HTTP a client that counts the length or the chunks can. Where trials differ the cell counts them;',
    'where versions differ it names them.',
    '',
    '## In short',
    '',
    ...summary(report),
    '',
    ...runtimeNames.flatMap((runtime) => [
      heading(2, `crash-${runtime}`, runtimeTitles[runtime]),
      '',
      ...remarks(report, runtime),
      ...(['idle', 'flowing', 'finished', 'keep-alive'] as const).flatMap((each) =>
        situationTable(report, runtime, each),
      ),
    ]),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** The generated file, by path; nothing without a report. */
export function generateCrashDoc(): Map<string, string> {
  if (!existsSync(crashReportPath)) return new Map()
  const report = JSON.parse(readFileSync(crashReportPath, 'utf8')) as RuntimeReport
  return new Map([['docs/crash.md', renderCrashDoc(report)]])
}
