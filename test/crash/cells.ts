// The cells of the crash matrix: which there are, what they are called, and what a guarded one has to come to.
import type { LanguageName } from '../../scripts/languages.ts'
import type { RuntimeName } from '../../scripts/runtimes.ts'

/** What serves the connection: a socket of node:net, one of the runtime's own, or a server above them. */
export type Transport = 'native' | 'native-tls' | 'net' | 'tls' | 'http' | 'https' | 'serve'
/** Who holds the connection: nobody, SO_LINGER {1,0} from the start, or a guard with that preset. */
export type Hold = 'bare' | 'armed' | 'compatible' | 'strict' | 'manual'
/** How the program dies; garbage is no death, but the loss of the last reference to a connection. */
export type Death =
  | 'exception'
  | 'rejection'
  | 'exit'
  | 'abort'
  | 'kill'
  | 'terminate'
  | 'interrupt'
  | 'out-of-memory'
  | 'worker-terminate'
  | 'garbage'
/** Where the answer is when the program dies. */
export type Situation = 'idle' | 'flowing' | 'finished' | 'keep-alive' | 'unread'

/** What runs the programs that die, of one version. */
export interface Program {
  name: Subject
  version: string
  /** What stands before the path of a program; of another language, its testee. */
  command: string[]
}

/** Whose program dies: a runtime's of this package, or the testee of another language. */
export type Subject = RuntimeName | LanguageName

export interface CrashCell {
  runtime: Subject
  transport: Transport
  hold: Hold
  death: Death
  situation: Situation
}

/** Every death, as people say it. */
export const deathWords: Readonly<Record<Exclude<Death, 'garbage'>, string>> = {
  exception: 'uncaught exception',
  rejection: 'unhandled rejection',
  exit: 'exit call',
  abort: 'abort()',
  kill: 'SIGKILL',
  terminate: 'SIGTERM',
  interrupt: 'SIGINT',
  'out-of-memory': 'out of memory',
  'worker-terminate': 'worker.terminate()',
}
export const deaths = Object.keys(deathWords) as Exclude<Death, 'garbage'>[]

/** What each runtime serves with. */
export const transports: Readonly<Record<RuntimeName, readonly Transport[]>> = {
  node: ['net', 'tls', 'http', 'https'],
  deno: ['native', 'native-tls', 'net', 'tls', 'http', 'https', 'serve'],
  bun: ['native', 'native-tls', 'net', 'tls', 'http', 'https', 'serve'],
}

export const presets = ['compatible', 'strict', 'manual'] as const

export const isHttp = (transport: Transport): boolean => ['http', 'https', 'serve'].includes(transport)
export const isTls = (transport: Transport): boolean => ['native-tls', 'tls', 'https'].includes(transport)

/** The situations that a transport can be in; only an exchange of HTTP is complete without a FIN. */
export const situationsOf = (transport: Transport): Situation[] =>
  isHttp(transport) ? ['idle', 'flowing', 'finished', 'keep-alive'] : ['idle', 'flowing', 'finished']

/** Whether the program had declared its answer complete, and all of it was in the kernel. */
export const isComplete = (situation: Situation): boolean => situation === 'finished' || situation === 'keep-alive'

/** Bytes: what is sent of an answer in `idle`, the whole of one, and what is written at once in `flowing`. */
export const partBytes = 1000
export const wholeBytes = 100_000
export const floodBytes = 20_000_000

/** The name of a cell; evidence names it behind the path of a report. */
export const cellId = ({ runtime, transport, hold, death, situation }: CrashCell): string =>
  [runtime, transport, hold, death, situation].join('.')

const over = (
  runtime: Subject,
  transport: Transport,
  hold: Hold,
  situations: readonly Situation[],
  of: readonly Death[] = deaths,
): CrashCell[] => of.flatMap((death) => situations.map((situation) => ({ runtime, transport, hold, death, situation })))

/** The whole matrix of a runtime: every transport bare, and with every preset. */
export const matrixOf = (runtime: RuntimeName): CrashCell[] =>
  transports[runtime].flatMap((transport) =>
    (['bare', ...presets] as const).flatMap((hold) => over(runtime, transport, hold, situationsOf(transport))),
  )

/**
 * What the rows of the table cite: plain TCP in the middle of an answer, bare and armed, unread, and forgotten; and of
 * TLS whether it says goodbye there.
 */
export const tableOf = (runtime: RuntimeName): CrashCell[] => [
  ...transports[runtime]
    .filter((transport) => transport === 'net' || transport === 'native')
    .flatMap((transport) => [
      ...(['bare', 'armed'] as const).flatMap((hold) => over(runtime, transport, hold, ['idle', 'flowing'])),
      { runtime, transport, hold: 'bare', death: 'kill', situation: 'unread' } as const,
      { runtime, transport, hold: 'bare', death: 'garbage', situation: 'idle' } as const,
    ]),
  ...transports[runtime]
    .filter((transport) => transport === 'tls' || transport === 'native-tls')
    .flatMap((transport) => over(runtime, transport, 'bare', ['idle'])),
]

/** Deaths that a program of any language can come to; workers and promises are the runtimes' own. */
const languageDeaths: readonly Death[] = ['exception', 'exit', 'abort', 'kill', 'terminate', 'interrupt']

/** What a language cannot die of. */
const impossible: Partial<Record<LanguageName, readonly Death[]>> = { c: ['exception'] }

/** What the rows of the table cite of another language: its own TCP, bare. */
export const tableOfLanguage = (language: LanguageName): CrashCell[] =>
  over(
    language,
    'native',
    'bare',
    ['idle', 'flowing'],
    languageDeaths.filter((death) => impossible[language]?.includes(death) !== true),
  )

/** Why the promise cannot be kept in a cell, where it is known that it cannot. */
export const limitOf = ({ runtime, transport, hold, death, situation }: CrashCell): string | undefined => {
  if (hold === 'bare' || hold === 'armed' || death !== 'worker-terminate') return undefined
  // A complete answer that is cut off after all, whatever the guard has left to the runtime.
  if (runtime === 'bun' && transport === 'https' && situation === 'keep-alive') {
    return 'when a worker is terminated Bun resets its connections with TLS, guarded or not, between two exchanges too'
  }
  if (runtime !== 'deno' || !transport.startsWith('native') || hold === 'manual' || isComplete(situation))
    return undefined
  return 'when a worker is terminated no code of ours runs, and Deno shuts the sending side before it closes'
}

/** What a cell must come to for the promise to hold; undefined: it promises nothing, and the system decides. */
export const demanded = (cell: CrashCell): 'eof' | 'reset' | undefined => {
  if ((cell.hold !== 'compatible' && cell.hold !== 'strict') || limitOf(cell) !== undefined) return undefined
  return isComplete(cell.situation) ? 'eof' : 'reset'
}
