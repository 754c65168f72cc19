// Tests the runner: its reader names lines, its outcomes are honest, and its exit codes mean what they say.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rules } from '../adapters/core/rules.js'
import { loadScripts, loadTable } from '../conformance/files.js'
import { ScriptError } from '../conformance/header.js'
import { splitCommand } from '../conformance/line-process.js'
import { matchesPattern, patternBytes } from '../conformance/pattern.js'
import { parseScript, type Script } from '../conformance/script.js'
import { makeSelection, nearest } from '../conformance/select.js'
import { buildCommandLine, finrst, folder, folderWith, validator, within } from './support/command-line.js'

/** A program that answers every request with what the function returns. */
const testeeWith = (answer: string): string => {
  const file = join(mkdtempSync(join(folder, 'testee-')), 'testee.mjs')
  const lines = [
    "import { createInterface } from 'node:readline'",
    `const answer = ${answer}`,
    "createInterface({ input: process.stdin }).on('line', (line) => {",
    '  console.log(JSON.stringify(answer(JSON.parse(line))))',
    '})',
  ]
  writeFileSync(file, lines.join('\n'))
  return `"${process.execPath}" "${file}"`
}

const header = 'title: A fact\nguard: compatible\n\n'

test.before(buildCommandLine)
test.after(() => rmSync(folder, { recursive: true, force: true }))

const mistakes: [what: string, source: string, line: number, words: RegExp][] = [
  ['an unknown verb', `${header}$ open\n$ slose`, 5, /has no "slose"/],
  ['a peer that does what only we do', `${header}$ open\n< abort`, 5, /the peer has no "abort"/],
  ['a number that is none', `${header}$ open\n\n$ write many`, 6, /whole number 1 … 67108864, not "many"/],
  ['a step without a mark', `${header}$ open\nclose`, 5, /begins with <, \$, > or =/],
  ['an unknown header', 'title: A fact\ngard: none\n\n$ open', 2, /no header "gard"/],
  ['a header that is there twice', 'title: A\ntitle: B\n\n$ open', 2, /there twice/],
  ['a missing guard', 'title: A fact\n\n$ open', 1, /guard must be/],
  ['a policy that is no object', 'title: A fact\nguard: strict\npolicy: []\n\n$ open', 3, /JSON object/],
  ['a title with should', 'title: It should close\nguard: none\n\n$ open', 1, /no "should"/],
  ['a title that is too long', `title: ${'x'.repeat(70)}\nguard: none\n\n$ open`, 1, /shorter than 70/],
  ['a call before open', `${header}$ close`, 4, /first call must be open/],
  ['a second open', `${header}$ open\n$ open`, 5, /one open per script/],
  ['a call after death', `${header}$ open\n$ throw\n$ close`, 6, /after the process has died/],
  ['a verdict after death', `${header}$ open\n$ throw\n= ended fin`, 6, /gives no verdict/],
  ['a verdict without a guard', 'title: A\nguard: none\n\n$ open\n= ended fin', 5, /no verdict/],
  ['an unknown field', `${header}$ open\n= endet fin`, 5, /the field of a verdict must be/],
  ['data after a range', `${header}$ open\n> data ..5\n> data 5`, 6, /after a range of bytes/],
  ['an inverted range', `${header}$ open\n> data 9..5`, 5, /the upper bound/],
  ['a call that waits beside another', `${header}$ open\n$ end; gone`, 5, /a line of its own/],
  ['an unknown ending', `${header}$ open\n> fin`, 5, /the peer sees data, eof, reset/],
  ['no step at all', 'title: A fact\nguard: none', 2, /there are no steps/],
]

for (const [what, source, line, words] of mistakes) {
  test(
    `the reader names the line of ${what}`,
    within(() => {
      try {
        parseScript('bad', source)
      } catch (error) {
        assert.instance(error, ScriptError)
        assert.is((error as ScriptError).line, line)
        assert.match((error as ScriptError).message, new RegExp(`^bad\\.wire:${line}: `))
        assert.match((error as ScriptError).message, words)
        return
      }
      assert.unreachable('the mistake was accepted')
    }),
  )
}

test(
  'every script can be read, fits its schema and has a title and an id of its own',
  within(() => {
    const loaded = loadScripts()
    const valid = validator('wire.schema.json')
    const titles = new Set<string>()
    assert.ok(loaded.length >= 30, `${loaded.length} scripts`)
    for (const each of loaded) {
      if ('problem' in each) throw each.problem
      assert.ok(valid(each.script), `${each.id}: ${JSON.stringify(valid.errors)}`)
      titles.add(each.script.title)
    }
    assert.is(titles.size, loaded.length, 'two scripts have the same title')
  }),
)

const rowsOf = (script: Script): string[] => {
  if (script.guard === 'system') return [script.row]
  const rows = script.row === undefined ? [] : [script.row]
  for (const step of script.steps) {
    if (step.kind === 'sight' && step.sight.see === 'row') rows.push(step.sight.row)
  }
  return rows
}

