// Tests the testees that come with the package, and the one that docs/write-a-testee.md teaches.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { installed } from '../scripts/runtimes.js'
import { bundledNames } from '../conformance/testees.js'
import { buildCommandLine, finrst, folder } from './support/command-line.js'
import { fact, factIf } from './support/deadline.js'

test.before(buildCommandLine)
test.after(() => rmSync(folder, { recursive: true, force: true }))

const answers = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore', timeout: 20_000 })
    return true
  } catch {
    return false
  }
}

const python = process.env.PYTHON ?? 'python3'
const compiler = process.env.CC ?? 'cc'
const missing: Readonly<Record<string, string | false>> = {
  python: !answers(python) && 'no Python: python3 on the path, or PYTHON',
  c: !answers(compiler) && 'no C compiler: apt-get install -y --no-install-recommends gcc libc6-dev, or CC',
}

/** Declares a test that needs a toolchain, which must be there where everything must be. */
const withToolchain = (needed: 'python' | 'c', name: string, body: () => Promise<void>): void => {
  const why = missing[needed] ?? false
  if (why !== false && process.env.CI !== undefined) fact(name, () => assert.unreachable(why))
  else factIf(why, name, body, 60_000)
}

/** Runs scripts against a testee; answers the letter of each, by its id. */
const play = async (testee: string, ...ids: string[]): Promise<Record<string, string>> => {
  const { code, out, errors } = await finrst('test', ...ids, '--only', 'wire', '--testee', testee, '--verbose')
  assert.is(code, 0, out + errors)
  return Object.fromEntries([...out.matchAll(/^([.FDNSX]) (\S+) /gm)].map(([, letter = '', id = '']) => [id, letter]))
}

withToolchain(
  'python',
  'the testee of the manual is about forty lines long and does what the manual says',
  async () => {
    const page = readFileSync('docs/write-a-testee.md', 'utf8')
    const [, program = ''] = /```python\n([\s\S]*?)```/.exec(page) ?? []
    assert.ok(program.trim().split('\n').length <= 46, `${program.trim().split('\n').length} lines`)
    const file = join(folder, 'my_testee.py')
    writeFileSync(file, program)
    const letters = await play(`${python} "${file}"`, 'plain-*', 'close-empty')
    const passed = Object.keys(letters).filter((id) => letters[id] === '.')
    assert.equal(passed, ['plain-exit', 'plain-exit-unread', 'plain-sigkill'])
    assert.is(letters['close-empty'], 'S')
  },
)

const bare = {
  'plain-close-unread': '.',
  'plain-destroy': '.',
  'plain-exit': '.',
  'plain-exit-unread': '.',
  'plain-late-data': '.',
  'plain-sigkill': '.',
}

withToolchain('python', 'bundled:python passes every script without a guard', async () => {
  assert.equal(await play('bundled:python', 'plain-*'), { ...bare, 'plain-throw': '.' })
})

withToolchain('c', 'bundled:c passes every script without a guard and without exceptions', async () => {
  assert.equal(await play('bundled:c', 'plain-*', 'close-empty'), { ...bare, 'plain-throw': 'S', 'close-empty': 'S' })
})

fact('bundled:node is what runs without --testee', async () => {
  assert.equal(await play('bundled:node', 'plain-exit', 'close-empty'), { 'plain-exit': '.', 'close-empty': '.' })
})

for (const name of ['deno', 'bun'] as const) {
  const found = installed(name)
  factIf('missing' in found && found.missing, `bundled:${name} is the guard under ${name}`, async () => {
    const programs = join(folder, `path-${name}`)
    mkdirSync(programs)
    if ('runtime' in found) symlinkSync(found.runtime.command[0] ?? '', join(programs, name))
    const path = process.env.PATH
    process.env.PATH = `${programs}:${path}`
    try {
      const { out } = await finrst('test', 'close-empty', '--testee', `bundled:${name}`, '--json', '-')
      const { testee, summary } = JSON.parse(out) as { testee: { testee: string }; summary: { pass: number } }
      assert.equal([testee.testee, summary.pass], [`finrst-${name}`, 1])
    } finally {
      process.env.PATH = path
    }
  })
}

fact('what comes with the package is named when another name is typed', async () => {
  const { code, errors } = await finrst('test', 'close-empty', '--testee', 'bundled:cobol')
  assert.is(code, 2)
  assert.match(errors, new RegExp(`no testee is named bundled:cobol; there are ${bundledNames.join(', ')}`))
})

fact('without a compiler the testee in C gives 3 and says which was tried', async () => {
  const cc = process.env.CC
  process.env.CC = '/no/such/compiler'
  try {
    const { code, errors } = await finrst('test', 'plain-exit', '--testee', 'bundled:c')
    assert.is(code, 3)
    assert.match(
      errors,
      /^finrst: the testee in C cannot be compiled with \/no\/such\/compiler: there is no such program/,
    )
  } finally {
    if (cc === undefined) delete process.env.CC
    else process.env.CC = cc
  }
})

test.run()
