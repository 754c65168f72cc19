// Tests what `finrst table` and `finrst explain` print: legible at any width, complete, and about the right platform.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import picocolors from 'picocolors'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readPlatforms, readRows } from '../adapters/spec/files.js'
import type { Platform, Row, Run } from '../adapters/spec/types.js'
import { showRule } from '../conformance/explain.js'
import { grid, widthsOf } from '../conformance/grid.js'
import { choosePlatforms, platformOfRow, runningPlatforms } from '../conformance/platforms.js'
import { UsageError } from '../conformance/result.js'
import { columnText, rowText, type View } from '../conformance/row-view.js'
import { matrixText, showTable } from '../conformance/table-view.js'
import { hang, legend, type Look, lengthOf, lookOf, wrap } from '../conformance/text.js'

const plain = (width = 100): Look => ({ width, colors: picocolors.createColors(false) })
const painted = (width = 100): Look => ({ width, colors: picocolors.createColors(true) })
const tooLong = (text: string, width: number): string[] => text.split('\n').filter((line) => lengthOf(line) > width)
/** The text without blanks and breaks, to look for what may have been broken. */
const joined = (text: string): string => text.replace(/\s+/g, '')

const ref = 'apple-oss-distributions/xnu@xnu-11417.101.15:bsd/netinet/tcp_usrreq.c#tcp_disconnect_and_a_long_name_more'
const runRef = 'probe 2026-11-22: Linux 6.18.44, close'
const system = (id: string, row: number): Platform => ({
  ...{ id, name: id.toUpperCase(), kind: 'os', row, releases: [{ id: '2', name: 'Two', known: ['run'] }] },
  constants: { lingerOption: { name: 'SO_LINGER', value: row, evidence: [{ kind: 'source', ref }] } },
  errors: { RESET: { name: 'ECONNRESET', value: 100 + row } },
  ...(id === 'linux' ? { arches: [{ id: 'mips', row: 60, name: 'On MIPS', errors: { RESET: mipsReset } }] } : {}),
})
const mipsReset = { name: 'ECONNRESET', value: 131 }
const runtime: Platform = { ...{ id: 'node', name: 'Node', kind: 'runtime' }, releases: [] }
const someRow: Row = {
  id: 'close.made-up-for-a-test',
  title: 'Some systems reset',
  question: 'What is sent?',
  answers: { reset: 'a reset, at once', 'always-ECONNRESET': 'an error' },
  wire: ['plain-exit'],
  cells: {
    linux: [
      { ...{ is: 'reset', from: '2', note: 'A detail.' }, evidence: [{ kind: 'run', ref: runRef }] },
      { is: 'always-ECONNRESET', until: '1', evidence: [{ kind: 'claim', ref: 'some thread', says: 'reset' }] },
    ],
    gvisor: { is: 'always-ECONNRESET', evidence: [{ kind: 'source', ref }] },
    windows: { is: 'unknown', evidence: [] },
  },
}
const runtimeRow: Row = {
  ...{ id: 'close.by-a-runtime', title: 'It closes', question: 'Does it?', answers: { yes: 'it does' }, of: 'runtime' },
  ...{ noWire: 'nothing of it is on the wire', cells: { node: { is: 'yes', evidence: [{ kind: 'doc', ref }] } } },
}
const runs: Run[] = [
  {
    ...{ date: '2026-11-22', how: 'A program.', notation: 'Words.' },
    systems: { 'Linux 6.18.44': { platform: 'linux', release: '2' } },
    cases: { close: { 'Linux 6.18.44': 'wire[L:R]' } },
  },
]
const platforms = [system('linux', 1), system('gvisor', 2), system('windows', 3), runtime]
const view = (look: Look, rows: readonly Row[] = [someRow, runtimeRow]): View => ({ rows, platforms, runs, look })

