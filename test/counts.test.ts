// Tests how processes are counted: no way for a test process to end badly may look like a pass.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { add, closingLine, countSuite, countUvu, judge, required } from '../scripts/counts.ts'
import { type Finished, runProcess } from '../scripts/processes.ts'

const ended: Finished = { code: 0, signal: null, output: '', late: false, seconds: 1 }
const summary = (total: number, passed: number, skipped: number): string =>
  `• • \n\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  1.00ms\n`
const node = (program: string): string[] => [process.execPath, '-e', program]

test('the summaries of uvu are added up', () => {
  assert.equal(countUvu(summary(5, 4, 2)), { passed: 4, failed: 1, skipped: 2 })
  assert.equal(countUvu(summary(5, 4, 2) + summary(1, 1, 0)), { passed: 5, failed: 1, skipped: 2 })
  assert.is(countUvu('• • • '), undefined)
})

test('the last closing line of the suite counts, and what was not expected is a failure', () => {
  assert.equal(countSuite('1 passed, 0 failed\n70 passed, 2 failed, 3 skipped\n'), {
    passed: 70,
    failed: 2,
    skipped: 3,
  })
  const mixed = '70 passed, 0 failed, 1 passed unexpectedly, 2 differ, 4 new, 3 skipped\n'
  assert.equal(countSuite(mixed, false), { passed: 70, failed: 1, skipped: 3 })
  assert.equal(countSuite(mixed, true), { passed: 70, failed: 3, skipped: 3 })
  assert.is(countSuite('nothing matched\n'), undefined)
})

test('a good end counts as its summary says', () => {
  const counts = { passed: 3, failed: 0, skipped: 1 }
  assert.equal(judge(ended, counts), counts)
  assert.equal(judge({ ...ended, code: 1 }, { ...counts, failed: 2 }), { ...counts, failed: 2 })
})

test('every bad end counts as a failure and says why', () => {
  const counts = { passed: 3, failed: 0, skipped: 0 }
  const none = { passed: 0, failed: 0, skipped: 0 }
  assert.equal(judge(ended, undefined), { ...none, failed: 1, why: 'ended without a summary' })
  assert.equal(judge(ended, none), { ...none, failed: 1, why: 'ran nothing' })
  assert.equal(judge({ ...ended, code: 3 }, counts), { ...counts, failed: 1, why: 'exit code 3' })
  assert.equal(judge({ ...ended, late: true }, counts), { ...counts, failed: 1, why: 'passed its deadline' })
  const killed: Finished = { ...ended, code: null, signal: 'SIGSEGV' }
  assert.equal(judge(killed, counts), { ...counts, failed: 1, why: 'ended by SIGSEGV' })
})

test('the closing line names what was skipped only if something was', () => {
  const total = add([
    { passed: 1, failed: 2, skipped: 0 },
    { passed: 3, failed: 0, skipped: 0 },
  ])
  assert.is(closingLine(total), '4 passed, 2 failed')
  assert.is(closingLine({ ...total, skipped: 5 }), '4 passed, 2 failed, 5 skipped')
})

test('both outputs and the exit code of a program are told', async () => {
  const told = await runProcess(node('console.log("a"); console.error("b"); process.exitCode = 7'), {
    deadlineSeconds: 20,
  })
  assert.is(told.code, 7)
  assert.equal(told.output.trim().split('\n').sort(), ['a', 'b'])
})

test('a deadline ends a program together with its children', async () => {
  const child = 'setInterval(() => 0, 1000); process.on("SIGTERM", () => 0)'
  const parent = `const { spawn } = require("node:child_process");
    spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" });
    setInterval(() => 0, 1000)`
  const told = await runProcess(node(parent), { deadlineSeconds: 1 })
  assert.is(told.late, true)
  assert.is(told.signal, 'SIGTERM')
  // The child holds the same outputs open and ignores SIGTERM: had it lived on, this would not have ended.
  assert.ok(told.seconds < 10, `${told.seconds} s`)
})

test('a program that cannot be started is told, not thrown', async () => {
  const told = await runProcess(['no-such-program-of-ours'], { deadlineSeconds: 20 })
  assert.is(told.code, 127)
  assert.match(told.output, /no-such-program-of-ours cannot be run/)
})

test('where nothing may be skipped a skip is a failure', () => {
  assert.equal(required({ passed: 3, failed: 1, skipped: 2 }), { passed: 3, failed: 3, skipped: 0 })
  assert.is(required(undefined), undefined)
})

test.run()
