// Tests the explorer in a real Chromium: every scenario, links, a strict policy with and without WebAssembly, and that
// it loads little.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadParts } from '../scripts/site-parts.ts'
import { browsing, closeWindows, openWindow, serve, type Window } from './support/browser.ts'
import { buildPage, removePage, show } from './support/explorer.ts'

const { site, address, told } = buildPage()
const parts = await loadParts()
const budget = 150 * 1024
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
const withWasm = policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")

test.after(async () => {
  await closeWindows()
  removePage()
})

/** Every situation that the page offers: its scenarios and their variants. */
const offered = parts.scenarios.flatMap(({ id, link, variant }) => [
  { id, link },
  ...(variant === undefined ? [] : [{ id: `${id}, ${variant.label}`, link: variant.link }]),
])
/** What the table does not know comes to several outcomes, and a link may hold a policy that is no preset. */
const unsure = '#lanes=windows,node,none;gvisor,go,compatible+onCrash:leave&events=peer-data,write,kill'

let shared: Promise<Window> | undefined
const sharedWindow = (): Promise<Window> => {
  shared ??= openWindow()
  return shared
}

/** What the page says of each lane. */
const readLanes = (page: Page): Promise<{ reads: string[]; judgement: string; verdict: Record<string, string> }[]> =>
  page.$$eval('.lane', (lanes) =>
    lanes.map((lane) => ({
      reads: [...lane.querySelectorAll('.reads b')].map((each) => each.textContent ?? ''),
      judgement: lane.querySelector<HTMLElement>('.outcome')?.dataset.judgement ?? '',
      verdict: Object.fromEntries(
        [...lane.querySelectorAll<HTMLElement>('.verdict dd')].map((dd) => [
          dd.dataset.field ?? '',
          dd.textContent ?? '',
        ]),
      ),
    })),
  )

/** The same out of the parts of the page, played in this process. */
function played(link: string): Awaited<ReturnType<typeof readLanes>> {
  const { situation } = parts.readLink(link)
  assert.ok(situation)
  return situation.lanes.map((lane) => {
    const { outcomes, verdict } = parts.play(parts.loadWasm, lane, situation.events.slice(0, situation.at))
    return {
      reads: outcomes.map(({ reads }) => reads),
      judgement: outcomes.length > 1 ? 'unsure' : (outcomes[0]?.judgement ?? ''),
      verdict: Object.fromEntries(Object.entries(verdict ?? {}).map(([name, value]) => [name, String(value)])),
    }
  })
}

test('the first load fits its budget, and the build says so', () => {
  const sizes = readdirSync(site).map((file) => [file, statSync(join(site, file)).size] as const)
  const first = sizes.filter(([file]) => file !== 'table.js')
  const total = first.reduce((sum, [, size]) => sum + size, 0)
  assert.ok(total <= budget, `${total} bytes`)
  assert.match(told, new RegExp(`^first load: ${total} bytes of ${budget}$`, 'm'))
  assert.equal(first.map(([file]) => file).sort(), ['icon.svg', 'index.html', 'site.css', 'site.js'])
})

browsing('every scenario plays from a file, by the Wasm, as it does in Node, and nothing complains', async () => {
  const { page, complaints } = await sharedWindow()
  for (const { id, link } of [...offered, { id: 'unsure', link: unsure }]) {
    await show(page, address, link)
    assert.equal(await readLanes(page), played(link), id)
  }
  assert.ok(played(unsure).every(({ judgement, reads }) => judgement === 'unsure' && reads.length > 1))
  assert.is(await page.evaluate(() => document.documentElement.dataset.engine), 'wasm')
  assert.equal(complaints, [])
})

browsing('every scenario can be gone through step by step, back and forth', async () => {
  const { page, complaints } = await sharedWindow()
  for (const { id, link } of parts.scenarios) {
    await show(page, address)
    await page.click(`#scenario-${id}`)
    const events = parts.readLink(link).situation?.events ?? []
    for (let at = events.length - 1; at >= 0; at -= 1) {
      await page.click('#back')
      assert.equal(await readLanes(page), played(`${link}&at=${at}`), `${id} at ${at}`)
    }
    assert.ok(await page.isDisabled('#back'))
    for (const _ of events) await page.click('#next')
    assert.equal(await readLanes(page), played(link), id)
  }
  assert.equal(complaints, [])
})

for (const [what, header, engine] of [
  ["a strict policy with 'wasm-unsafe-eval' runs the Wasm", withWasm, 'wasm'],
  ['a strict policy without it runs the source as JavaScript, with the same result', policy, 'twin'],
] as const) {
  browsing(what, async () => {
    const { page, complaints } = await openWindow()
    const server = await serve(site, header)
    try {
      for (const { id, link } of offered) {
        await show(page, server.address, link)
        assert.equal(await readLanes(page), played(link), id)
      }
      assert.is(await page.evaluate(() => document.documentElement.dataset.engine), engine)
      await page.goto(`${server.address}#table=close.unread,linux`)
      await page.waitForSelector('.cell-detail')
    } finally {
      await server.stop()
    }
    // Where Wasm is forbidden the attempt is reported once for each load, and nothing else is.
    const others = complaints.filter((text) => engine === 'wasm' || !/WebAssembly/.test(text))
    assert.equal(others, [])
  })
}

browsing('a link restores a situation, and says what of it is not known', async () => {
  const { page } = await sharedWindow()
  await show(page, address)
  await page.selectOption('#lane-0-platform', 'windows-11')
  await page.selectOption('#lane-1-policy', 'strict')
  await page.click('#clear')
  for (const event of ['peer-data', 'write', 'close']) await page.click(`#play-${event}`)
  await page.click('#lane-0-closeUnread-1')
  await page.click('#at-2')
  const halfway = await page.textContent('.lanes')
  assert.match(await page.evaluate(() => location.hash), /&at=2&/)
  await show(page, address, await page.evaluate(() => location.hash))
  assert.is(await page.textContent('.lanes'), halfway)
  await page.click('#at-3')
  const seen = await page.textContent('.lanes')
  const link = await page.evaluate(() => location.hash)
  assert.is(
    link,
    '#lanes=windows-11,node,none;linux-6.18,node,strict&events=peer-data,write,close&choices=0.closeUnread.1',
  )
  await show(page, address)
  assert.is.not(await page.textContent('.lanes'), seen)
  await show(page, address, link)
  assert.is(await page.textContent('.lanes'), seen)
  await show(page, address, '#lanes=linux,node,none;plan9,node,none&events=write,explode')
  assert.match((await page.textContent('.notice')) ?? '', /plan9, explode/)
  assert.is((await readLanes(page)).length, 1)
})

test.run()
