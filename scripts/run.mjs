// Runs one TypeScript file of this repository on any Node ≥ 20: bundles it into build/run/, then imports it.
// Usage: node scripts/run.mjs <file.ts> [arguments…]. The working directory is the root of the repository.
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [file, ...rest] = process.argv.slice(2)
if (!file) {
  console.error('usage: node scripts/run.mjs <file.ts> [arguments…]')
  process.exit(2)
}
const outfile = join(process.cwd(), 'build/run', `${basename(file, '.ts')}.${process.pid}.mjs`)
mkdirSync(join(process.cwd(), 'build/run'), { recursive: true })
await build({
  entryPoints: [file],
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
process.argv = [process.argv[0], file, ...rest]
await import(pathToFileURL(outfile).href)
