// Tests the HTML report in a real browser: what it shows, where keys lead, how it prints, and that no text becomes markup.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outcome, Report } from '../adapters/spec/results.js'
import { htmlOf } from '../conformance/report/html.js'
import { chromiumMissing, chromiumPath, startChromium } from './support/chromium.js'
import { fact, factIf } from './support/deadline.js'
import { hostileRun, resultOf, runOf } from './support/report-samples.js'

const folder = mkdtempSync(join(tmpdir(), 'finrst-page-'))
const outcomes: Outcome[] = ['pass', 'fail', 'differs', 'new', 'skip', 'xpass']
const mixed = runOf(
  'a-testee',
  outcomes.map((outcome) => resultOf(`${outcome}-one`, outcome)),
)
const good = runOf('b-testee', [resultOf('pass-one', 'pass'), resultOf('fail-one', 'pass')], 'freebsd')

let browser: Browser | undefined
let requests: string[] = []
let complaints: string[] = []

/** The page of these runs, opened. */
const open = async (runs: Report[], how: Parameters<Browser['newPage']>[0] = {}, hash = ''): Promise<Page> => {
  const file = join(folder, `page-${runs.length}-${runs[0]?.results.length}.html`)
  writeFileSync(file, htmlOf(runs))
  browser ??= await startChromium()
  const page = await browser.newPage(how)
  requests = []
  complaints = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => void dialog.dismiss())
  await page.goto(pathToFileURL(file).href + hash)
  return page
}

/** Declares a test that needs Chromium; where everything must be there, it is a failure without it. */
const inBrowser = (name: string, body: () => Promise<void>): void => {
  if (chromiumPath === undefined && process.env.CI !== undefined) {
    return fact(name, () => assert.unreachable(chromiumMissing))
  }
  factIf(chromiumPath === undefined && chromiumMissing, name, body, 90_000)
}

test.after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

inBrowser('a hostile run stays text: nothing runs, nothing is loaded, nothing is complained about', async () => {
  const page = await open([hostileRun()])
  assert.match(await page.title(), /^finrst: 1 passed/)
  assert.is(requests.length, 1)
  assert.equal(complaints, [])
  const counts = await page.evaluate(() => ({
    scripts: document.querySelectorAll('script').length,
    images: document.querySelectorAll('img, iframe, object, embed, link').length,
    handlers: [...document.querySelectorAll('*')].filter((each) =>
      [...each.attributes].some(({ name }) => name.startsWith('on')),
    ).length,
    links: [...document.querySelectorAll('a')].filter((each) => !each.getAttribute('href')?.startsWith('#')).length,
    sections: document.querySelectorAll('section.check').length,
  }))
  assert.equal(counts, { scripts: 1, images: 0, handlers: 0, links: 0, sections: 6 })
  await page.close()
})

inBrowser('the policy of the page stops a script and a picture that came in all the same', async () => {
  const page = await open([mixed])
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = "document.title = 'taken'"
    document.body.append(script)
    const picture = document.createElement('img')
    picture.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='
    document.body.append(picture)
  })
  assert.match(await page.title(), /^finrst/)
  assert.ok(complaints.some((each) => /Content Security Policy/.test(each)))
  await page.close()
})

inBrowser('with the keyboard alone a cell of the matrix leads to its opened section', async () => {
  const page = await open([mixed, good])
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
  await page.keyboard.press('Tab')
  assert.is(await focused(), 'To the matrix')
  let at = ''
  for (let presses = 0; presses < 30 && at !== 'pass-one, run B: pass, reset'; presses += 1) {
    await page.keyboard.press('Tab')
    at = await focused()
  }
  assert.is(at, 'pass-one, run B: pass, reset')
  const section = page.locator('#B-wire-pass-one')
  assert.not.ok(await section.isVisible())
  await page.keyboard.press('Enter')
  await section.waitFor({ state: 'visible' })
  assert.ok(await section.locator('svg').isVisible())
  assert.ok(await page.locator('#A-wire-fail-one').isVisible(), 'a failure is open from the start')
  await page.close()
})

inBrowser('a link to a cell from outside opens it too', async () => {
  const page = await open([mixed, good], {}, '#A-wire-skip-one')
  await page.locator('#A-wire-skip-one').waitFor({ state: 'visible' })
  await page.close()
})

inBrowser('the box leaves only what did not pass everywhere', async () => {
  const page = await open([mixed, good])
  const rows = page.locator('.matrix tbody tr:visible')
  assert.is(await rows.count(), 6)
  await page.getByRole('checkbox').check()
  assert.is(await rows.count(), 5)
  await page.close()
})

inBrowser('nothing is wider than a screen of 360 pixels but what scrolls by itself', async () => {
  const page = await open([hostileRun()], { viewport: { width: 360, height: 740 } })
  assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 360)
  await page.close()
})

/** The least contrast of any text of the page with what is behind it. */
const leastContrast = (page: Page): Promise<[number, string]> =>
  page.evaluate(() => {
    const numbers = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number)
    const light = (color: string): number => {
      const [r = 0, g = 0, b = 0] = numbers(color).map((part) => {
        const share = part / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element: Element): string => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor
        if (numbers(color)[3] !== 0) return color
      }
      return 'rgb(255, 255, 255)'
    }
    let least: [number, string] = [21, '']
    for (const element of document.querySelectorAll('body *')) {
      if (![...element.childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim())) continue
      const style = getComputedStyle(element)
      const [a, b] = [light(element instanceof SVGElement ? style.fill : style.color), light(behind(element))]
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (contrast < least[0]) least = [contrast, `${element.tagName} ${element.className}: ${element.textContent}`]
    }
    return least
  })

for (const colorScheme of ['light', 'dark'] as const) {
  inBrowser(`in the ${colorScheme} colours every text has a contrast of 4.5 or more`, async () => {
    const page = await open([mixed, good], { colorScheme })
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    assert.is(background, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(15, 19, 24)')
    const [least, where] = await leastContrast(page)
    assert.ok(least >= 4.5, `${least.toFixed(2)}: ${where}`)
    await page.close()
  })
}

inBrowser('it prints on A4, without what only a screen needs and without what passed', async () => {
  const page = await open([mixed, good], { colorScheme: 'dark' })
  await page.emulateMedia({ media: 'print' })
  assert.not.ok(await page.getByRole('checkbox').isVisible())
  assert.is(await page.locator('section.check:visible').count(), 5)
  assert.is(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)')
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  assert.match(pdf, /\/MediaBox \[0 0 594\.\d+ 841\.\d+\]/)
  await page.close()
})

test.run()
