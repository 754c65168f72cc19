// npm run wine: runs the code for Windows in real Windows builds of Node under Wine, with peers on Linux as witnesses.
import { stripVTControlCharacters } from 'node:util'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import picocolors from 'picocolors'
import { soon } from '../test/support/deadline.ts'
import { Peer } from '../test/support/peer.ts'
import { stopPrograms } from '../test/support/programs.ts'
import { Actor } from '../test/wine/actor.ts'
import { calls } from '../test/wine/calls.ts'
import { deaths } from '../test/wine/deaths.ts'
import { endings } from '../test/wine/endings.ts'
import type { Case, World } from '../test/wine/kit.ts'
import { advice, type Major, nodes, openStage, type Stage, wineVersion } from '../test/wine/stage.ts'
import { stopOnSignals } from './processes.ts'

interface Flags {
  node: Major[]
  only: string[]
  list?: true
}

const caseMs = 90_000
const everyCase: readonly Case[] = [...calls, ...endings, ...deaths]

const description = `Runs the code for Windows in Windows builds of Node under Wine, with peers on Linux as witnesses.

Wine's TCP is that of Linux, and so is what a death does. The last column says what a case shows: never what the stack
of Windows sends. Nothing of it is evidence for a cell of the table.

Exit codes: 0 all as stated or no Wine here, 1 a case failed, 2 bad usage or no case, 3 the stage could not be set`

const majorsOf = (text: string): Major[] =>
  text.split(',').map((word) => {
    const major = Number(word)
    if (major in nodes) return major as Major
    throw new InvalidArgumentError(`some of ${Object.keys(nodes).join(', ')}`)
  })

/** Why a case failed, or undefined if it did not. */
async function fails(stage: Stage, major: Major, peers: World['peers'], it: Case): Promise<string | undefined> {
  let actor: Actor | undefined
  try {
    actor = await Actor.start(stage, major, it.bare === true ? 'bare' : 'koffi')
    await soon(it.name, it.run({ stage, major, peers, actor }), caseMs)
    return undefined
  } catch (error) {
    const wrote = actor?.written() ?? ''
    const { message, details } = error as Error & { details?: string | false }
    return `${message}${stripVTControlCharacters(details || '')}${wrote === '' ? '' : `\nthe program wrote: ${wrote}`}`
  } finally {
    await actor?.stop()
  }
}

async function runCases(stage: Stage, flags: Flags, cases: readonly Case[]): Promise<number> {
  const colors = picocolors.createColors(process.stdout.isTTY === true && picocolors.isColorSupported)
  const width = Math.max(...cases.map(({ name }) => name.length))
  console.log(`${'fact'.padEnd(width)}  ${flags.node.map((major) => `Node ${major}`).join('  ')}  what it shows`)
  const [plain, secure] = await Promise.all([Peer.start(), Peer.start('tls-peer-program')])
  let failed = 0
  for (const it of cases) {
    const problems = await Promise.all(flags.node.map((major) => fails(stage, major, { plain, secure }, it)))
    const cells = problems.map((problem) => (problem === undefined ? colors.green('ok     ') : colors.red('FAIL   ')))
    console.log([it.name.padEnd(width), ...cells, it.proves].join('  '))
    for (const [index, problem] of problems.entries()) {
      if (problem === undefined) continue
      failed += 1
      console.log(`  Node ${flags.node[index]}: ${problem.replaceAll('\n', '\n  ')}`)
    }
  }
  return failed
}

async function main(flags: Flags): Promise<number> {
  const cases = everyCase.filter(({ name }) => flags.only.every((word) => name.includes(word)))
  if (cases.length === 0) {
    console.error(`no case has ${flags.only.join(' and ')} in its name; --list shows them`)
    return 2
  }
  if (flags.list) {
    for (const { name, proves } of cases) console.log(`${name}  [${proves}]`)
    return 0
  }
  const wine = wineVersion()
  if (wine === undefined) {
    console.log(`SKIPPED: there is no Wine here; this brings it: ${advice}`)
    return 0
  }
  const started = performance.now()
  console.log(`${wine}, Node ${flags.node.map((major) => nodes[major]).join(' and ')} for Windows`)
  let stage: Stage
  try {
    stage = await openStage(flags.node)
  } catch (error) {
    console.error((error as Error).message)
    return 3
  }
  const failed = await runCases(stage, flags, cases)
  await stopPrograms()
  const runs = cases.length * flags.node.length
  console.log(`${runs - failed} passed, ${failed} failed, ${Math.round((performance.now() - started) / 1000)} s`)
  return failed === 0 ? 0 : 1
}

stopOnSignals()
try {
  const command = new Command('npm run wine --')
    .description(description)
    .option('--node <majors>', 'which versions', majorsOf, [20, 22] as Major[])
    .option('--only <words...>', 'the cases whose names have all of them', [])
    .option('--list', 'prints the cases')
    .exitOverride()
    .parse()
  process.exitCode = await main(command.opts<Flags>())
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
