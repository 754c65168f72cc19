// Tests that JSR would take the package: Deno checks its types, its exports and what is in it, without a network.
import { readdirSync, readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { version as codeVersion } from '../adapters/core/shared.js'
import { runProcess, stopOnSignals } from '../scripts/processes.ts'
import { installed } from '../scripts/runtimes.ts'

stopOnSignals()

test('a dry run of deno publish passes with its types checked', async () => {
  const command = [process.execPath, 'scripts/run.mjs', 'scripts/jsr.ts', '--check']
  const { code, output } = await runProcess(command, { deadlineSeconds: 120 })
  const plain = stripVTControlCharacters(output)
  assert.is(code, 0, plain)
  assert.match(plain, /Success Dry run complete/)
  for (const name of [
    'auto-deno.js',
    'deno.js',
    'bun.js',
    'node.js',
    'core.js',
    'spec.js',
    'types/adapters/deno/index.d.ts',
  ]) {
    assert.ok(plain.includes(`/dist/${name} (`), name)
  }
  assert.not.match(plain, /\bcli[.-]|finrst\.1/)
})

test('what it would publish guards a connection in Deno', async () => {
  const found = installed('deno')
  if ('missing' in found) throw new Error(found.missing)
  const program = `
    import { explain, guard } from '${new URL('../build/jsr/dist/deno.js', `file://${process.cwd()}/test/`).href}'
    const listener = Deno.listen({ port: 0, hostname: '127.0.0.1' })
    const conn = await Deno.connect({ port: listener.addr.port, hostname: '127.0.0.1' })
    const other = await listener.accept()
    const { ended, rule } = await guard(conn).abort()
    console.log(ended, explain(rule).rule)
    other.close()
    listener.close()`
  const command = [found.runtime.command[0] ?? '', 'eval', '--no-lock', program]
  const { code, output } = await runProcess(command, { deadlineSeconds: 60 })
  assert.is(code, 0, output)
  assert.match(output, /^reset abort-resets$/m)
})

test('its manifest is that of the package', () => {
  const { version, exports } = JSON.parse(readFileSync('jsr.json', 'utf8'))
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  assert.is(version, manifest.version)
  assert.is(codeVersion, manifest.version)
  const built = new Set(readdirSync('dist').map((name) => `./dist/${name}`))
  assert.equal(
    Object.values<string>(exports).filter((path) => !built.has(path)),
    [],
  )
  for (const entry of Object.keys(exports)) assert.ok(entry in manifest.exports, entry)
})

test.run()