test(
  'scripts and rows of the table name each other',
  within(() => {
    const rows = loadTable() as { id: string; wire?: string[] }[]
    if (rows.length === 0) return
    const ids = new Set(rows.map(({ id }) => id))
    const loaded = loadScripts()
    for (const each of loaded) {
      if ('problem' in each) throw each.problem
      for (const row of rowsOf(each.script)) assert.ok(ids.has(row), `${each.id} names the row ${row}`)
    }
    const scripts = new Set(loaded.map(({ id }) => id))
    for (const { id, wire } of rows) {
      for (const script of wire ?? []) assert.ok(scripts.has(script), `the row ${id} names the script ${script}`)
    }
  }),
)

test(
  'the pattern notices a gap',
  within(() => {
    const bytes = patternBytes(65_000, 2000)
    assert.ok(matchesPattern(bytes, 65_000))
    assert.not(matchesPattern(bytes, 65_001))
    assert.not(matchesPattern(bytes, 65_256))
  }),
)

test(
  'a command line is split at blanks that are not quoted',
  within(() => {
    assert.equal(splitCommand('python3  "my testee.py" --x=\'a b\' c\\ d ""'), [
      'python3',
      'my testee.py',
      '--x=a b',
      'c d',
      '',
    ])
  }),
)

test(
  'a selection knows which of its patterns were of no use',
  within(() => {
    const { select, unused } = makeSelection(['close-*', 'nothing'])
    assert.ok(select('close-twice'))
    assert.not(select('enclose-x'))
    assert.equal(unused(), ['nothing'])
    assert.is(nearest('abort-idel', ['abort-idle', 'close-idle']), 'abort-idle')
  }),
)

test(
  'an unguarded crash truncates: the peer reads a part and then end of file',
  within(async () => {
    const source = `title: A crash\nguard: none\n
< pause\n$ open\n$ write 12000000\n$ signal SIGKILL\n< resume\n> data ..11999999\n> eof\n`
    const { code, out } = await finrst('test', '--only', 'wire', '--scripts', folderWith('crash', source))
    assert.is(code, process.platform === 'win32' ? 1 : 0, out)
    if (process.platform !== 'win32') assert.match(out, /^1 passed, 0 failed$/m)
  }),
)

