// npm run bench: what finrst costs, next to the same without it and to what people use instead.
import { rmSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import pc from 'picocolors'
import { backend } from '../adapters/node/libc.js'
import { benches } from './benches.js'
import { benchEmbeddings } from './embed.js'
import { keepResults, writeDocument } from './document.js'
import { type Bench, type Effort, machineLine } from './section.js'
import { showSection } from './show.js'

interface Flags {
  quick?: true
  rounds: number
  connections: number
  markdown?: string
  rewrite?: true
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It is ${text}; expected a whole number, ${least} … ${most}.`)
  }
}

function checkNames(names: string[]): string[] {
  const strange = names.filter((name) => !(name in benches))
  if (strange.length === 0) return names.length > 0 ? names : Object.keys(benches)
  console.error(
    `there is no benchmark ${strange.join(', ')}; expected some of ${Object.keys(benches).join(', ')}, or embed`,
  )
  return process.exit(2)
}

async function perform(names: string[], flags: Flags): Promise<void> {
  const { quick = false, markdown } = flags
  if (flags.rewrite) {
    if (markdown === undefined) return command.error('error: --rewrite needs --markdown <file>, the document to write')
    return writeDocument(markdown)
  }
  const effort: Effort = quick
    ? { quick, rounds: 3, connections: 20 }
    : { quick, rounds: flags.rounds, connections: flags.connections }
  console.log(`${machineLine()}\nsystem calls through ${backend().name}; medians, and ratios of pairs with their range`)
  for (const name of checkNames(names)) {
    const { title, run } = benches[name] as Bench
    console.log(`\n${pc.bold(pc.underline(title))}`)
    const started = performance.now()
    const section = await run(effort)
    const seconds = Math.round((performance.now() - started) / 1000)
    showSection(section)
    console.log(pc.dim(`\n  npm run bench -- ${name}  ${seconds} s`))
    if (markdown === undefined) continue
    const date = new Date().toISOString().slice(0, 10)
    const command = `npm run bench -- ${name}${quick ? ' --quick' : ''}`
    keepResults(markdown, name, { ...section, date, machine: machineLine(), command, seconds })
  }
  if (markdown !== undefined) await writeDocument(markdown)
}

const command = new Command('npm run bench --')
  .argument('[names...]', 'what to measure; all without a name')
  .option('--quick', 'only see that it runs: few rounds, small numbers')
  .option('--rounds <n>', 'pairs measured for each comparison, 3 … 1000', whole(3, 1000), 15)
  .option('--connections <n>', 'connections in each round, 10 … 100000', whole(10, 100_000), 400)
  .option('--markdown <file>', 'keep the results beside this file, and write it from all that are kept')
  .option('--rewrite', 'measure nothing: write the --markdown file anew from the results that are kept')
  .addHelpText('after', () => {
    const lines = Object.entries(benches).map(([name, { title, takes }]) => `  ${name.padEnd(12)} ${takes}  ${title}`)
    const embed = '  embed [language…]   the libraries in other languages; npm run test:embed builds them'
    return `\nBenchmarks, and how long they take on two idle cores:\n${lines.join('\n')}\n${embed}`
  })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(perform)

if (process.argv[2] === 'embed') process.exit(benchEmbeddings(process.argv.slice(3)))
try {
  await command.parseAsync()
} finally {
  for (const runtime of ['node', 'deno', 'bun']) {
    rmSync(`build/bench/${runtime}.${process.pid}`, { recursive: true, force: true })
  }
}
process.exit(process.exitCode ?? 0)
