// Tests the line protocol of testees from both sides: the runner hears random bytes, and what comes with the package is
// asked random things. Each request gets one reply, each mistake is told, and nothing hangs, dies or leaks.
// FINRST_SAMPLES sets how many there are, FINRST_SEED which.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { LineProcess, type Reply, SilenceError } from '../conformance/line-process.js'
import { buildCommandLine, folder } from './support/command-line.js'
import { factIf, soon } from './support/deadline.js'
import { cannotCount, descriptors, eventually } from './support/descriptors.js'
import { mutated, type Next, oneOf } from './support/mutate.js'
import { seedOf } from './support/seed.js'
import { findTool } from './support/tools.js'
import { generator } from './twin/random.ts'

const samples = Number(process.env.FINRST_SAMPLES ?? 100_000)
const requests = Math.ceil(samples / 200)
const babblers = Math.ceil(samples / 2500)
const seed = seedOf()
const longest = 120_000 + samples / 10

const strays: unknown[] = []
test.before(async () => {
  process.on('unhandledRejection', (fault) => strays.push(fault))
  await buildCommandLine()
})
test.after(() => rmSync(folder, { recursive: true, force: true }))

// ---- What the runner hears ----------------------------------------------------------------------------------------

/** One testee that babbles is asked a few things; it answers, or is told to have broken the protocol. */
const hearOne = async (its: number): Promise<'answered' | 'broke'> => {
  const notices: unknown[] = []
  let saidAll = (): unknown => undefined
  const child = await LineProcess.start('testee', [process.execPath, 'test/support/babble-program.mjs', String(its)], {
    notice: (message) => notices.push(message),
    trace: (from, text) => {
      if (from === 'stderr' && text === 'that is all') saidAll()
    },
  })
  let came: 'answered' | 'broke' = 'answered'
  try {
    for (const what of ['hello', 'open', 'write', 'verdict']) {
      const silent = new Promise<'silent'>((resolve) => {
        // What it wrote before may still be in the other pipe.
        saidAll = () => setTimeout(resolve, 20, 'silent')
      })
      const reply = await soon('it is done', Promise.race([child.request({ do: what }), silent]), 60_000)
      // Who says nothing is given up by the deadline of a script.
      if (reply === 'silent') break
      assert.ok(typeof reply === 'object' && !Array.isArray(reply), JSON.stringify(reply))
      assert.not('event' in (reply as Reply))
    }
  } catch (error) {
    assert.instance(error, SilenceError)
    assert.match((error as Error).message, /^the testee (?:wrote|answered|died|is no longer)/)
    came = 'broke'
  } finally {
    await soon('it is stopped', child.stop(), 30_000)
  }
  for (const notice of notices) assert.ok(notice !== null && typeof notice === 'object' && !Array.isArray(notice))
  return came
}

factIf(
  cannotCount,
  `${babblers} testees that babble are heard, refused and stopped`,
  async () => {
    const next = generator(seed)
    await hearOne(1)
    const before = descriptors()
    const counts = { answered: 0, broke: 0 }
    for (let nth = 0; nth < babblers; nth += 1) {
      const its = next()
      await hearOne(its)
        .then((came) => {
          counts[came] += 1
        })
        .catch((error: Error) => assert.unreachable(`babbler ${its}, seed ${seed}: ${error.stack}`))
    }
    assert.equal(strays, [])
    assert.ok(await eventually(() => descriptors() <= before, 5000), `${descriptors() - before} descriptors are left`)
    console.log(
      `\nnote: ${babblers} babblers: ${counts.answered} answered, ${counts.broke} broke the protocol, seed ${seed}`,
    )
  },
  longest,
)

// ---- What the package's own testees are asked ---------------------------------------------------------------------

const calls = [
  ...['hello', 'open', 'write', 'read', 'together', 'verdict', 'state', 'rest', 'close', 'abort', 'fail', 'finish'],
  ...['stop', 'finalise', 'dispose', 'linger', 'run', 'end', 'destroy', 'destroy-error', 'reset-and-destroy', '', 'x'],
  ...['constructor', '__proto__', 'toString', 'connect', 'pause', 'resume', 'finish', 'reset'],
] as const
const values = [
  ...[undefined, null, true, false, 0, 1, -1, 1.5, 1000, 70_000, '', 'none', 'throw', 'return', 'discard', 'refuse'],
  ...['x'.repeat(3000), [], {}, [{}], [{ do: 'hello' }], [{ do: 'together', calls: [{ do: 'x' }] }], { do: 'x' }],
] as const
const fields = [
  'bytes',
  'how',
  'guard',
  'policy',
  'unread',
  'halfOpen',
  'within',
  'limit',
  'seconds',
  'calls',
  'protocol',
]

/** One line that asks something: a request with any arguments, one that is broken, or none. */
const anyRequest = (next: Next): string => {
  const given = Array.from({ length: (next() >>> 1) % 4 }, () => [oneOf(next, fields), oneOf(next, values)])
  const line = JSON.stringify({ do: oneOf(next, calls), ...Object.fromEntries(given) })
  const typed = next() & 1 ? line : mutated(line, next)
  // A line of more than a pipe's worth is no request of the runner's.
  return typed.replace(/[\r\n\u2028\u2029]/g, ' ').slice(0, 20_000)
}

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  errors: string
}

const endOf = (child: ChildProcess): Promise<Ended> => {
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-3000)
  })
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, errors })))
}

/** Asks a program line after line; each has one reply, and it ends when its input does. */
const ask = async (command: readonly string[]): Promise<void> => {
  const next = generator(seed)
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = endOf(child)
  child.stdin.on('error', () => undefined)
  let answer: (() => void) | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as object
    if ('ok' in message) answer?.()
  })
  let last = ''
  try {
    for (let nth = 0; nth < requests; nth += 1) {
      last = anyRequest(next)
      if (last.trim() === '') continue
      const replied = new Promise<'replied'>((resolve) => {
        answer = () => resolve('replied')
      })
      child.stdin.write(`${last}\n`)
      const came = await soon(`a reply to ${last.slice(0, 300)}, seed ${seed}`, Promise.race([replied, ended]), 20_000)
      if (came !== 'replied') assert.unreachable(`it died: ${JSON.stringify(came)} of ${last}, seed ${seed}`)
    }
    child.stdin.end()
    const { code, signal, errors } = await soon('it ends', ended, 20_000)
    assert.equal([code, signal], [0, null], errors)
  } finally {
    child.kill('SIGKILL')
  }
}

const askAll = (name: string, missing: string | false, command: () => readonly string[]): void =>
  factIf(missing, `${requests} random requests have a reply each: ${name}`, () => ask(command()), longest)

const cli = join(folder, 'cli.mjs')
const compiler = findTool('cc')
const python = findTool('python3')
const absent = (tool: string | undefined, name: string, apt: string): string | false =>
  tool === undefined && `there is no ${name}; apt-get install -y --no-install-recommends ${apt}`

askAll('the testee of this package', false, () => [process.execPath, cli, '__testee'])
askAll('the peer of this package', false, () => [process.execPath, cli, '__peer'])
askAll('the testee in Python', absent(python, 'python3', 'python3'), () => [python ?? '', 'conformance/testees/raw.py'])
askAll('the testee in C, watched for what it does to its memory', absent(compiler, 'cc', 'gcc libc6-dev'), () => {
  const binary = join(folder, 'raw')
  const watched = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  execFileSync(compiler ?? '', ['-O1', ...watched, '-o', binary, 'conformance/testees/raw.c'], { stdio: 'pipe' })
  return [binary]
})

test.run()
