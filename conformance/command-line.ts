// What can be typed: the commands of finrst with their arguments and options. Help and the manual page come from here.
import { Command, Option } from 'commander'
import { auditServer } from './audit/command.js'
import { demonstrate } from './demo.js'
import { showRule } from './explain.js'
import { ownVersion } from './files.js'
import { programText, textAfter } from './help.js'
import { list } from './list-command.js'
import { addForms } from './report/forms.js'
import { exitCodes } from './result.js'
import { checkKinds } from './run.js'
import { captureKinds } from './system/run.js'
import { showTable } from './table-view.js'
import { report, test } from './test-command.js'
import { bundledNames } from './testees.js'

interface PlatformFlags {
  platform?: string[]
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** The program, with every command. */
export const makeProgram = (): Command => {
  const program = new Command('finrst')
    .description('Checks how TCP connections end: FIN when complete, RST when not.')
    .version(ownVersion())
    .addHelpText('after', programText())
    .showHelpAfterError('(finrst --help shows what there is)')
    .exitOverride()
  const scripts = (): Option => new Option('--scripts <folder>', 'a folder of .wire scripts instead of the own ones')
  const platforms = (what: string): Option =>
    new Option('-p, --platform <names>', `${what}; several with commas, or the option again`).argParser(
      (text: string, before?: string[]) => [...(before ?? []), text],
    )
  addForms(program.command('test'))
    .description('run vectors and wire scripts and say which contradict')
    .argument('[id...]', 'ids; * stands for anything')
    .option('--testee <command>', `another implementation, or bundled:${bundledNames.join('|')}; see spec/testee.md`)
    .addOption(new Option('--only <kind>', 'one kind of check').choices(checkKinds))
    .addOption(new Option('--except <kind>', 'everything but one kind of check').choices(checkKinds))
    .addOption(new Option('--needs <level>', 'wire scripts of this level').choices(['peer', 'packet', 'raw']))
    .addOption(
      new Option('--capture <by>', 'who captures segments, for the levels packet and raw')
        .choices(captureKinds)
        .default('own'),
    )
    .addOption(scripts())
    .addOption(
      new Option('--emit-cells', 'print what the row scripts came to, as cells of the table')
        .implies({ only: 'rows' })
        .conflicts(['except', 'verbose']),
    )
    .option('--verbose', 'a line for each check; the whole exchange if there is only one')
    .action(test)
  addForms(program.command('report'))
    .description('read what finrst test --json wrote, on many machines, and write one report of it')
    .argument('<run.json...>', 'reports of runs, or of finrst report --json')
    .option('--verbose', 'without a file to write: a line for each check')
    .action(report)
  program
    .command('list')
    .description('print id, level and title of the wire scripts')
    .argument('[id...]', 'ids; * stands for anything')
    .addOption(scripts())
    .addOption(
      new Option('--as <language>', 'write row scripts in another language, for Linux').choices(['packetdrill']),
    )
    .option('--into <folder>', 'with --as: a file for each script')
    .action(list)
  program
    .command('audit')
    .description('connect to a running server and report how it ends connections')
    .argument('<host:port>', 'the one address that is connected to')
    .option('--http', 'it speaks HTTP/1.1, without TLS')
    .option('--path <path>', 'what is asked for, with --http', '/')
    .option('--wait <seconds>', 'how long each ending is waited for', '10')
    .option('--dry-run', 'say what would be done, and how much at most, and do nothing')
    .option('--json <file>', 'write a report; see spec/schemas/audit.schema.json; - is the standard output')
    .action(auditServer)
  program
    .command('demo')
    .description('let a program die in the middle of its answer, bare and guarded, and show what its client reads')
    .action(async () => {
      if (!(await demonstrate(print))) process.exitCode = exitCodes.failure
    })
  program
    .command('explain')
    .description('say why a rule decides as it does')
    .argument('<rule...>', 'the id or number of a rule, or a log line with rule=<id>')
    .addOption(platforms('what its row of the table says of this platform'))
    .action((words: string[], flags: PlatformFlags) => print(showRule(words.join(' '), flags.platform)))
  program
    .command('table')
    .description('print what each platform does')
    .argument('[row]', 'one row with the evidence of its cells, or a group such as close')
    .addOption(platforms('the column of this platform, in words'))
    .action((row: string | undefined, flags: PlatformFlags) => print(showTable(row, flags.platform)))
  for (const command of program.commands) command.addHelpText('after', () => textAfter(command.name()))
  return program
}
