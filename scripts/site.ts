// Builds the explorer into build/site or the folder that is named: index.html, its style, its script, and the platform
// table for later.
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { tableData } from './site-data.ts'
import { sitePlugins } from './site-plugins.ts'

const outdir = process.argv[2] ?? 'build/site'
/** What the first load may weigh, in bytes. */
const budget = 150 * 1024

/** The files of the first load, and how large each is. */
const firstLoad = ['index.html', 'site.css', 'site.js', 'icon.svg']

rmSync(outdir, { recursive: true, force: true })
mkdirSync(outdir, { recursive: true })
// Classic scripts and no modules: a page from file:// may not load a module.
await build({
  entryPoints: { site: 'site/main.ts' },
  outdir,
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  loader: { '.wasm': 'binary' },
  legalComments: 'none',
  logLevel: 'warning',
  plugins: sitePlugins(process.cwd()),
})
await build({ entryPoints: ['site/site.css'], outdir, minify: true, logLevel: 'warning' })
for (const file of ['index.html', 'icon.svg']) copyFileSync(join('site', file), join(outdir, file))
writeFileSync(join(outdir, 'table.js'), `finrstTable(${JSON.stringify(tableData('.'))})\n`)

let total = 0
for (const file of [...firstLoad, 'table.js']) {
  const { size } = statSync(join(outdir, file))
  if (firstLoad.includes(file)) total += size
  console.log(`${join(outdir, file)}: ${size} bytes${firstLoad.includes(file) ? '' : ', loaded with the table'}`)
}
console.log(`first load: ${total} bytes of ${budget}`)
if (total > budget) throw new Error(`the first load has ${total} bytes, more than ${budget}`)
