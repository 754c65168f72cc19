// Tests that everybody can use the explorer: with the keyboard alone, on a screen of 360 px, in light and dark, with
// motion reduced; and that its table shows all of spec/table with its evidence.
import type { Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadParts } from '../scripts/site-parts.ts'
import { cellsOf, strengthOf } from '../adapters/spec/cells.js'
import { readPlatforms, readRows } from '../adapters/spec/files.js'
import { browsing, closeWindows, openWindow } from './support/browser.ts'
import { buildPage, removePage, show } from './support/explorer.ts'

const { address } = buildPage()
const { scenarios } = await loadParts()

test.after(async () => {
  await closeWindows()
  removePage()
})

const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '')

/** Presses Tab until the element has the focus, as somebody would. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let press = 0; press < 150; press += 1) {
    if ((await focused(page)) === id) return
    await page.keyboard.press('Tab')
  }
  assert.unreachable(`Tab never comes to ${id}`)
}

browsing('the keyboard alone chooses a scenario, plays events, changes a lane and opens a reason', async () => {
  const { page } = await openWindow()
  await show(page, address)
  await tabTo(page, 'scenario-armed-crash')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelectorAll('.lane').length === 3)
  await tabTo(page, 'back')
  await page.keyboard.press('Enter')
  assert.is(await focused(page), 'back', 'the focus stays where it was')
  assert.is(await page.getAttribute('#at-1', 'aria-current'), 'step')
  await tabTo(page, 'lane-0-platform')
  await page.keyboard.press('ArrowDown')
  assert.is(await focused(page), 'lane-0-platform')
  assert.is(await page.inputValue('#lane-0-platform'), 'linux-6.12')
  await tabTo(page, 'play-abort')
  await page.keyboard.press('Space')
  assert.match((await page.textContent('#announce')) ?? '', /^Linux 6\.12: the peer reads part 1, then a reset\./)
  const summary = page.locator('.rule summary').last()
  await summary.focus()
  await page.keyboard.press('Enter')
  assert.ok(await page.locator('.rule-body').last().isVisible())
  assert.match((await page.textContent('.lane:nth-child(2) .rule[open]')) ?? '', /RFC 9293 3\.10\.5/)
})

browsing('Tab goes through everything once, in order, and the focus is always seen', async () => {
  const { page } = await openWindow()
  await show(page, address)
  const reached: string[] = []
  const wanted = await page.$$eval(
    'a[href], button:not(:disabled), select, summary',
    (all) => all.filter((each) => (each as HTMLElement).checkVisibility()).length,
  )
  for (let press = 0; press < wanted; press += 1) {
    await page.keyboard.press('Tab')
    const seen = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      element.dataset.reached ??= String(Math.random())
      return {
        name: `${element.localName} ${element.id} ${element.dataset.reached}`,
        outline: `${outlineStyle} ${outlineWidth}`,
      }
    })
    assert.is(seen.outline, 'solid 3px', seen.name)
    reached.push(seen.name)
  }
  assert.is(new Set(reached).size, wanted)
})

browsing('side by side, one event stands at one height in every column', async () => {
  const { page } = await openWindow()
  for (const { id, link } of scenarios) {
    await show(page, address, link)
    const tops = await page.$$eval('.lane', (lanes) =>
      lanes.map((lane) =>
        [...lane.querySelectorAll('.step')].map((step) => Math.round(step.getBoundingClientRect().top)),
      ),
    )
    assert.ok(tops.length > 1 && (tops[0]?.length ?? 0) > 2, id)
    for (const lane of tops) {
      assert.equal(lane, tops[0], id)
      assert.ok(
        lane.every((top, index) => index === 0 || top > (lane[index - 1] ?? top)),
        `${id}: events lie on another`,
      )
    }
  }
})

for (const scheme of ['light', 'dark'] as const) {
  browsing(`on 360 px nothing is wider than the screen, in ${scheme}`, async () => {
    const { page, complaints } = await openWindow({ width: 360, height: 640, scheme })
    for (const link of [...scenarios.map((scenario) => scenario.link), '#table=close.unread']) {
      await show(page, address, link)
      for (const summary of await page.$$('details:not(.group) > summary')) await summary.click()
      const [width, culprits] = await page.evaluate(() => {
        const all = [...document.body.querySelectorAll<HTMLElement>('body *')]
        const wide = all.filter(
          (each) => each.getBoundingClientRect().right > 361 && !each.closest('.visually-hidden, svg'),
        )
        return [document.documentElement.scrollWidth, wide.map((each) => each.outerHTML.slice(0, 80))] as const
      })
      assert.is(width, 360, link)
      assert.equal(culprits, [], link)
    }
    assert.equal(complaints, [])
  })
}

/** The texts of a page whose contrast is below 4.5 (WCAG 1.4.3), but for what is switched off. */
const faint = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number)
    const light = (color: string): number => {
      const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
        const part = value / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)'
      const color = getComputedStyle(element).backgroundColor
      return channels(color)[3] === 0 ? behind(element.parentElement) : color
    }
    const texts = [...document.body.querySelectorAll<HTMLElement>('*')].filter(
      (each) =>
        [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()) &&
        each.checkVisibility() &&
        !each.closest('.visually-hidden, :disabled, [aria-disabled=true], .skip, script, noscript'),
    )
    return texts.flatMap((each) => {
      const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x) as [
        number,
        number,
      ]
      const ratio = (a + 0.05) / (b + 0.05)
      return ratio >= 4.5 ? [] : [`${ratio.toFixed(2)} ${each.className} ${each.textContent?.slice(0, 40)}`]
    })
  })

