// Tests the runner against testees that lie, hang, die, write garbage and flood: a clear failure, and never a hang.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Lines } from '../conformance/lines.js'
import { buildCommandLine, finrst, folder, folderWith, type Ran } from './support/command-line.js'
import { fact, factIf } from './support/deadline.js'
import { isRunning } from './support/processes.js'

test.before(buildCommandLine)
test.after(() => rmSync(folder, { recursive: true, force: true }))

/**
 * A testee that is honest but for what `lie` does: a body of `(request, answer, socket) => …`, called for each request
 * but hello and open; `answer()` says ok. `more` is what the program does besides.
 */
const liar = (lie: string, more = ''): string => {
  const file = join(mkdtempSync(join(folder, 'liar-')), 'testee.mjs')
  writeFileSync(
    file,
    `import net from 'node:net'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { writeSync } from 'node:fs'
const say = (message) => writeSync(1, JSON.stringify(message) + '\\n')
let socket
const lie = (request, answer) => { ${lie} }
const hello = { ok: true, protocol: 1, testee: 'liar', version: '1', platform: 'linux', runtime: 'x', capabilities: {} }
createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line)
  if (request.do === 'hello') return say(hello)
  if (request.do !== 'open') return lie(request, () => say({ ok: true }))
  const server = net.createServer((accepted) => {
    socket = accepted
    socket.on('error', () => undefined).resume()
    server.close()
    say({ event: 'open' })
  })
  server.listen(0, '127.0.0.1', () => say({ ok: true, host: '127.0.0.1', port: server.address().port }))
}).on('close', () => process.exit())
${more}
`,
  )
  return `"${process.execPath}" "${file}"`
}

const steps = '$ open\n$ write 1000\n> data 1000\n$ end\n> eof\n'
const honest =
  "if (request.do === 'write') socket.write(Buffer.from(Array.from({ length: 1000 }, (_, i) => (i ^ i >> 8) & 255)))"
const script = (deadline: number): string =>
  folderWith('truth', `title: A fact\nguard: none\ndeadline: ${deadline}\n\n${steps}`)

/** Runs the script against a testee; it must fail within a bound, whatever the testee does. */
const judge = async (testee: string, deadline = 2500): Promise<Ran> => {
  const began = performance.now()
  const ran = await finrst('test', 'truth', '--scripts', script(deadline), '--only', 'wire', '--testee', testee)
  assert.ok(performance.now() - began < 28_000, 'it took too long')
  return ran
}

fact('an honest one passes, so that the lies below are what fails', async () => {
  const { code, out, errors } = await judge(liar(`${honest}; if (request.do === 'end') socket.end(); answer()`))
  assert.is(code, 0, out + errors)
})

// A slow machine comes to the deadline before it comes to the bound.
const lies: [what: string, lie: string, actual: RegExp, more?: string][] = [
  [
    'says ok and resets',
    `${honest}; if (request.do === 'end') socket.resetAndDestroy(); answer()`,
    /the peer saw reset/,
  ],
  ['says ok and does nothing', 'answer()', /the peer saw nothing before the deadline/],
  [
    'says ok and sends other bytes',
    "if (request.do === 'write') socket.write('x'.repeat(1000)); answer()",
    /never sent/,
  ],
  [
    'sends more than it was told',
    `${honest}; if (request.do === 'end') socket.end('more'); answer()`,
    /4 bytes, then eof/,
  ],
  ['never answers', '', /no answer to write before the deadline/],
  ['dies', 'process.exit(7)', /the testee died \(exit code 7\) when an answer was due/],
  ['kills itself', "process.kill(process.pid, 'SIGKILL')", /the testee died \(signal SIGKILL\)/],
  ['writes garbage', "writeSync(1, '<html>\\n')", /wrote a line that is no JSON object: <html>/],
  ['writes half a line and waits', `writeSync(1, '{"ok":')`, /no answer to write before the deadline/],
  ['writes a list', "writeSync(1, '[]\\n')", /wrote a line that is no JSON object: \[\]/],
  ['answers twice', `${honest}; answer(); answer()`, /answered without being asked: \{"ok":true\}/],
  ['refuses without a reason', 'say({ ok: false })', /write failed: \{"ok":false\}/],
  ['refuses at length', "say({ ok: false, error: 'x'.repeat(1e6) })", /write failed: x{500}$/m],
  [
    'writes a line without end',
    "for (;;) writeSync(1, 'x'.repeat(65536))",
    /wrote a line longer than 1048576 characters/,
  ],
  [
    'floods with events',
    "for (;;) writeSync(1, JSON.stringify({ event: 'e'.repeat(100) }) + '\\n')",
    /(?:wrote more than (?:200000 lines|67108864 bytes)|no answer to write before the deadline)/,
  ],
  [
    'floods with events of one byte',
    'for (;;) say({ event: String(Math.random()) })',
    /(?:wrote more than 200000 lines|no answer to write before)/,
  ],
]

for (const [what, lie, actual, more] of lies) {
  fact(
    `a testee that ${what} fails the script`,
    async () => {
      const { code, out, errors } = await judge(liar(lie, more))
      assert.is(code, 1, errors)
      assert.match(out, new RegExp(`^    actual {4}.*${actual.source}`, 'm'))
      assert.match(out, /^0 passed, 1 failed$/m)
      assert.ok(out.length < 400_000, `${out.length} characters were printed`)
    },
    40_000,
  )
}