test('no line is longer than the terminal, whatever is printed, and none than 100 columns', () => {
  for (const width of [60, 77, 100]) {
    const shown = [
      showTable(undefined, [], plain(width)),
      showTable('close', [], plain(width)),
      showTable(undefined, ['linux-mips,windows'], plain(width)),
      ...readRows().map(({ id }) => showTable(id, [], plain(width))),
      ...['flushed-sends-fin', 'abort-resets'].map((rule) => showRule(rule, ['linux', 'macos'], plain(width))),
    ]
    for (const text of shown) assert.equal(tooLong(text, width), [])
  }
  assert.is(lookOf({ columns: 250 }).width, 100)
  assert.is(lookOf({}).width, 100)
  assert.is(lookOf({ columns: 72 }).width, 72)
})

test('the whole table has every row and platform, and nothing is cut', () => {
  const text = showTable(undefined, [], plain())
  const lines = new Set(text.split('\n'))
  for (const { id, cells } of readRows()) {
    assert.ok(lines.has(id.slice(0, id.lastIndexOf('.'))), id)
    assert.match(text, new RegExp(`^ {2}${id.slice(id.lastIndexOf('.') + 1).split('-', 1)}`, 'm'))
    for (const each of Object.values(cells)) {
      const newest = Array.isArray(each) ? each[0] : each
      // A long answer may go over two lines, broken at a joint.
      if (newest && newest.is !== 'unknown') for (const part of newest.is.split('-')) assert.ok(text.includes(part), id)
    }
  }
  assert.not.match(text, /…/)
  for (const { id, kind } of readPlatforms()) if (kind === 'os') assert.match(text, new RegExp(`\\b${id}\\b`))
})

test('a matrix marks strength and split cells, and keeps systems and runtimes apart', () => {
  const lines = matrixText(view(plain())).split('\n')
  assert.equal(lines.slice(0, 6), [
    'close',
    '                     linux   gvisor             windows',
    '  made-up-for-a-test ●reset* ◐always-ECONNRESET ?',
    '               node',
    '  by-a-runtime ◐yes',
    '',
  ])
  assert.ok(lines.includes('* older releases differ'))
  assert.not.match(matrixText(view(plain(), [runtimeRow])), /older releases/)
  assert.equal(legend(plain()), lines.slice(6, 8))
})

test('a row tells everything of its cells, and what a run saw', () => {
  const text = rowText(someRow, [], view(plain()))
  assert.match(text, /^close\.made-up-for-a-test: Some systems reset\nWhat is sent\?$/m)
  assert.match(text, /^ {2}always-ECONNRESET {2}an error$/m)
  assert.match(text, /^shown by: finrst test plain-exit$/m)
  assert.match(text, /^ {2}linux {4}● reset {2}from 2, measured\n {13}A detail\.$/m)
  assert.match(text, /^ {13}run {5}probe 2026-11-22: Linux 6\.18\.44, close\n {21}saw wire\[L:R\]$/m)
  assert.match(text, /^ {11}○ always-ECONNRESET {2}until 1, assumed$/m)
  assert.match(text, /some thread \(says reset, so it does not count\)$/m)
  assert.match(text, /^ {2}windows {2}\? unknown$/m)
  assert.ok(joined(text).includes(ref), 'the reference is broken, not cut')
  const [mips] = choosePlatforms(['linux-mips'], platforms)
  assert.match(rowText(someRow, mips ? [mips] : [], view(plain())), /^ {2}linux-mips {2}● reset/m)
  assert.match(rowText(runtimeRow, mips ? [mips] : [], view(plain())), /has no cell here; the row is about node$/m)
})

