// The explorer for tests: built into a folder of its own, and its parts that play a situation, bundled for this process.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { sitePlugins } from '../../scripts/site-plugins.ts'
import type * as engine from '../../simulation/engine.ts'
import type * as events from '../../site/events.ts'
import type * as lane from '../../site/lane.ts'
import type * as play from '../../site/play.ts'
import type * as scenarios from '../../site/scenarios.ts'
import type * as situation from '../../site/situation.ts'

type Parts = typeof engine & typeof lane & typeof play & typeof scenarios & typeof situation & typeof events

const folder = mkdtempSync(join(tmpdir(), 'finrst-site-'))

const entry = ['simulation/engine', 'site/lane', 'site/play', 'site/scenarios', 'site/situation', 'site/events']
  .map((path) => `export * from './${path}.ts'`)
  .join('\n')

/** The parts of the page that know no document. */
export async function loadParts(): Promise<Parts> {
  const outfile = join(folder, 'parts.mjs')
  await build({
    stdin: { contents: entry, resolveDir: process.cwd(), loader: 'js' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    loader: { '.wasm': 'binary' },
    logLevel: 'warning',
    plugins: sitePlugins(process.cwd()),
  })
  return (await import(pathToFileURL(outfile).href)) as Parts
}

/** Builds the page; answers its folder, its address as a file, and what the build said. */
export function buildPage(): { site: string; address: string; told: string } {
  const site = join(folder, 'site')
  const told = execFileSync(process.execPath, ['scripts/run.mjs', 'scripts/site.ts', site], {
    encoding: 'utf8',
    timeout: 120_000,
  })
  return { site, address: pathToFileURL(join(site, 'index.html')).href, told }
}

export function removePage(): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Loads the page anew and shows a situation. */
export async function show(page: Page, address: string, link = ''): Promise<void> {
  await page.goto('about:blank')
  await page.goto(`${address}${link}`)
  await page.waitForSelector(link.startsWith('#table') ? '.results' : '.lane')
}
