// Draws what happened on one connection as a ladder: we on the left, the peer on the right, the wire between them.
import { rules } from '../adapters/core/rules.js'
import { clauseUrl } from '../adapters/spec/cells.ts'
import { type Child, h, svg } from './dom.ts'
import { eventOf } from './events.ts'
import type { Strength } from './kernels.ts'
import type { Step } from './lane.ts'
import type { States } from './states.ts'
import type { CellItem, Decision, Item, Packet } from './trace.ts'
import { callWords, isRequest, strengthMarks, strengthWords } from './words.ts'

/** What the ladder needs to know of its lane. */
export interface LadderContext {
  platform: string
  strength: Readonly<Record<string, Strength>>
}

// Rules from this one on do nothing.
const firstEmptyRule = rules.find(({ rule }) => rule === 'not-open')?.number ?? 44

const row = (kind: string, left: Child, middle: Child, right: Child): HTMLElement =>
  h(
    'div',
    { class: `row ${kind}` },
    h('div', { class: 'us' }, left),
    h('div', { class: 'wire' }, middle),
    h('div', { class: 'them' }, right),
  )

const ways: Readonly<Record<Packet['way'], string>> = {
  whole: 'arrives',
  leaves: 'leaves and is under way',
  arrives: 'arrives now',
  lost: 'is lost',
}

function arrow({ from, what, way }: Packet): SVGElement {
  const [begin, end] = { whole: [0, 100], leaves: [0, 58], arrives: [42, 100], lost: [0, 50] }[way] as [number, number]
  const y = (x: number): number => 6 + (x / 100) * 14
  const ours = (x: number): number => (from === 'us' ? x : 100 - x)
  const line = svg('line', { x1: `${ours(begin)}%`, y1: `${y(begin)}`, x2: `${ours(end)}%`, y2: `${y(end)}` })
  const tip = svg(
    'svg',
    { x: `${ours(end)}%`, y: `${y(end)}`, overflow: 'visible' },
    svg('path', { d: tipOf(way, from === 'us' ? 1 : -1) }),
  )
  const classes = `arrow ${what} ${way}`
  return svg('svg', { class: classes, height: '26', width: '100%', 'aria-hidden': 'true' }, line, tip)
}

// An arrow that points right (1) or left (-1), a cross for what is lost, nothing for what is still under way.
function tipOf(way: Packet['way'], side: number): string {
  if (way === 'lost') return 'M-4 -4L4 4M-4 4L4 -4'
  if (way === 'leaves') return `M${2 * side} 0h${side}M${7 * side} 1h${side}M${12 * side} 2h${side}`
  return `M${-8 * side} -5L0 0L${-7 * side} 4`
}

function packetRow(packet: Packet): HTMLElement {
  const { from, what, label, way } = packet
  const who = from === 'us' ? 'we' : 'the peer'
  const text = h('span', { class: 'packet-label' }, label)
  const told = h('span', { class: 'visually-hidden' }, ` of ${who} ${ways[way]}`)
  return row(`packet ${what}`, '', [text, told, arrow(packet)], '')
}

function decisionRow({ event, rule: number }: Decision): HTMLElement | undefined {
  const rule = rules.find((each) => each.number === number)
  if (rule === undefined || number >= firstEmptyRule) return undefined
  const url = rule.clause === undefined ? undefined : clauseUrl(rule.clause)
  const details = h(
    'details',
    { class: 'rule' },
    h('summary', {}, h('span', { class: 'rule-title' }, rule.title)),
    h(
      'div',
      { class: 'rule-body' },
      h('p', {}, rule.why),
      h('p', { class: 'small' }, h('code', {}, event), ' fires ', h('code', {}, rule.rule)),
      rule.clause !== undefined &&
        h('p', { class: 'small' }, url === undefined ? rule.clause : h('a', { href: url }, rule.clause)),
      rule.row !== undefined && h('p', { class: 'small' }, h('a', { href: `#table=${rule.row}` }, rule.row)),
    ),
  )
  return row('decision', details, '', '')
}

function cellRow({ asked }: CellItem, { platform, strength }: LadderContext): HTMLElement {
  const known = strength[asked.question] ?? 'unknown'
  const link = h(
    'a',
    { class: `cell-link ${known}`, href: `#table=${asked.row},${platform}`, title: strengthWords[known] },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, strengthMarks[known]),
    ` ${asked.row}: ${asked.is}`,
    known === 'measured' || known === 'documented' ? '' : ` (${known})`,
  )
  return row('cell', link, '', '')
}

const sideRow = (kind: string, side: 'us' | 'peer', what: Child): HTMLElement =>
  side === 'us' ? row(kind, what, '', '') : row(kind, '', '', what)

function itemRow(item: Item, context: LadderContext): HTMLElement | undefined {
  switch (item.kind) {
    case 'packet':
      return packetRow(item)
    case 'decision':
      return decisionRow(item)
    case 'cell':
      return cellRow(item, context)
    case 'note':
      return sideRow(item.bad === true ? 'note bad' : 'note', item.side, item.text)
    case 'read':
      return sideRow(`read ${item.means}`, item.side, [h('code', {}, 'read()'), ' → ', h('b', {}, item.text)])
    default: {
      const request = isRequest(item.text)
      const words = callWords(item.text, context.platform)
      const returned = item.returned === undefined ? '' : ` → ${item.returned}`
      return sideRow(request ? 'request' : 'call', 'us', request ? words : h('code', {}, words, returned))
    }
  }
}

const sides = { program: 'us', peer: 'them', network: 'wire' } as const

function stepHead({ event, happened }: Step): HTMLElement {
  const found = eventOf(event)
  const side = found === undefined ? 'us' : sides[found.actor]
  const label = event === 'open' ? 'connected' : (found?.label ?? event)
  const chip = h('b', { class: `act ${found?.actor ?? 'program'}` }, label)
  const nothing = !happened && h('span', { class: 'nothing' }, 'nothing happens here')
  const cell = (at: string): Child => (at === side ? chip : '')
  // Beside the wire is more room than on it.
  return row('head', [cell('us'), side === 'us' && nothing], cell('wire'), [cell('them'), side !== 'us' && nothing])
}

/** The states of both ends behind a step, where they have changed. */
function stepStates({ states }: Step, before: Step | undefined): HTMLElement | undefined {
  const words = ({ us, phase, armed }: States): string =>
    [us, ...(phase === undefined ? [] : [phase]), ...(armed ? ['armed'] : [])].join(' · ')
  const ours = words(states)
  const was = before?.states
  if (was !== undefined && words(was) === ours && was.peer === states.peer) return undefined
  const state = (text: string): HTMLElement => h('span', { class: 'state' }, text)
  return row('states', state(ours), '', state(states.peer))
}

/** The ladder of these steps. */
export function ladder(steps: readonly Step[], context: LadderContext): HTMLElement {
  const drawn = steps.map((step, index) => {
    const newest = index === steps.length - 1 ? ' newest' : ''
    const rows = step.items.map((item) => itemRow(item, context))
    const classes = `step${newest}${step.happened ? '' : ' idle'}`
    return h('li', { class: classes }, stepHead(step), rows, stepStates(step, steps[index - 1]))
  })
  return h('ol', { class: 'ladder' }, drawn)
}