test('the column of a platform is in words, and a machine has the behaviour of its system and its own numbers', () => {
  const text = columnText([someRow, runtimeRow], choosePlatforms(['linux-mips'], platforms), view(plain()))
  assert.match(text, /^linux-mips: On MIPS; behaves as linux, with numbers of its own; looked at 2$/m)
  assert.match(text, /^ {2}numbers {2}SO_LINGER 1$/m)
  assert.match(text, /^ {2}errors {3}ECONNRESET 131$/m)
  assert.match(text, /^ {2}● reset {14}a reset, at once \(from 2\)$/m)
  assert.match(text, /^ {2}○ always-ECONNRESET {2}an error \(until 1\)$/m)
  assert.not.match(text, /by-a-runtime/)
  const both = columnText([someRow], choosePlatforms(['gvisor', 'linux,gvisor'], platforms), view(plain()))
  assert.match(both, /^ {2}gvisor {2}◐ always-ECONNRESET {2}an error$/m)
  assert.match(both, /^ {2}linux {3}● reset/m)
  assert.is(both.match(/^ {2}gvisor /gm)?.length, 1)
})

test('a group is printed by the first words of its ids', () => {
  const ids = (name: string): string[] => showTable(name, ['linux'], plain()).match(/^[a-z-]+(\.[a-z-]+)+/gm) ?? []
  const rows = readRows().map(({ id }) => id)
  assert.equal(
    ids('exit'),
    rows.filter((id) => id.startsWith('exit.')),
  )
  assert.equal(
    ids('close.linger-zero'),
    rows.filter((id) => id.startsWith('close.linger-zero.')),
  )
})

/** The message of the mistake in using the command line. */
function mistake(body: () => void): string {
  try {
    body()
  } catch (error) {
    assert.instance(error, UsageError)
    return (error as UsageError).message
  }
  return assert.unreachable('was accepted') as never
}

test('a wrong name is answered with the nearest', () => {
  assert.is(
    mistake(() => showTable('close.unred')),
    'no row named close.unred; did you mean close.unread?',
  )
  assert.is(
    mistake(() => showTable('clos')),
    'no row named clos; did you mean close?',
  )
  assert.is(
    mistake(() => showTable(undefined, ['linux,windws'])),
    'no platform named windws; did you mean windows?',
  )
  assert.is(
    mistake(() => showTable('close', ['linux-mip'])),
    'no platform named linux-mip; did you mean linux-mips?',
  )
  assert.match(
    mistake(() => showRule('stale', ['plan9'])),
    /^no platform named plan9; see .*linux, linux-mips/,
  )
})

test('a platform is found by its row in the compiled table, and this one by what the process tells', () => {
  assert.is(platformOfRow(1, platforms)?.name, 'linux')
  assert.is(platformOfRow(60, platforms)?.name, 'linux-mips')
  assert.is(platformOfRow(0, platforms), undefined)
  const here = runningPlatforms(readPlatforms()).map(({ id }) => id)
  if (process.platform === 'linux') assert.is(here[0], 'linux')
})

test('an explanation has the reason, the clause, the steps, and the cell of this platform', () => {
  const text = showRule('unread-resets', ['linux'], plain())
  assert.match(text, /^unread-resets {2}rule 18\nunread bytes reset\n\nBytes arrived/)
  assert.match(text, /^clause {3}RFC 2525 2\.17, failure to RST on close with data pending$/m)
  assert.match(text, /^steps {4}ARM {9}SO_LINGER \{1,0\}: /m)
  assert.match(text, /^phase {4}ENDED: /m)
  assert.match(text, /^row {6}close\.unread: /m)
  assert.match(text, /^ {9}linux {2}● reset {2}measured\n {18}run {5}\S/m)
  const here = runningPlatforms(readPlatforms())[0]?.name ?? ''
  assert.is(showRule('unread-resets', [], plain()), showRule('unread-resets', [here], plain()))
  assert.match(showRule('unread-resets', ['freebsd', 'macos'], plain()), /^ {9}freebsd {2}.*\n(.*\n)* {9}macos {4}/m)
  assert.match(showRule('stale', [], plain()), /^steps {4}none$/m)
})

