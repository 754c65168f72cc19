// The page: reads the situation out of the address, plays it, and shows it again after every change.
import { version, wasmBytes } from 'finrst:site'
import { h } from './dom.ts'
import { chooseEngine } from './engine.ts'
import { events as everyEvent } from './events.ts'
import { choices, kernelOf } from './kernels.ts'
import { type LaneSetup, play, possible } from './play.ts'
import { scenarioOf, scenarios, situationOf } from './scenarios.ts'
import { linkTo, mostLanes, readLink, type Situation } from './situation.ts'
import { controls, scenarioList, scenarioText, timeline } from './view-controls.ts'
import { laneView, ourReads } from './view-lane.ts'
import { limits } from './view-limits.ts'
import { showTable } from './view-table.ts'

const { kind, load } = chooseEngine()
const eventIds = everyEvent.map(({ id }) => id)
const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
const firstSituation = (): Situation => situationOf(scenarios[0] as (typeof scenarios)[0])

let situation = firstSituation()
let unknown: string[] = []
// On a small screen they would hide what they are about.
let controlsOpen = matchMedia('(min-width: 50rem) and (min-height: 40rem)').matches

// A fragment is all that changes, so that it works for a file too.
function go(next: Situation): void {
  situation = next
  unknown = []
  history.replaceState(null, '', linkTo(next))
  render()
}

/** What was played, without what lies ahead. */
const played = (): string[] => situation.events.slice(0, situation.at)

function playEvent(event: string): void {
  const events = [...played(), event]
  go({ ...situation, events, at: events.length })
}

function changeLane(index: number, lane: LaneSetup): void {
  go({ ...situation, lanes: situation.lanes.map((old, at) => (at === index ? lane : old)) })
}

function removeLane(index: number): void {
  go({ ...situation, lanes: situation.lanes.filter((_, at) => at !== index) })
}

// One more column: the last one on the next platform, because a comparison is what it is for.
function addLane(): void {
  const last = situation.lanes.at(-1) as LaneSetup
  const names = [...new Set(choices.map(({ platform }) => platform))]
  const used = new Set(situation.lanes.map(({ platform }) => kernelOf(platform).choice.platform))
  const next = names.find((name) => !used.has(name)) ?? names[0]
  const platform = choices.find((choice) => choice.platform === next)?.id ?? last.platform
  go({ ...situation, lanes: [...situation.lanes, { ...last, platform, choices: {} }] })
}

function lanes(): { element: HTMLElement; told: string } {
  const events = played()
  const results = situation.lanes.map((lane) => play(load, lane, events))
  const told = results.map((result, index) => {
    const { outcomes } = result
    const { title } = kernelOf(situation.lanes[index]?.platform ?? '').choice
    const ours = ourReads(result).told
    const both = `${title}: the peer reads ${outcomes.map(({ reads }) => reads).join(' or ')}`
    return ours === '' ? `${both}.` : `${both}, we read ${ours}.`
  })
  const elements = results.map((result, index) =>
    laneView(index, situation.lanes[index] as LaneSetup, result, {
      change: (lane) => changeLane(index, lane),
      remove: situation.lanes.length > 1 ? () => removeLane(index) : undefined,
    }),
  )
  return { element: h('div', { class: `lanes of-${elements.length}` }, elements), told: told.join(' ') }
}

function hero(): HTMLElement {
  return h(
    'section',
    { class: 'hero' },
    h('h1', {}, 'How does your connection end?'),
    h(
      'p',
      {},
      'TCP can end a stream in two ways. ',
      h('b', { class: 'fin' }, 'FIN'),
      ' says: that was all. ',
      h('b', { class: 'rst' }, 'RST'),
      ' says: something went wrong. Most programs never choose, and when they fail, the peer reads a clean end of ' +
        'file behind half an answer. Play it, compare systems, and see what a guard of finrst does.',
    ),
  )
}

function explorer(): HTMLElement[] {
  const scenario = scenarioOf(situation)
  const { element, told } = lanes()
  byId('announce').textContent = told
  const link = h('button', { type: 'button', id: 'copy', class: 'quiet', click: () => copyLink(link) }, 'Copy link')
  const add = h(
    'button',
    { type: 'button', id: 'add-lane', class: 'quiet', disabled: situation.lanes.length >= mostLanes, click: addLane },
    'Compare with one more',
  )
  const notice =
    unknown.length > 0 &&
    h('p', { class: 'notice', role: 'alert' }, `The link names ${unknown.join(', ')}, which this page does not know.`)
  return [
    hero(),
    scenarioList(scenario),
    h(
      'section',
      { class: 'stage', 'aria-label': 'The situation' },
      notice,
      h('div', { class: 'head' }, scenarioText(scenario), h('div', { class: 'tools' }, add, link)),
      timeline(
        situation,
        (at) => go({ ...situation, at }),
        () => go({ ...situation, events: [], at: 0 }),
      ),
      element,
      controls({
        possible: possible(load, situation.lanes, played(), eventIds),
        playEvent,
        open: controlsOpen,
        toggled: (open) => {
          controlsOpen = open
        },
      }),
    ),
    limits(),
  ]
}

async function copyLink(button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Copy it from the address'
  }
}

function render(): void {
  const focused = document.activeElement?.id ?? ''
  const table = location.hash.startsWith('#table')
  for (const [id, here] of [
    ['nav-explorer', !table],
    ['nav-table', table],
  ] as const) {
    if (here) byId(id).setAttribute('aria-current', 'page')
    else byId(id).removeAttribute('aria-current')
  }
  // The way back leads to where one was.
  byId('nav-explorer').setAttribute('href', linkTo(situation))
  const main = byId('main')
  if (table) showTable(main, location.hash)
  else main.replaceChildren(...explorer())
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true })
}

function follow(): void {
  if (!location.hash.startsWith('#table') && location.hash !== '#main') {
    const read = readLink(location.hash)
    situation = read.situation ?? firstSituation()
    unknown = read.unknown
  }
  if (location.hash !== '#main') render()
}

const running =
  kind === 'wasm'
    ? `The decisions are those of finrst.wasm, ${wasmBytes} bytes, in this page.`
    : 'This page may not run WebAssembly, so the decisions are those of its source, run as JavaScript.'
byId('footer').append(h('p', {}, `finrst ${version}. ${running}`))
document.documentElement.dataset.engine = kind
addEventListener('hashchange', follow)
follow()
