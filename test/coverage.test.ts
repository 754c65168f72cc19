// Fails if the differential test leaves more than one line in twenty of a file of the engine untouched.
import { execFileSync } from 'node:child_process'
import { build } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { programOptions } from '../scripts/bundling.ts'

const leastLines = 95
const outfile = 'build/coverage/twin.mjs'

/** Runs the differential test under c8 and answers its report; throws if a file is below the bound. */
async function cover(least: number): Promise<string> {
  await build({
    ...programOptions,
    entryPoints: ['test/twin.test.ts'],
    outfile,
    sourcemap: 'inline',
    logLevel: 'warning',
  })
  const what = ['--include', 'assembly/**', '--exclude-after-remap', '--temp-directory', 'build/coverage/raw']
  const bound = ['--check-coverage', '--per-file', '--lines', String(least), '--reporter', 'text']
  const run = ['node_modules/c8/bin/c8.js', ...what, ...bound, process.execPath, outfile]
  return execFileSync(process.execPath, run, { encoding: 'utf8', env: { ...process.env, FINRST_SAMPLES: '100000' } })
}

test(`at least ${leastLines} % of the lines of every file of the engine are run`, async () => {
  const report = await cover(leastLines)
  for (const file of ['engine.ts', 'record.ts', 'known.ts', 'linger.ts', 'errno.ts', 'rules.ts', 'table.ts']) {
    assert.match(report, new RegExp(`^\\s*${file.replace('.', '\\.')}\\b`, 'm'), `the report has ${file}`)
  }
  const [all = ''] = /^All files.*$/m.exec(report) ?? []
  console.log(`note: coverage of assembly/: ${all.replaceAll(/\s+/g, ' ')}`)
})

test.run()
