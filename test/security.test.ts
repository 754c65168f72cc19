// Tests that values of the environment, testees and scripts of strangers run nothing and steer no terminal, and that no
// dependency needs an install script.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { splitCommand } from '../conformance/line-process.js'
import { UsageError } from '../conformance/result.js'
import { buildCommandLine, finrst, folder, folderWith, type Ran } from './support/command-line.js'
import { fact } from './support/deadline.js'
import { steers } from './support/mutate.js'
import { programPath, stopPrograms } from './support/programs.js'

test.before(buildCommandLine)
test.after(async () => {
  await stopPrograms()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a program with an environment of its own, in an empty folder, in which nothing may appear. */
const run = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran & { left: boolean }> => {
  const cwd = mkdtempSync(join(folder, 'empty-'))
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran: Ran = { code: null, out: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ran.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ran.errors += text
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  ran.code = await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  return { ...ran, left: existsSync(join(cwd, 'pwned')) }
}

/** What would run, load or steer something if it were taken for more than a word. */
const attacks = [
  '$(touch pwned)',
  '`touch pwned`',
  'koffi; touch pwned',
  'koffi\ntouch pwned',
  '| touch pwned',
  '> pwned',
  './pwned.node',
  '../../../../tmp/evil',
  'file:///tmp/evil.mjs',
  'data:text/javascript,require("fs").writeFileSync("pwned","")',
  '--require=./pwned.js',
  '__proto__',
  'constructor',
  '%s%n%x',
  '\u001b[2J\u001b]0;pwned\u0007',
  'x'.repeat(10_000),
]

fact(
  'no value of FINRST_BACKEND, FINRST_LOG or NODE_DEBUG runs or loads anything',
  async () => {
    const program = await programPath('environment-program')
    for (const value of attacks) {
      const env = { FINRST_BACKEND: value, FINRST_LOG: value, NODE_DEBUG: value }
      const { code, out, errors, left } = await run([program], env)
      const told = `${value.slice(0, 60)}: ${errors.slice(0, 500)}`
      assert.is(code, 0, told)
      assert.equal(JSON.parse(out), { backend: 'none', ended: 'reset' }, told)
      assert.not(left, told)
    }
  },
  240_000,
)

fact('what an application says in an error cannot steer the terminal of its log', async () => {
  const program = await programPath('environment-program')
  const { errors } = await run([program, '\u001b[2J\u009b31m\u202e\r\nFINRST 1: forged'], { FINRST_LOG: '1' })
  assert.match(errors, /^FINRST \d+: peer=\S+ ended=reset .* error="/)
  assert.equal(errors.split('\n').length, 2, errors)
  assert.not.match(errors, /[^\n -~]/)
})

// ---- Testees -------------------------------------------------------------------------------------------------------

fact('the command of a testee is split and started, and no shell reads it', async () => {
  const program = join(folder, 'arguments.mjs')
  writeFileSync(program, 'console.error(JSON.stringify(process.argv.slice(2)))\nprocess.exit(1)\n')
  for (const attack of [
    '; touch pwned',
    '$(touch pwned)',
    '`touch pwned`',
    '&& touch pwned',
    '| touch pwned',
    '> pwned',
    '*',
  ]) {
    const { code, errors, left } = await run(
      [join(folder, 'cli.mjs'), 'test', 'close-empty', '--testee', `"${process.execPath}" "${program}" ${attack}`],
      {},
    )
    assert.is(code, 3, errors)
    assert.ok(errors.includes(JSON.stringify(splitCommand(attack))), errors)
    assert.not(left, attack)
  }
  assert.throws(
    () => splitCommand('python3 "testee.py'),
    (error: Error) => error instanceof UsageError,
  )
  assert.throws(
    () => splitCommand("it's"),
    (error: Error) => error instanceof UsageError,
  )
  assert.throws(
    () => splitCommand('x\\'),
    (error: Error) => error instanceof UsageError,
  )
})

const escapes = '\\u001b[2J\\u009b31m\\u0007\\u202e'

fact('what a testee says when it cannot be used is shown without its escape sequences', async () => {
  const sayings = [
    `console.error('${escapes}no such module'); process.exit(1)`,
    `console.log(JSON.stringify({ ok: false, error: '\\u009b31m\\u202e' })); process.stdin.resume()`,
    `console.log('${escapes}'); process.stdin.resume()`,
    `console.log(JSON.stringify({ ok: true, protocol: '\\u009b31m' })); process.stdin.resume()`,
  ]
  for (const saying of sayings) {
    const file = join(folder, 'saying.mjs')
    writeFileSync(file, `process.stdin.once('data', () => { ${saying} })\n`)
    const { code, errors, out } = await finrst('test', 'close-empty', '--testee', `"${process.execPath}" "${file}"`)
    assert.is(code, 3, errors)
    assert.not(steers(out + errors), errors)
    assert.match(errors, /\\u\{(?:1b|9b|202e)\}/)
  }
})

fact('the command that repeats a check can be given to a shell, whatever its script is called', async () => {
  const id = 'x;touch pwned'
  const scripts = folderWith(id, 'title: A fact\nguard: none\ndeadline: 1000\n\n$ open\n> eof\n')
  const { out } = await finrst('test', '--only', 'wire', '--scripts', scripts)
  assert.match(out, /repeat {4}npx finrst test 'x;touch pwned' |repeat .* test 'x;touch pwned' /)
})

// ---- Dependencies --------------------------------------------------------------------------------------------------

fact('no dependency of the package needs its install script, and whoever has one is known', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; resolved?: string; integrity?: string }>
  }
  const having = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  // They unpack or check what lies in the package of this platform already; the test of the package installs without.
  const known = ['bun', 'deno', 'esbuild', 'koffi'].map((name) => `node_modules/${name}`)
  assert.equal(having.map(([path]) => path).sort(), known)
  assert.equal(
    having.filter(([, { dev }]) => !dev).map(([path]) => path),
    ['node_modules/koffi'],
  )
  const unchecked = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && integrity === undefined)
  assert.equal(
    unchecked.map(([path]) => path),
    [],
  )
})

test.run()
