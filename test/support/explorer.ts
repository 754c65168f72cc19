// The explorer for tests, built into a folder of its own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'

const folder = mkdtempSync(join(tmpdir(), 'finrst-site-'))

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
