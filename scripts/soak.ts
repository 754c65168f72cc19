// npm run soak: lets guarded programs serve a random mix of endings for a long time, and measures what they hold.
import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import picocolors from 'picocolors'
import { type SoakResult, faultsOf, soak } from '../test/endurance/soak.ts'
import type { Leak, Sample } from '../test/endurance/program.ts'
import { soakInMarkdown } from '../test/endurance/soak-words.ts'
import { findRuntimes, parseRuntimes, wholeNumber } from './arguments.ts'
import type { RuntimeName } from './runtimes.ts'

interface Flags {
  minutes: number
  every: number
  lanes: number
  seed: number
  runtimes: RuntimeName[]
  node: number[]
  only: string[]
  bare?: true
  leak?: Leak
  json?: string
}

const examples = `
A visit is named <transport> <ending>, such as 'net aborted' or 'https early'.

Examples:
  npm run soak -- --minutes 30                       the full form: Node, Deno and Bun, one after another's side
  npm run soak -- --minutes 1 --runtimes deno        one runtime
  npm run soak -- --minutes 1 --only 'https early'   one kind of visit
  npm run soak -- --minutes 5 --runtimes deno --bare what the runtime itself holds, to compare
  npm run soak -- --minutes 1 --leak memory          what it is like when something leaks: it must fail

Exit codes: 0 nothing was wrong and nothing grew, 1 something, 2 bad usage, 130 interrupted; what was measured by then
is printed.`

const minutes = (text: string): number => {
  const number = Number(text)
  if (number > 0 && number <= 10_000) return number
  throw new InvalidArgumentError('a number of minutes, more than 0 and at most 10000')
}

const parseLeak = (text: string): Leak => {
  if (text === 'memory' || text === 'descriptors' || text === 'native') return text
  throw new InvalidArgumentError('memory, descriptors or native')
}

function memoryInWords({ heapUsed, rss, allocated, anonymous }: Sample): string {
  const told = (what: string, bytes: number | undefined, digits: number): string =>
    bytes === undefined ? '' : `  ${what} ${(bytes / 1e6).toFixed(digits)} MB`
  const heap = told('heap', heapUsed, 2) + told('allocated', allocated, 2)
  return (heap + told('resident', rss, 1) + told('of no file, trimmed', anonymous, 1)).trim()
}

async function run(flags: Flags): Promise<void> {
  const runtimes = await findRuntimes(flags)
  const stop = new AbortController()
  let interrupted = 0
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      // The second one does not wait for the rest; programs are ended by the handler of 'exit' that each of them has.
      if (interrupted > 0) process.exit(code)
      interrupted = code
      console.error('ending at the next rest; once more ends at once')
      stop.abort()
    })
  }
  const { lanes, seed, only, leak } = flags
  const options = {
    ...{ seconds: flags.minutes * 60, everySeconds: flags.every, lanes, seed, only, signal: stop.signal },
    ...{ bare: flags.bare ?? false, ...(leak === undefined ? {} : { leaks: leak }) },
  }
  const soaked = await Promise.allSettled(
    runtimes.map((runtime) =>
      soak(runtime, options, (sample, problems) => {
        const { connections, descriptors, seconds } = sample
        const about = `${runtime.name.padEnd(4)} ${seconds.toFixed(0).padStart(5)} s  ${connections} connections`
        const wrong = problems === 0 || flags.bare ? '' : picocolors.red(`  ${problems} contradictions`)
        console.error(`${about}  ${descriptors} descriptors  ${memoryInWords(sample)}${wrong}`)
      }),
    ),
  )
  const results: SoakResult[] = []
  for (const each of soaked) {
    if (each.status === 'fulfilled') results.push(each.value)
    else console.error(picocolors.red(String(each.reason)))
  }
  console.log(soakInMarkdown(results))
  const lost = Math.max(0, ...results.map((result) => result.lost))
  if (lost > 0) {
    const why = 'a FIN that meets one of them is answered by a reset, and a verdict may say "reset by peer" for it'
    console.error(`the network had no room for ${lost} connections in TIME_WAIT: ${why}`)
  }
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(results, undefined, 1)}\n`)
  const broken = results.length < runtimes.length || results.some((result) => faultsOf(result).length > 0)
  process.exitCode = interrupted || (broken ? 1 : 0)
}

await new Command('npm run soak --')
  .description('Lets guarded programs serve a random mix of endings for a long time, and measures what they hold.')
  .option('--minutes <number>', 'how long', minutes, 30)
  .option('--every <seconds>', 'how long between two rests', wholeNumber(1, 3600), 10)
  .option('--lanes <number>', 'visits at a time', wholeNumber(1, 500), 12)
  .option('--seed <number>', 'which visits', wholeNumber(1, 2 ** 31 - 1), 20_261_126)
  .option('--runtimes <names>', 'some of node,deno,bun; they soak at the same time', parseRuntimes, [
    'node',
    'deno',
    'bun',
  ])
  .option(
    '--node <majors>',
    'versions of Node; default: the running one',
    (text) => text.split(',').map(wholeNumber(20, 99)),
    [],
  )
  .option('--only <names...>', 'only visits of these names', [])
  .option('--bare', 'nobody guards the connections; only memory is judged then')
  .option('--leak <what>', 'keep memory, descriptors or native memory of each connection of node:net', parseLeak)
  .option('--json <path>', 'write the result with all samples there')
  .addHelpText('after', examples)
  .action(run)
  .parseAsync()
