// npm run model: explores the model of connections, or plays one path through it again.
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import picocolors from 'picocolors'
import { tellState } from '../conformance/vectors.js'
import { loadWasm } from '../simulation/engine.ts'
import { Host } from '../simulation/host.ts'
import type { Bounds } from '../simulation/setting.ts'
import { replay } from '../test/model/explore.ts'
import { exploreAll, serveThread, settingsFor } from '../test/model/workers.ts'
import { wholeNumber } from './arguments.ts'

interface Flags {
  units?: number
  failures?: number
  threads: number
  list?: true
  replay?: number[]
}

const pathOf = (text: string): number[] => text.split(',').map(wholeNumber(0, 2147483647))

function boundsOf({ units, failures }: Flags): Partial<Bounds> {
  return { ...(units === undefined ? {} : { units }), ...(failures === undefined ? {} : { failures }) }
}

/** The counts of an exploration in a line. */
const count = (number: number): string => number.toLocaleString('en-US')

async function run(ids: string[], flags: Flags, command: Command): Promise<void> {
  const wanted = { ids, bounds: boundsOf(flags) }
  const settings = settingsFor(wanted)
  if (settings.length === 0) command.error('error: no setting is named so; --list shows all')
  if (flags.list) return console.log(settings.map(({ id }) => id).join('\n'))
  if (flags.replay) {
    const [setting] = settings
    if (setting === undefined || settings.length > 1) command.error('error: --replay needs one setting')
    return console.log(replay(new Host(loadWasm), setting, flags.replay, tellState).join('\n'))
  }
  const terminal = process.stderr.isTTY === true
  const total = await exploreAll(wanted, flags.threads, (done, of) => {
    if (terminal) process.stderr.write(`\r${done} of ${of} groups`)
  })
  if (terminal) process.stderr.write('\r\u001b[K')
  for (const broken of total.broken) console.log(picocolors.red(broken))
  for (const [about, times] of total.unknown) console.log(picocolors.dim(`${count(times)} times: ${about}`))
  const rate = (total.transitions / total.seconds / 1e6).toFixed(1)
  console.log(
    `${count(total.settings)} settings, ${count(total.states)} states, ${count(total.transitions)} transitions ` +
      `in ${total.seconds.toFixed(1)} s, ${rate} M/s; ${total.broken.length} broken`,
  )
  process.exitCode = total.broken.length > 0 ? 1 : 0
}

if (!serveThread()) {
  await new Command('npm run model --')
    .description('Explores every world that a guarded connection can come to, on every kernel of the table.')
    .argument('[setting...]', "kernel/host/policy, such as 'linux/everything/strict'; * stands for anything")
    .option('--units <number>', 'units that the program may write', wholeNumber(1, 2))
    .option('--failures <number>', 'calls that may fail in one connection', wholeNumber(0, 3))
    .option('--threads <number>', 'how many threads', wholeNumber(1, 64), Math.min(2, availableParallelism()))
    .option('--list', 'list the settings')
    .option('--replay <path>', 'play the path of a broken promise again', pathOf)
    .action(run)
    .parseAsync()
}