for (const scheme of ['light', 'dark'] as const) {
  browsing(`every text can be read in ${scheme}`, async () => {
    const { page } = await openWindow({ scheme, motion: 'reduce' })
    const links = [...scenarios.map(({ link }) => link), '#lanes=windows,node,none&events=peer-data,close']
    for (const link of [...links, '#table=close.unread', '#table=reset.sequence']) {
      await show(page, address, link)
      assert.equal(await faint(page), [], link)
    }
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    assert.is(dark, scheme === 'dark' ? 'rgb(16, 21, 28)' : 'rgb(247, 246, 242)')
  })
}

browsing('where motion is to be reduced nothing moves', async () => {
  for (const motion of ['reduce', 'no-preference'] as const) {
    const { page } = await openWindow({ motion })
    await show(page, address)
    const names = await page.$$eval('.newest .row', (rows) => rows.map((row) => getComputedStyle(row).animationName))
    assert.ok(names.length > 0)
    assert.equal([...new Set(names)], [motion === 'reduce' ? 'none' : 'appear'])
  }
})

browsing('the table has every row and cell of spec/table, and says what is unknown', async () => {
  const { page, complaints } = await openWindow()
  await show(page, address, '#table')
  await page.$$eval('details.group', (groups) => {
    for (const group of groups) (group as HTMLDetailsElement).open = true
  })
  const rows = readRows()
  await page.waitForFunction((count) => document.querySelectorAll('.matrix-row').length === count, rows.length)
  const shown = new Map(
    await page.$$eval('.matrix-cell', (cells) => cells.map((each) => [each.id, each.className] as const)),
  )
  const expected = rows.flatMap((row) =>
    readPlatforms().flatMap(({ id }) => {
      const [newest] = cellsOf(row, id)
      return newest === undefined ? [] : [[`cell-${row.id}-${id}`, `matrix-cell ${strengthOf(newest)}`] as const]
    }),
  )
  assert.equal(shown, new Map(expected))
  assert.ok(expected.some(([, strength]) => strength.endsWith('unknown')))
  assert.equal(complaints, [])
})

browsing('behind a cell of the table stands its evidence, and a search finds rows', async () => {
  const { page } = await openWindow()
  for (const [row, platform] of [
    ['close.unread', 'windows'],
    ['shut-rd.late-data', 'macos'],
    ['runtime.kill', 'deno'],
  ] as const) {
    await show(page, address, `#table=${row},${platform}`)
    const detail = (await page.textContent('#detail')) ?? ''
    const cells = cellsOf(readRows().find(({ id }) => id === row) ?? { cells: {} }, platform)
    assert.ok(cells.length > 0)
    for (const { is, note, evidence } of cells)
      for (const text of [is, note ?? '', ...evidence.map(({ ref }) => ref)]) assert.ok(detail.includes(text), text)
  }
  await show(page, address, '#table')
  await page.fill('#search', 'shut-rd late')
  const found = await page.$$eval('.row-name code', (names) => names.map((each) => each.textContent))
  assert.ok(found.includes('shut-rd.late-data') && found.every((name) => name?.includes('shut-rd')))
})

test.run()
