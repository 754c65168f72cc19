// Tests help and the manual page: complete, true, and of one source.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeProgram } from '../conformance/command-line.js'
import { commandHelp, exitsOf } from '../conformance/help.js'
import { renderManual } from '../scripts/generate/man.ts'
import { buildCommandLine, finrst, folder, folderWith } from './support/command-line.js'
import { fact } from './support/deadline.js'
import { factWith, runTool } from './support/tools.js'

test.before(buildCommandLine)
test.after(() => rmSync(folder, { recursive: true }))

const { commands } = makeProgram()

/** The words of an example, as a shell hands them on. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '')

test('every command has examples and exit codes, and nothing else has', () => {
  assert.equal(Object.keys(commandHelp).sort(), commands.map((command) => command.name()).sort())
  for (const [name, { examples, exits }] of Object.entries(commandHelp)) {
    assert.ok(examples.length > 0 && '0' in exits, name)
    for (const [line] of examples) assert.equal(wordsOf(line).slice(0, 2), ['finrst', name], line)
  }
})

fact(
  'the help of every command has its arguments, options, examples and exit codes',
  async () => {
    for (const command of commands) {
      const { code, out } = await finrst(command.name(), '--help')
      assert.is(code, 0)
      const told = commandHelp[command.name()]
      assert.ok(told)
      const parts = [...command.options.map(({ flags }) => flags), ...told.examples.flat(), ...exitsOf(told).flat()]
      for (const part of [...parts, ...command.registeredArguments.map((argument) => `\n  ${argument.name()} `)]) {
        assert.ok(out.includes(part), `${command.name()} --help does not tell ${part}`)
      }
    }
    const { out } = await finrst('--help')
    for (const command of commands) assert.ok(out.includes(`finrst ${command.name()}`), command.name())
  },
  120_000,
)

test('every example is understood', async () => {
  const understood: string[] = []
  for (const [line] of Object.values(commandHelp).flatMap(({ examples }) => examples)) {
    const program = makeProgram()
    for (const command of program.commands) command.exitOverride().action(() => void understood.push(line))
    await program.parseAsync(wordsOf(line).slice(1), { from: 'user' })
    assert.is(understood.at(-1), line)
  }
  const program = makeProgram()
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined })
  const wrong = program.parseAsync(['test', '--lenient'], { from: 'user' })
  assert.match(String(await wrong.catch((error: unknown) => error)), /unknown option '--lenient'/)
})

fact(
  'what examples name is there',
  async () => {
    for (const name of ['explain', 'table', 'demo'] as const) {
      for (const [line] of commandHelp[name]?.examples ?? []) {
        const { code, errors } = await finrst(...wordsOf(line).slice(1))
        assert.is(code, 0, `${line}: ${errors}`)
      }
    }
    for (const id of ['close-*', 'crash-sigkill', 'plain-*', 'close.*']) {
      assert.is((await finrst('list', id)).code, 0, id)
    }
  },
  120_000,
)

fact(
  'exit codes are what help says',
  async () => {
    const lie = 'title: A lie\nguard: none\n\n$ open\n$ write 10; end\n> data 10\n> reset\n'
    const failing = join(folder, 'failing.json')
    await finrst('test', '--only', 'wire', '--scripts', folderWith('lie', lie), '--json', failing)
    const passing = join(folder, 'passing.json')
    assert.is((await finrst('test', 'close-complete', '--json', passing)).code, 0)
    const codes: [code: number, ...args: string[]][] = [
      [0, 'report', passing],
      [1, 'report', failing],
      [2, 'report', 'package.json'],
      [2, 'list', 'no-such-script'],
      [2, 'audit', 'nowhere'],
      [2, 'explain', 'no-such-rule'],
      [2, 'table', 'no-such-row'],
      [2, 'no-such-command'],
    ]
    for (const [code, ...args] of codes) assert.is((await finrst(...args)).code, code, args.join(' '))
  },
  120_000,
)

const page = 'docs/finrst.1'

test('the manual page is current, published, and named in the manifest', () => {
  assert.ok(readFileSync(page, 'utf8') === renderManual(), `${page} is stale; run npm run generate`)
  // npm links what is in an array, and passes over a single name.
  const { man } = JSON.parse(readFileSync('package.json', 'utf8')) as { man: string[] }
  assert.equal(man, ['dist/finrst.1'])
  assert.ok(readFileSync(man[0] ?? '', 'utf8') === renderManual(), `${man} is stale; run npm run build`)
})

/** A text whose letters are not struck over, and whose blanks are one. */
const words = (text: string): string =>
  text
    .split('\b')
    .map((part, at, parts) => (at < parts.length - 1 ? part.slice(0, -1) : part))
    .join('')
    .replace(/\s+/g, ' ')

factWith('mandoc', 'mandoc', 'mandoc has nothing to say of the manual page, and shows all of it', async () => {
  const lint = await runTool(['mandoc', '-T', 'lint', '-W', 'style', page])
  // Whether the pages that it refers to are installed is the machine's business.
  const said = `${lint.output}${lint.errors}`.split('\n').filter((line) => line !== '' && !/mandoc\.db/.test(line))
  assert.equal(said, [])
  const bad = join(folder, 'bad.1')
  mkdirSync(folder, { recursive: true })
  writeFileSync(bad, renderManual().replace('.Sh NAME', '.Sh NAMES'))
  assert.match((await runTool(['mandoc', '-T', 'lint', '-W', 'style', bad])).output, /NAME/)

  const shown = await runTool(['mandoc', '-T', 'ascii', page])
  assert.is(shown.code, 0, shown.errors)
  const text = words(shown.output)
  for (const command of commands) {
    for (const { long } of command.options) assert.ok(text.includes(` ${long} `), `${command.name()} ${long}`)
    for (const [line, told] of commandHelp[command.name()]?.examples ?? []) {
      assert.ok(text.includes(words(line.replaceAll('…', '...'))), line)
      assert.ok(text.toLowerCase().includes(told.toLowerCase()), told)
    }
  }
})

factWith('groff', 'groff', 'groff has nothing to say of the manual page', async () => {
  const { code, output, errors } = await runTool(['groff', '-mdoc', '-Tascii', '-ww', '-z', page])
  assert.equal([code, output, errors], [0, '', ''])
})

test.run()
