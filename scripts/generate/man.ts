// Generates docs/finrst.1, the manual page, from the commands as they are defined and from what help adds to them.
import type { Argument, Command, Help, Option } from 'commander'
import { makeProgram } from '../../conformance/command-line.js'
import {
  changed,
  type CommandHelp,
  commandHelp,
  commonExits,
  environment,
  exitsOf,
  hasOutcomes,
  outcomes,
} from '../../conformance/help.js'
import { wrap } from '../../conformance/text.js'

const columns = 78

/** Text that means nothing but itself to roff, wherever it stands. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replace(
      /[-'`~^…]/g,
      (sign) => ({ '-': '\\-', "'": '\\(aq', '`': '\\(ga', '~': '\\(ti', '^': '\\(ha' })[sign] ?? '...',
    )

/** Lines of text: a sentence begins a line, and no line begins with what roff takes for a request. */
const prose = (text: string): string[] =>
  text
    .split(/(?<=[.;:]) /)
    .flatMap((sentence) => wrap(sentence, columns))
    .map((line) => plain(line).replace(/^\./, '\\&.'))

const synopsisOf = (argument: Argument): string => {
  const dots = argument.variadic ? ' ...' : ''
  return argument.required ? `.Ar ${argument.name()}${dots}` : `.Op Ar ${argument.name()}${dots}`
}

const flagOf = (option: Option): string => {
  const long = `Fl \\-${option.long?.replace(/^--/, '').replaceAll('-', '\\-')}`
  const short = option.short === undefined ? '' : `Fl ${option.short.slice(1)} , `
  const value = /[<[](.+?)[>\]]/.exec(option.flags)?.[1]
  return `${short}${long}${value === undefined ? '' : ` Ar ${value}`}`
}

const list = (items: readonly (readonly [tag: string, text: string])[]): string[] => [
  '.Bl -tag -width Ds',
  ...items.flatMap(([tag, text]) => [`.It ${tag}`, ...prose(text)]),
  '.El',
]

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** A full stop alone would end a sentence. */
const letterItem = ([letter, told]: readonly [string, string]): [string, string] => [`Li \\&${letter}`, told]

const exits = (codes: readonly (readonly [string, string])[]): string[] =>
  list(codes.map(([code, told]) => [code, sentence(told)]))

function commandLines(command: Command, help: Help, told: CommandHelp): string[] {
  const shown = command.registeredArguments
  return [
    `.Ss ${command.name()}`,
    ...prose(sentence(command.description())),
    ...list([
      ...shown.map((argument): [string, string] => [`Ar ${argument.name()}`, help.argumentDescription(argument)]),
      ...help
        .visibleOptions(command)
        .map((option): [string, string] => [flagOf(option), help.optionDescription(option)]),
    ]),
    ...(hasOutcomes(command.name()) ? ['.Pp', 'Its outcomes are', ...list(outcomes.map(letterItem))] : []),
    '.Pp',
    'It exits with',
    ...exits(exitsOf(told)),
  ]
}

/** The page. */
export function renderManual(): string {
  const program = makeProgram()
  const help = program.createHelp()
  const commands = program.commands.map((command) => {
    const told = commandHelp[command.name()]
    if (told === undefined) throw new Error(`conformance/help.ts says nothing of ${command.name()}`)
    return { command, told }
  })
  return [
    '.\\" Generated from conformance/command-line.ts and conformance/help.ts by scripts/generate/man.ts; do not edit.',
    `.Dd ${changed}`,
    '.Dt FINRST 1',
    '.Os',
    '.Sh NAME',
    '.Nm finrst',
    '.Nd check how TCP connections end',
    '.Sh SYNOPSIS',
    ...commands.flatMap(({ command }) => [
      '.Nm',
      `.Cm ${command.name()}`,
      ...(command.options.length > 0 ? ['.Op Ar option ...'] : []),
      ...command.registeredArguments.map(synopsisOf),
    ]),
    '.Sh DESCRIPTION',
    ...prose(program.description()),
    'Run without a command, it prints what there is.',
    ...commands.flatMap(({ command, told }) => commandLines(command, help, told)),
    '.Sh ENVIRONMENT',
    ...list(Object.entries(environment).map(([name, text]) => [`Ev ${name}`, text])),
    '.Sh EXIT STATUS',
    'The commands say what 0 and 1 mean.',
    'Of every command',
    ...exits(Object.entries(commonExits)),
    '.Sh EXAMPLES',
    ...commands
      .flatMap(({ told }) =>
        told.examples.flatMap(([line, text]) => [
          ...prose(sentence(text)),
          '.Bd -literal -offset indent',
          plain(line),
          '.Ed',
          '.Pp',
        ]),
      )
      .slice(0, -1),
    '.Sh SEE ALSO',
    '.Xr setsockopt 2 ,',
    '.Xr shutdown 2 ,',
    '.Xr socket 7 ,',
    '.Xr tcp 7',
    '.Pp',
    'The platform table, the rules and the testee protocol are in the folder',
    '.Pa spec',
    'of the package.',
    '.Sh STANDARDS',
    '.Rs',
    '.%A W. Eddy',
    '.%T Transmission Control Protocol (TCP)',
    '.%R RFC 9293',
    '.Re',
    '',
  ].join('\n')
}

/** The page, by its path. */
export function generateManual(): Map<string, string> {
  return new Map([['docs/finrst.1', renderManual()]])
}
