// Fails if the differential test leaves more than one line in twenty of a file of the engine untouched.
// Run it with: node scripts/run.mjs test/coverage.ts
import { execFileSync } from 'node:child_process'
import { build } from 'esbuild'

const leastLines = 95
const outfile = 'build/test/twin.coverage.mjs'

await build({
  entryPoints: ['test/twin.test.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  loader: { '.wasm': 'binary' },
  sourcemap: 'inline',
  logLevel: 'warning',
})

const flags = ['--include', 'assembly/**', '--exclude-after-remap', '--temp-directory', 'build/test/coverage']
const bound = ['--check-coverage', '--per-file', '--lines', String(leastLines), '--reporter', 'text']
try {
  execFileSync(process.execPath, ['node_modules/c8/bin/c8.js', ...flags, ...bound, process.execPath, outfile], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, FINRST_SAMPLES: '100000' },
  })
} catch {
  console.error(
    `less than ${leastLines} % of the lines of a file of assembly/ were run, or the differential test failed`,
  )
  process.exitCode = 1
}