test(
  'a script that contradicts fails with must, expected, actual and trace',
  within(async () => {
    const source = 'title: A lie\nclause: RFC 9293 3.6\nguard: none\n\n$ open\n$ write 10; end\n> data 10\n> reset\n'
    const { code, out } = await finrst('test', '--only', 'wire', '--scripts', folderWith('lie', source))
    assert.is(code, 1)
    assert.match(out, /^ {4}must {6}A lie \(RFC 9293 3\.6\)$/m)
    assert.match(out, /^ {4}expected {2}line 8: > reset$/m)
    assert.match(out, /^ {4}actual {4}the peer saw eof$/m)
    assert.match(out, /ms {2}→ testee {2}\{"do":"together"/)
    assert.match(out, /^ {4}repeat {4}.* test lie /m)
    assert.match(out, /^0 passed, 1 failed$/m)
  }),
)

test(
  'a surplus of bytes contradicts',
  within(async () => {
    const source = 'title: A lie\nguard: none\n\n$ open\n$ write 10; end\n> data 9\n> eof\n'
    const { code, out } = await finrst('test', '--only', 'wire', '--scripts', folderWith('surplus', source))
    assert.is(code, 1)
    assert.match(out, /^ {4}actual {4}the peer saw 1 byte, then eof$/m)
  }),
)

test(
  'a script that waits in vain fails at its deadline',
  within(async () => {
    const source = 'title: A wait\nguard: none\ndeadline: 700\n\n$ open\n> data 10\n'
    const { code, out } = await finrst('test', '--only', 'wire', '--scripts', folderWith('wait', source))
    assert.is(code, 1)
    assert.match(out, /^ {4}actual {4}the peer saw nothing before the deadline$/m)
  }),
)

test(
  'an ending that the table does not state is told, not failed',
  within(async () => {
    const source = 'title: A question\nguard: none\n\n$ open\n$ end\n> ?no.such-row\n'
    const scripts = folderWith('question', source)
    const { code, out } = await finrst('test', '--only', 'wire', '--scripts', scripts)
    assert.is(code, 0)
    assert.match(out, /^N question .*no\.such-row on \w+: eof; the table does not know$/m)
  }),
)

test(
  'a known failure that fails is skipped, and one that passes is a failure',
  within(async () => {
    const source = (end: string): string =>
      `title: A mark\nguard: none\nknown-failure: * not done yet\n\n$ open\n$ end\n> ${end}\n`
    const failing = await finrst('test', '--only', 'wire', '--scripts', folderWith('mark', source('reset')))
    assert.is(failing.code, 0)
    assert.match(failing.out, /1 skipped: known failure: not done yet/)
    const passing = await finrst('test', '--only', 'wire', '--scripts', folderWith('mark', source('eof')))
    assert.is(passing.code, 1)
    assert.match(passing.out, /1 passed unexpectedly/)
  }),
)

test(
  'a request that the testee does not know is a skip with its reason',
  within(async () => {
    const hello =
      "{ ok: true, protocol: 1, testee: 'x', version: '1', platform: 'linux', runtime: 'x', capabilities: {} }"
    const unknown = "{ ok: false, unsupported: true, why: 'never heard of ' + r.do }"
    const testee = testeeWith(`(r) => r.do === 'hello' ? ${hello} : ${unknown}`)
    const { code, out } = await finrst('test', 'close-empty', 'abort-idle', '--testee', testee)
    assert.is(code, 0)
    assert.match(out, /1 skipped: never heard of open/)
    assert.match(out, /1 skipped: needs abort, which the testee does not know/)
    assert.match(out, /^0 passed, 0 failed, 2 skipped$/m)
  }),
)

test(
  'what matches nothing or is badly used gives 2 and a suggestion',
  within(async () => {
    const typed = await finrst('test', 'close-complet')
    assert.is(typed.code, 2)
    assert.match(typed.errors, /nothing matches close-complet; did you mean close-complete\?/)
    const flag = await finrst('test', '--frobnicate')
    assert.is(flag.code, 2)
    assert.match(flag.errors, /unknown option/)
    assert.is((await finrst('test', '--only', 'everything')).code, 2)
  }),
)

test(
  'a testee that cannot be started or does not answer gives 3',
  within(async () => {
    const missing = await finrst('test', 'close-empty', '--testee', '/no/such/program')
    assert.is(missing.code, 3)
    assert.match(missing.errors, /cannot be started/)
    const rubbish = await finrst('test', 'close-empty', '--testee', `"${process.execPath}" --version`)
    assert.is(rubbish.code, 3)
    assert.match(rubbish.errors, /no JSON object|died/)
  }),
)

test(
  'a report fits its schema',
  within(async () => {
    const { code, out } = await finrst('test', 'plain-exit', 'plain-destroy', '--json', '-')
    assert.is(code, 0, out)
    const report = JSON.parse(out) as { summary: { pass: number }; results: { id: string }[] }
    const valid = validator('report.schema.json')
    assert.ok(valid(report), JSON.stringify(valid.errors))
    assert.equal(
      report.results.map(({ id }) => id),
      ['plain-destroy', 'plain-exit'],
    )
  }),
)

test(
  'list prints id, level and title',
  within(async () => {
    const { code, out } = await finrst('list', 'close-e*')
    assert.is(code, 0)
    assert.is(out, 'close-empty  peer    A close without any data is a FIN alone\n')
  }),
)

test(
  'explain finds a rule by id, by number and in a line of a log',
  within(async () => {
    const [rule] = rules
    if (!rule) throw new Error('there are no rules')
    const byId = await finrst('explain', rule.rule)
    assert.is(byId.code, 0)
    assert.ok(byId.out.replace(/\s+/g, ' ').includes(rule.why))
    assert.is((await finrst('explain', String(rule.number))).out, byId.out)
    assert.is((await finrst('explain', `12:00 ended=fin rule=${rule.rule} by=us`)).out, byId.out)
    const typed = await finrst('explain', `${rule.rule}x`)
    assert.is(typed.code, 2)
    assert.ok(typed.errors.includes(`no rule named ${rule.rule}x; did you mean ${rule.rule}?`))
  }),
)

test(
  'the table fits into 100 columns and shows the evidence of a row',
  within(async () => {
    const matrix = await finrst('table')
    assert.is(matrix.code, 0)
    for (const line of matrix.out.split('\n')) assert.ok([...line].length <= 100, line)
    const row = await finrst('table', 'close.unread')
    assert.match(row.out, /^close\.unread: /m)
    assert.match(row.out, /^ {2}linux\s+● reset {2}measured$/m)
    assert.match(row.out, /source {2}linux@/)
    const typed = await finrst('table', 'close.unred')
    assert.is(typed.code, 2)
    assert.match(typed.errors, /did you mean close\.unread\?/)
  }),
)

test(
  'a platform is chosen again and again, or by a list',
  within(async () => {
    const { code, out } = await finrst('table', 'close.unread', '-p', 'linux', '--platform', 'macos,linux-mips')
    assert.is(code, 0)
    assert.equal(
      out.match(/^ {2}[a-z-]+ +(?=[●◐○?] )/gm)?.map((name) => name.trim()),
      ['linux', 'macos', 'linux-mips'],
    )
    assert.match((await finrst('explain', 'unread-resets', '-p', 'freebsd')).out, /^ {9}freebsd {2}● fin/m)
  }),
)

test.run()
