// Tests the HTML report in a real browser: what it shows, where keys lead, how it prints, that no text becomes markup.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outcome, Report } from '../adapters/spec/results.js'
import { htmlOf } from '../conformance/report/html.js'
import { browsing, closeWindows, openWindow } from './support/browser.js'
import { hostileRun, resultOf, runOf } from './support/report-samples.js'

const folder = mkdtempSync(join(tmpdir(), 'finrst-page-'))
const outcomes: Outcome[] = ['pass', 'fail', 'differs', 'new', 'skip', 'xpass']
const mixed = runOf(
  'a-testee',
  outcomes.map((outcome) => resultOf(`${outcome}-one`, outcome)),
)
const good = runOf('b-testee', [resultOf('pass-one', 'pass'), resultOf('fail-one', 'pass')], 'freebsd')

/** The page of these runs, opened, and what it asked for and complained of. */
const open = async (runs: Report[], look: Parameters<typeof openWindow>[0] = {}, hash = '') => {
  const file = join(folder, `page-${runs.length}-${runs[0]?.results.length}.html`)
  writeFileSync(file, htmlOf(runs))
  const { page, complaints } = await openWindow(look)
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('dialog', (dialog) => void dialog.dismiss())
  await page.goto(pathToFileURL(file).href + hash)
  return { page, complaints, requests }
}

test.after.each(closeWindows)
test.after(() => rmSync(folder, { recursive: true, force: true }))

browsing('a hostile run stays text: nothing runs, nothing is loaded, nothing is complained about', async () => {
  const { page, complaints, requests } = await open([hostileRun()])
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
})

browsing('the policy of the page stops a script and a picture that came in all the same', async () => {
  const { page, complaints } = await open([mixed])
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
})

browsing('with the keyboard alone a cell of the matrix leads to its opened section', async () => {
  const { page } = await open([mixed, good])
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
})

browsing('a link to a cell from outside opens it too', async () => {
  const { page } = await open([mixed, good], {}, '#A-wire-skip-one')
  await page.locator('#A-wire-skip-one').waitFor({ state: 'visible' })
})

browsing('the box leaves only what did not pass everywhere', async () => {
  const { page } = await open([mixed, good])
  const rows = page.locator('.matrix tbody tr:visible')
  assert.is(await rows.count(), 6)
  await page.getByRole('checkbox').check()
  assert.is(await rows.count(), 5)
})

browsing('nothing is wider than a screen of 360 pixels but what scrolls by itself', async () => {
  const { page } = await open([hostileRun()], { width: 360, height: 740 })
  assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 360)
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

for (const scheme of ['light', 'dark'] as const) {
  browsing(`in the ${scheme} colours every text has a contrast of 4.5 or more`, async () => {
    const { page } = await open([mixed, good], { scheme })
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    assert.is(background, scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(15, 19, 24)')
    const [least, where] = await leastContrast(page)
    assert.ok(least >= 4.5, `${least.toFixed(2)}: ${where}`)
  })
}

browsing('it prints on A4, without what only a screen needs and without what passed', async () => {
  const { page } = await open([mixed, good], { scheme: 'dark' })
  await page.emulateMedia({ media: 'print' })
  assert.not.ok(await page.getByRole('checkbox').isVisible())
  assert.is(await page.locator('section.check:visible').count(), 5)
  assert.is(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)')
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  assert.match(pdf, /\/MediaBox \[0 0 594\.\d+ 841\.\d+\]/)
})

test.run()
