// npm run impaired: plays guarded connections through networks that lose, delay, reorder, double, and are cut.
import { Command } from 'commander'
import picocolors from 'picocolors'
import { playAll, type SceneResult, scripts } from '../test/endurance/impaired.ts'
import { findRuntimes, parseRuntimes, wholeNumber } from './arguments.ts'
import type { Runtime, RuntimeName } from './runtimes.ts'

interface Flags {
  times: number
  seed: number
  runtimes: RuntimeName[]
  node: number[]
  only: string[]
  list?: true
}

const examples = `
The networks are two network namespaces with a cable of veth between them; nft loses packets, and a relay over TUN
(Python) delays, reorders and doubles them. That takes root, or CAP_SYS_ADMIN and CAP_NET_ADMIN, on Linux.

Examples:
  npm run impaired                                        every scene, on Node, Deno and Bun
  npm run impaired -- --runtimes node --only 'loses 5 %'  one scene
  npm run impaired -- --list                              the names of the scenes

Exit codes: 0 the promise held, 1 it did not, 2 bad usage, 3 this machine does not allow it`

const tally = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([word, times]) => `${word} ${times}`)
    .join(' · ')

/** The results of one runtime as rows of a table. */
const rowsOf = ({ name, version }: Runtime, results: readonly SceneResult[]): string[] =>
  results.map(({ name: scene, saw, said, problems }) => {
    const held = problems.length === 0 ? 'held' : '**broken**'
    return `| ${name} ${version} | ${scene} | ${tally(saw)} | ${tally(said)} | ${held} |`
  })

async function run(flags: Flags): Promise<void> {
  if (flags.list) return console.log(scripts.map(({ name }) => name).join('\n'))
  const only = flags.only.length > 0 ? { only: flags.only } : {}
  const strange = flags.only.find((name) => scripts.every((script) => script.name !== name))
  if (strange !== undefined) {
    console.error(`there is no scene "${strange}"; --list shows all`)
    process.exitCode = 2
    return
  }
  const rows: string[] = []
  let broken = 0
  let said = ''
  for (const runtime of await findRuntimes(flags)) {
    const { results, netem } = await playAll(runtime, { times: flags.times, seed: flags.seed, ...only }, (result) => {
      const { name, saw, problems, seconds } = result
      const mark = problems.length === 0 ? picocolors.green('held  ') : picocolors.red('BROKEN')
      console.error(`${mark} ${runtime.name.padEnd(4)}  ${name.padEnd(44)} ${tally(saw)}  ${seconds.toFixed(1)} s`)
      for (const problem of problems.slice(0, 10)) console.error(`        ${problem}`)
    })
    rows.push(...rowsOf(runtime, results))
    broken += results.filter(({ problems }) => problems.length > 0).length
    said = netem
  }
  console.log('| runtime | network | peers read | verdicts | |\n| --- | --- | --- | --- | --- |')
  console.log(`${rows.join('\n')}\n\nConnections of each ending: ${flags.times}, seed ${flags.seed}. ${said}`)
  process.exitCode = broken > 0 ? 1 : 0
}

// Programs and networks are ended by the handlers of 'exit' that they have.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(code))
}
await new Command('npm run impaired --')
  .description('Plays guarded connections through networks that lose, delay, reorder, double, and are cut.')
  .option('--times <number>', 'connections of each ending', wholeNumber(1, 10_000), 50)
  .option('--seed <number>', 'what the relay does', wholeNumber(1, 2 ** 31 - 1), 20_261_126)
  .option('--runtimes <names>', 'some of node,deno,bun', parseRuntimes, ['node', 'deno', 'bun'])
  .option(
    '--node <majors>',
    'versions of Node; default: the running one',
    (text) => text.split(',').map(wholeNumber(20, 99)),
    [],
  )
  .option('--only <names...>', 'only these scenes', [])
  .option('--list', 'print the names of the scenes')
  .addHelpText('after', examples)
  .action(run)
  .parseAsync()
  .catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 3
  })
