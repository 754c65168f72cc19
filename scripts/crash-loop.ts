// npm run crash -- --loop: kills programs in the middle of an answer, thousands of times, and counts what was read.
import picocolors from 'picocolors'
import { crashLoop, faultsOfLoop, type LoopCounts, type LoopOptions, type LoopResult } from '../test/crash/loop.ts'
import type { Runtime } from './runtimes.ts'

const tell = ({ trials, reset, whole, cut, open, altered }: LoopCounts): string[] =>
  [trials, whole, reset, cut, open, altered].map((number) => number.toLocaleString('en-US'))

/** The results as Markdown. */
export function loopInMarkdown(results: readonly LoopResult[]): string {
  const head = [
    'runtime',
    '',
    'answers',
    'whole',
    'reset',
    'cut',
    'open',
    'altered',
    'read of those that are not whole',
  ]
  const rows = results.flatMap(({ runtime, killed, ended }) =>
    (
      [
        ['SIGKILL', killed],
        ['graceful', ended],
      ] as const
    ).map(([what, counts]) => {
      const partly =
        counts.trials === counts.whole ? '' : counts.partly.map((n) => n.toLocaleString('en-US')).join(' … ')
      return `| ${[`${runtime.name} ${runtime.version}`, what, ...tell(counts), partly].join(' | ')} |`
    }),
  )
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows, ''].join('\n')
}

/** Loops under each runtime in turn; answers whether the promise held. */
export async function loopAll(runtimes: readonly Runtime[], options: LoopOptions): Promise<boolean> {
  const results: LoopResult[] = []
  const of = options.kills + options.ends
  const terminal = process.stderr.isTTY === true
  for (const runtime of runtimes) {
    const about = `${runtime.name} ${runtime.version}`
    const result = await crashLoop(runtime, options, (trials, faults) => {
      const wrong = faults > 0 ? picocolors.red('  BROKEN') : ''
      if (terminal) process.stderr.write(`\r${about}  ${trials} of ${of}${wrong}`)
      else if (trials % 500 === 0) console.error(`${about}  ${trials} of ${of}${wrong}`)
    })
    if (terminal) process.stderr.write('\r\u001b[K')
    console.error(`${about}  done in ${result.seconds.toFixed(0)} s`)
    results.push(result)
    for (const fault of faultsOfLoop(result)) console.error(picocolors.red(`${about}: ${fault}`))
    if (options.signal?.aborted) break
  }
  console.log(`${loopInMarkdown(results)}\nSeed ${options.seed}, answers of ${options.bytes} bytes.`)
  return results.every((result) => faultsOfLoop(result).length === 0)
}