fact(
  'garbage that comes when no answer is due fails the script too, although the rest is right',
  async () => {
    const late = "if (request.do === 'end') { socket.end(); answer(); writeSync(1, 'oops\\n') } else answer()"
    const { code, out } = await judge(liar(`${honest}; ${late}`))
    assert.is(code, 1)
    assert.match(out, /^ {4}actual {4}the testee wrote a line that is no JSON object: oops$/m)
  },
  40_000,
)

fact(
  'a flood of standard error is cut, and stops nothing',
  async () => {
    const flood =
      "let n = 0; const go = () => { process.stderr.write('e'.repeat(65536)); if (++n < 500) setImmediate(go) }; go()"
    const honestly = `${honest}; if (request.do === 'end') socket.end(); answer()`
    const { code, out, errors } = await judge(liar(honestly, flood), 20_000)
    assert.is(code, 0, out + errors)
  },
  40_000,
)

fact(
  'a testee that ignores the end of its input, and what it has started, are stopped',
  async () => {
    const child = "spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' })"
    const stays = `process.on('SIGTERM', () => 0); process.exit = () => 0; setInterval(() => 0, 1000)
const child = ${child}
process.stderr.write('child ' + child.pid + '\\n')`
    const scripts = folderWith('lie', 'title: A lie\nguard: none\ndeadline: 2000\n\n$ open\n> eof\n')
    const { code, out } = await finrst(
      'test',
      'lie',
      '--scripts',
      scripts,
      '--only',
      'wire',
      '--testee',
      liar('', stays),
    )
    assert.is(code, 1)
    const pids = [...out.matchAll(/! testee +child (\d+)/g)].map(([, pid]) => Number(pid))
    assert.ok(pids.length > 0, out)
    assert.equal(pids.filter(isRunning), [])
  },
  40_000,
)

const greetings: [what: string, hello: string, words: RegExp][] = [
  ['never answers hello', '0', /gave no answer to hello in 10 s/],
  ['speaks another protocol', "say({ ok: true, protocol: 2, testee: 'x' })", /its protocol must be 1, .*, not 2/],
  ['tells no protocol', "say({ ok: true, testee: 'x' })", /its protocol must be 1, .*, not none/],
  [
    'has capabilities that are none',
    'say({ ok: true, protocol: 1, capabilities: [] })',
    /capabilities must be an object, not \[\]/,
  ],
  [
    'has a capability that is none',
    'say({ ok: true, protocol: 1, capabilities: { abort: true } })',
    /its capability abort must be/,
  ],
  ['refuses hello', "say({ ok: false, error: 'no' })", /answered hello with \{"ok":false,"error":"no"\}/],
  ['says why it dies', "console.error('no such module'); process.exit(1)", /died \(exit code 1\)[\s\S]*no such module/],
]

for (const [what, hello, words] of greetings) {
  fact(
    `a testee that ${what} gives 3 and a sentence`,
    async () => {
      const file = join(mkdtempSync(join(folder, 'greeting-')), 'testee.mjs')
      const say =
        "const say = (message) => console.log(JSON.stringify(message))\nprocess.stdin.on('end', () => process.exit())"
      writeFileSync(file, `${say}\nprocess.stdin.once('data', () => { ${hello} })\nprocess.stdin.resume()\n`)
      const { code, errors } = await judge(`"${process.execPath}" "${file}"`)
      assert.is(code, 3)
      assert.match(errors, /^finrst: the testee /)
      assert.match(errors, words)
    },
    40_000,
  )
}

test('lines are the same however a stream is cut, and are bounded', () => {
  const bytes = Buffer.from('one\r\ntwö\n\nthree is long\nlast')
  for (let size = 1; size <= bytes.length; size += 1) {
    const lines: string[] = []
    const cuts: number[] = []
    const taker = new Lines(8, { line: (line) => lines.push(line), tooLong: () => cuts.push(size) })
    for (let at = 0; at < bytes.length; at += size) taker.take(bytes.subarray(at, at + size))
    taker.end()
    assert.equal([lines, cuts.length], [['one', 'twö', '', 'three is', 'last'], 1], `cut by ${size}`)
  }
})

const hasPython = ((): boolean => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

factIf(
  (!hasPython || process.platform === 'win32') && 'no python3 to make a terminal with',
  'progress is told on a terminal, and nothing of it elsewhere',
  async () => {
    const { errors } = await finrst('test', 'close-empty', 'plain-exit')
    assert.is(errors, '')
    const program = join(folder, 'terminal.py')
    const told = join(folder, 'terminal.txt')
    const command = [process.execPath, join(folder, 'cli.mjs'), 'test', 'close-empty', 'plain-exit', '--json', told]
    writeFileSync(program, `import pty, sys\nsys.exit(pty.spawn(${JSON.stringify(command)}) >> 8)\n`)
    const out = execFileSync('python3', [program], {
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, NO_COLOR: '1' },
    })
    assert.match(out, /^\.\.\r\n2 passed, 0 failed\r\n$/)
    assert.is((JSON.parse(readFileSync(told, 'utf8')) as { summary: { pass: number } }).summary.pass, 2)
  },
  60_000,
)

test.run()
