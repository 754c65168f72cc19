// npm run fuzz: the long forms of the tests that try random cases, one after the other, by one seed that is printed.
//
// 1. A part is a test file with a count; its short form is in `npm test`, with another seed in each run.
// 2. What is about sockets of node:net runs under this Node, or under the runtimes that are named.
import { Command, InvalidArgumentError } from 'commander'
import { runProcess, stopOnSignals } from './processes.ts'

/** One part: its test, the variable that says how much, and how much is the whole. */
interface Part {
  test: string
  variable: 'FINRST_SAMPLES' | 'FINRST_RUNS' | 'FINRST_CONNECTIONS'
  whole: number
  about: string
}

const parts: Readonly<Record<string, Part>> = {
  engine: { test: 'fuzz-engine', variable: 'FINRST_SAMPLES', whole: 10_000_000, about: 'words into the Wasm' },
  input: { test: 'fuzz-input', variable: 'FINRST_SAMPLES', whole: 1_000_000, about: 'a hundredth: texts of each kind' },
  testee: { test: 'fuzz-testee', variable: 'FINRST_SAMPLES', whole: 2_000_000, about: 'a 200th: requests to a testee' },
  commands: { test: 'node-property', variable: 'FINRST_RUNS', whole: 200, about: 'times 50: sequences of commands' },
  relay: { test: 'node-relay-property', variable: 'FINRST_RUNS', whole: 100, about: 'times 30: pairs of peers' },
  faults: { test: 'node-faults', variable: 'FINRST_RUNS', whole: 60, about: 'pairs of faults for each situation' },
  hostile: { test: 'node-hostile', variable: 'FINRST_CONNECTIONS', whole: 1000, about: 'hostile peers of a server' },
}

interface Flags {
  only: string[]
  seed: number
  times: number
  runtimes: string
}

const numberFrom =
  (least: number, whole: boolean) =>
  (text: string): number => {
    const number = Number(text)
    if (number >= least && Number.isFinite(number) && (!whole || Number.isInteger(number))) return number
    throw new InvalidArgumentError(`a ${whole ? 'whole ' : ''}number from ${least}`)
  }

/** Runs one part, shows what it says, and answers whether it went well. */
async function runPart(name: string, part: Part, { seed, times, runtimes }: Flags): Promise<boolean> {
  const amount = Math.max(1, Math.round(part.whole * times))
  const command = ['scripts/run.mjs', 'scripts/test.ts', '--quick', '--runtimes', runtimes, '--only', part.test]
  const { code, output, seconds } = await runProcess([process.execPath, ...command], {
    deadlineSeconds: 3600,
    env: { ...process.env, [part.variable]: String(amount), FINRST_SEED: String(seed) },
  })
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name}: ${amount} (${part.about}), ${seconds.toFixed(0)} s`)
  const told = code === 0 ? [...output.matchAll(/^ +note: .*$/gm)].map(([note]) => note).join('\n') : output.trimEnd()
  if (told !== '') console.log(told)
  if (code !== 0)
    console.log(`again: npm run fuzz -- --only ${name} --seed ${seed} --times ${times} --runtimes ${runtimes}`)
  return code === 0
}

async function main(): Promise<void> {
  const flags = new Command('npm run fuzz --')
    .description('Tries random words, texts, requests, commands, faults and peers, many of each.')
    .option('--only <parts...>', `some of ${Object.keys(parts).join(', ')}`, Object.keys(parts))
    .option('--seed <number>', 'repeats a run', numberFrom(0, true), Date.now() % 2147483647)
    .option('--times <factor>', 'as many times what is the whole', numberFrom(0.001, false), 1)
    .option('--runtimes <names>', 'what is about sockets runs under these', 'node')
    .addHelpText(
      'after',
      `\nParts:\n${Object.entries(parts)
        .map(([name, { whole, about }]) => `  ${name.padEnd(10)}${String(whole).padStart(9)}  ${about}`)
        .join('\n')}`,
    )
    .parse()
    .opts<Flags>()
  const strange = flags.only.filter((name) => !Object.hasOwn(parts, name))
  if (strange.length > 0) {
    console.error(`no part is named ${strange.join(', ')}; there are ${Object.keys(parts).join(', ')}`)
    process.exit(2)
  }
  stopOnSignals()
  console.log(`seed ${flags.seed}; Node ${process.versions.node}, ${process.platform} ${process.arch}`)
  const failed: string[] = []
  for (const name of new Set(flags.only)) {
    const part = parts[name]
    if (part !== undefined && !(await runPart(name, part, flags))) failed.push(name)
  }
  console.log(failed.length === 0 ? 'nothing was found' : `found something: ${failed.join(', ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
}

await main()
