// npm run wine: runs the code for Windows in Windows builds of Node and Bun under Wine, with peers on Linux to witness.
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
import { type Case, isAbout, type World } from '../test/wine/kit.ts'
import { advice, openStage, type PlayerName, players, type Stage, wineVersion } from '../test/wine/stage.ts'
import { stopOnSignals } from './processes.ts'

interface Flags {
  runtimes: PlayerName[]
  only: string[]
  list?: true
}

const caseMs = 90_000
const everyCase: readonly Case[] = [...calls, ...endings, ...deaths]

const description = `Runs the code for Windows in Windows builds of Node and Bun under Wine. Peers on Linux witness.

Wine's TCP is that of Linux, and so is what a death does. The last column says what a case shows: never what the stack
of Windows sends. Nothing of it is evidence for a cell of the table.

Exit codes: 0 all as stated or no Wine here, 1 a case failed, 2 bad usage or no case, 3 the stage could not be set`

const playersOf = (text: string): PlayerName[] =>
  text.split(',').map((word) => {
    if (Object.hasOwn(players, word)) return word as PlayerName
    throw new InvalidArgumentError(`some of ${Object.keys(players).join(', ')}`)
  })

/** Why a case failed, or undefined if it did not or is not about this runtime. */
async function fails(stage: Stage, name: PlayerName, peers: World['peers'], it: Case): Promise<string | undefined> {
  if (!isAbout(it, name)) return undefined
  let actor: Actor | undefined
  try {
    actor = await Actor.start(stage, name, it.bare === true ? 'bare' : 'koffi')
    await soon(it.name, it.run({ stage, name, peers, actor }), caseMs)
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
  console.log(`${'fact'.padEnd(width)}  ${flags.runtimes.map((name) => name.padEnd(7)).join('  ')}  what it shows`)
  const [plain, secure] = await Promise.all([Peer.start(), Peer.start('tls-peer-program')])
  let failed = 0
  for (const it of cases) {
    const problems = await Promise.all(flags.runtimes.map((name) => fails(stage, name, { plain, secure }, it)))
    const cells = problems.map((problem, index) => {
      if (!isAbout(it, flags.runtimes[index])) return '-      '
      return problem === undefined ? colors.green('ok     ') : colors.red('FAIL   ')
    })
    console.log([it.name.padEnd(width), ...cells, it.proves].join('  '))
    for (const [index, problem] of problems.entries()) {
      if (problem === undefined) continue
      failed += 1
      console.log(`  ${flags.runtimes[index]}: ${problem.replaceAll('\n', '\n  ')}`)
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
  console.log(`${wine}, ${flags.runtimes.map((name) => players[name].title).join(', ')} for Windows`)
  let stage: Stage
  try {
    stage = await openStage(flags.runtimes)
  } catch (error) {
    console.error((error as Error).message)
    return 3
  }
  const failed = await runCases(stage, flags, cases)
  await stopPrograms()
  const runs = flags.runtimes.flatMap((name) => cases.filter((it) => isAbout(it, name))).length
  console.log(`${runs - failed} passed, ${failed} failed, ${Math.round((performance.now() - started) / 1000)} s`)
  return failed === 0 ? 0 : 1
}

stopOnSignals()
try {
  const command = new Command('npm run wine --')
    .description(description)
    .option('--runtimes <names>', 'some of node20, node22 and bun', playersOf, ['node20', 'node22'] as PlayerName[])
    .option('--only <words...>', 'the cases whose names have all of them', [])
    .option('--list', 'prints the cases')
    .exitOverride()
    .parse()
  process.exitCode = await main(command.opts<Flags>())
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