test('a log line tells its platform, event, facts, states and the steps that were planned', () => {
  const line = (context: number): string =>
    `event=FLUSHED facts=UNACKED+UNREAD rule=flushed-sends-fin steps=SHUT_WRITE context=${context} state=11→3`
  const text = showRule(line(6144 + 2), [], plain())
  assert.match(text, /^platform freebsd, by its context$/m)
  assert.match(text, /^event {4}FLUSHED$/m)
  assert.match(text, /^facts {4}UNACKED {2}the peer's.*\n {9}UNREAD {3}bytes/m)
  assert.match(text, /^before {3}CLOSING ARMED\nafter {4}CLOSING$/m)
  assert.match(text, /^steps {4}SHUT_WRITE {2}shutdown/m)
  assert.match(text, /^ {9}freebsd {2}/m)
  assert.match(showRule(line(6144 + 8), [], plain()), /^platform linux-mips, by its context$/m)
  assert.match(showRule(line(6144 + 8), ['macos'], plain()), /^ {9}macos {2}/m)
  assert.match(showRule(line(6144), [], plain()), /^platform not known, by its context$/m)
})

test('colours are for a terminal alone, and never against NO_COLOR', () => {
  const folder = join('build', 'test')
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `look.${process.pid}.mjs`)
  const contents = "import { lookOf } from './conformance/text.ts'\nconsole.log([true, false].map(colored).join())\n"
  const colored = '\nfunction colored(isTTY) { return lookOf({ isTTY }).colors.isColorSupported }\n'
  const stdin = { contents: contents + colored, resolveDir: process.cwd() }
  return build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
    .then(() => {
      const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env
      const say = (env: NodeJS.ProcessEnv): string =>
        spawnSync(process.execPath, [outfile], { env: { ...rest, ...env }, encoding: 'utf8' }).stdout.trim()
      assert.is(say({ FORCE_COLOR: '1' }), 'true,false')
      assert.is(say({ NO_COLOR: '1' }), 'false,false')
      assert.is(say({ FORCE_COLOR: '1', NO_COLOR: '1' }), 'false,false')
    })
    .finally(() => rmSync(outfile, { force: true }))
})

test('colours change no column', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours are made of
  const bare = (text: string): string => text.replace(/\u001b\[\d+m/g, '')
  for (const shown of [matrixText, (each: View) => rowText(someRow, [], each)]) {
    assert.is.not(shown(view(painted())), shown(view(plain())))
    assert.is(bare(shown(view(painted()))), shown(view(plain())))
  }
})

test('a text is broken at blanks and joints, and loses nothing', () => {
  assert.equal(wrap('one two three', 7), ['one two', 'three'])
  assert.equal(wrap('a/b-c.d', 4), ['a/b-', 'c.d'])
  assert.equal(wrap('0123456789', 4), ['0123', '4567', '89'])
  assert.equal(wrap('', 4), [''])
  assert.equal(hang('a: ', 'bbbb cccc', 8), ['a: bbbb', '   cccc'])
  for (let width = 3; width < 60; width += 1) {
    const lines = wrap(`${ref}, ${ref} and more`, width)
    assert.ok(lines.every((line) => lengthOf(line) <= width))
    assert.is(joined(lines.join('')), joined(`${ref}, ${ref} and more`))
  }
})

test('columns give way from the widest on, and go below each other before anything is cut', () => {
  assert.equal(widthsOf([['aaaa'], ['bb']], 7, 'whole'), [4, 2])
  assert.equal(widthsOf([['aaa'], ['bb-bb']], 7, 'whole'), [3, 3])
  assert.is(widthsOf([['aa-aa'], ['bb']], 7, 'whole'), undefined)
  assert.equal(widthsOf([['aa-aa'], ['bb']], 7, 'broken'), [4, 2])
  assert.is(widthsOf([['aaaaa'], ['bb']], 7, 'broken'), undefined)
  const cells = Array.from({ length: 12 }, (_, index) => ({ text: `ECONNRESET${index}` }))
  const lines = grid([[{ text: 'name' }, ...cells]], 60)
  assert.ok(lines.every((line) => lengthOf(line) <= 60))
  for (const { text } of cells) assert.ok(lines.join(' ').split(/\s+/).includes(text), text)
})

test.run()
