// Tests row scripts: their reader names lines, and their answers are compared with the table.
import { rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { answersOf } from '../conformance/files.js'
import { ScriptError } from '../conformance/header.js'
import { parseScript } from '../conformance/script.js'
import { answerOf, holds } from '../conformance/system/run.js'
import type { RowScript } from '../conformance/system/script.js'
import { buildCommandLine, finrst, folder, folderWith, validator, within } from './support/command-line.js'

/** A row with the answers ok, closes-receiving and ENOTCONN. */
const row = 'shutdown.write-twice'
const header = 'title: A fact\nguard: system\n\n'
const read = (source: string, id = row): RowScript => parseScript(id, source, answersOf) as RowScript

const mistakes: [what: string, source: string, line: number, words: RegExp][] = [
  ['an unknown call', `${header}$ opn`, 4, /no call "opn"; there are open, socket,/],
  ['an argument too many', `${header}$ close now`, 4, /close: no argument, not "now"/],
  ['an unknown kind', `${header}$ open sctp`, 4, /open: it takes tcp, mptcp, unix, unix-seqpacket; not "sctp"/],
  [
    'a direction that is no number',
    `${header}$ open\n$ shutdown all`,
    5,
    /shutdown takes read, write, both or a number/,
  ],
  ['a question that is not kept', `${header}$ open\n$ state`, 5, /only asks: keep what it answers, with -> name/],
  ['a name that is taken', `${header}$ open\n$ close -> a\n$ error -> a`, 6, /the name a is taken/],
  ['a name that is none', `${header}$ open\n$ close -> A!`, 5, /followed by a name such as second, not "A!"/],
  ['a second descriptor without a name', `${header}$ open\n$ dup`, 5, /"as NAME" must name the descriptor/],
  ['a descriptor for a call that has none', `${header}$ exit on s`, 4, /exit: it has no "on"/],
  ['a wait that is too long', `${header}$ open\n$ recv within=99999`, 5, /within must be a whole number 1 … 10000/],
  [
    'a wait for what cannot be asked again',
    `${header}$ open\n$ await error 0`,
    5,
    /await must be state, listed, unacked/,
  ],
  ['nobody to connect to', `${header}< connect`, 4, /nobody listens on the other side/],
  ['a call after death', `${header}$ open\n$ exit\n$ close`, 6, /after the process has died/],
  ['a line of the other language', `${header}$ open\n> eof`, 5, /a line begins with \$, < or \?; not "> eof"/],
  ['no answer', `${header}$ open`, 4, /there is no answer/],
  ['an answer that the row does not have', `${header}$ open\n$ close -> a\n? yes: a=0`, 6, /ENOTCONN; not "yes"/],
  ['an answer without a condition', `${header}$ open\n$ close -> a\n? ok:`, 6, /the answer ok needs a condition/],
  ['a condition about nothing', `${header}$ open\n$ close -> a\n? ok: b=0`, 6, /nothing is kept under the name b/],
  ['a condition that is none', `${header}$ open\n$ close -> a\n? ok: a`, 6, /a condition looks like r=0/],
  ['a time that is compared as a word', `${header}$ open\n$ close -> a\n? ok: a.ms=5`, 6, /compared by >= or </],
  ['a call after the answers', `${header}$ open\n$ close -> a\n? ok: a=0\n$ open`, 7, /the answers come last/],
  [
    'a level that nothing needs',
    'title: A\nguard: system\nlevel: raw\n\n$ open\n$ close -> a\n? ok: a=0',
    1,
    /no call needs/,
  ],
  ['a row of its own', `title: A\nguard: system\nrow: close.plain\n\n$ open`, 3, /its name says which row/],
  ['a policy', 'title: A\nguard: system\npolicy: {}\n\n$ open', 3, /there is no policy/],
  ['an unknown need', 'title: A\nguard: system\nneeds: arm\n\n$ open', 3, /needs must be mptcp, admin/],
]

for (const [what, source, line, words] of mistakes) {
  test(`the reader names the line of ${what}`, () => {
    try {
      read(source)
    } catch (error) {
      assert.instance(error, ScriptError)
      assert.match((error as ScriptError).message, new RegExp(`^shutdown\\.write-twice\\.wire:${line}: `))
      assert.match((error as ScriptError).message, words)
      return
    }
    assert.unreachable('the mistake was accepted')
  })
}

test('only a script that is named like a row has the guard system, and every such script has it', () => {
  assert.throws(() => read(header, 'write-twice'), /write-twice\.wire:2: .* is named like a row/)
  assert.throws(() => read(header, 'write.thrice'), /write\.thrice\.wire:2: the table has no row write\.thrice/)
  assert.throws(() => read('title: A\nguard: none\n\n$ open'), /named like a row has the guard "system"/)
})

test('the first line of which all conditions hold is the answer', () => {
  const { answers } = read(`${header}$ open\n$ close -> a\n$ exit -> b
? ok: a=0 b!=died\n? ENOTCONN: a=0|1 b.ms>=5 b~x|y\n? closes-receiving: a==b a<9`)
  const kept = (a: string, b: string, ms: number) =>
    answerOf(
      answers,
      new Map([
        ['a', { is: a, ms: 1 }],
        ['b', { is: b, ms }],
      ]),
    )
  assert.is(kept('0', '1', 0), 'ok')
  assert.is(kept('0', 'died', 7), undefined)
  assert.is(kept('1', '7+y', 5), 'ENOTCONN')
  assert.is(kept('1', '7+y', 4.9), undefined)
  assert.is(kept('8', '8', 4), 'closes-receiving')
  assert.is(kept('9', '9', 4), undefined)
  assert.not(holds({ name: 'a', ms: false, test: '>=', values: ['1'] }, new Map([['a', { is: 'eof', ms: 9 }]])))
})

interface Report {
  system: { platform: string }
  testee?: unknown
  results: { row: string; answer: string; values: Record<string, string> }[]
}

const tried = (body: string) => finrst('test', '--only', 'rows', '--scripts', folderWith(row, `${header}${body}`))

if (process.platform === 'linux') {
  test.before(buildCommandLine)
  test.after(() => rmSync(folder, { recursive: true, force: true }))

  test(
    'an answer that is not the one of the table differs',
    within(async () => {
      const { code, out } = await tried('$ open\n$ shutdown write -> a\n? ENOTCONN: a=0\n')
      assert.is(code, 0)
      assert.match(out, /^D shutdown\.write-twice /m)
      assert.match(out, /^ {4}expected {2}the answer ok, as the table says$/m)
      assert.match(out, /^ {4}actual {4}the answer ENOTCONN$/m)
      assert.match(out, /^0 passed, 0 failed, 1 differ$/m)
    }),
  )

  test(
    'a script that comes to no answer fails and shows what was kept',
    within(async () => {
      const { code, out } = await tried('$ open\n$ shutdown write -> a\n$ await state FIN_WAIT_2 -> b\n? ok: a=EPIPE\n')
      assert.is(code, 1)
      assert.match(out, /^ {4}actual {4}none does: a=0 b=FIN_WAIT_2$/m)
    }),
  )

  test(
    'a call that fails and is not kept fails the script',
    within(async () => {
      const { code, out } = await tried('$ open\n$ shutdown 7\n$ close -> a\n? ok: a=0\n')
      assert.is(code, 1)
      assert.match(out, /^ {4}expected {2}line 5: \$ shutdown 7$/m)
      assert.match(out, /^ {4}actual {4}the answer was EINVAL$/m)
    }),
  )

  test(
    'a descriptor that is not there, or closed, fails the script',
    within(async () => {
      const never = await tried('$ open\n$ close on other -> a\n? ok: a=0\n')
      assert.match(never.out, /^ {4}actual {4}close failed: there is no descriptor "other"$/m)
      const closed = await tried('$ open\n$ close\n$ close -> a\n? ok: a=0\n')
      assert.match(closed.out, /^ {4}actual {4}close failed: the descriptor "s" is closed$/m)
    }),
  )

  test(
    'a descriptor that could not be made is -1',
    within(async () => {
      const { code, out } = await tried(
        '$ listen\n$ shutdown read on l\n$ accept -> a\n$ send 1 -> b\n? ok: a=EINVAL b=EBADF\n',
      )
      assert.is(code, 0, out)
      assert.match(out, /^1 passed, 0 failed$/m)
    }),
  )

  test(
    'a report has the answer and what was kept, and fits its schema',
    within(async () => {
      const { out } = await finrst('test', row, 'linger.timeout', '--json', '-')
      const report = JSON.parse(out) as Report
      const valid = validator('report.schema.json')
      assert.ok(valid(report), JSON.stringify(valid.errors))
      assert.is(report.system.platform, 'linux')
      assert.is(report.testee, undefined)
      const [timeout, twice] = report.results
      assert.equal([twice.row, twice.answer, twice.values], [row, 'ok', { second: '0', late: '5' }])
      assert.ok(Number(timeout.values['closed.ms']) >= 900)
    }),
  )

  test(
    'with a testee of somebody else row scripts are skipped',
    within(async () => {
      const { code, out } = await finrst('test', row, '--testee', 'no-such-program')
      assert.is(code, 0)
      assert.match(out, /1 skipped: about this system and not about a testee/)
    }),
  )

  test(
    'without system calls row scripts are skipped',
    within(async () => {
      const before = process.env.FINRST_BACKEND
      process.env.FINRST_BACKEND = 'none'
      const { out } = await finrst('test', row)
      if (before === undefined) delete process.env.FINRST_BACKEND
      else process.env.FINRST_BACKEND = before
      assert.match(out, /1 skipped: needs bare system calls: no way to a system call/)
    }),
  )
}

test.run()
