// Draws docs/ladder.svg, the first scenario of the explorer as a picture that needs no script, in light and dark.
import type { LaneResult, Step } from '../../site/lane.ts'
import type { Item } from '../../site/trace.ts'
import { callWords, isRequest, judgementMarks } from '../../site/words.ts'
import { loadParts } from '../site-parts.ts'
import { generatedBy } from './markdown.ts'

const lane = { width: 450, left: 152, wire: 112, top: 62 }
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const style = `
    text { font: 13px ui-sans-serif, system-ui, "Segoe UI", "Liberation Sans", sans-serif; fill: #1a222e; }
    .code { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
    .soft { fill: #566070; }
    .strong { font-weight: 650; }
    .card { fill: #fff; stroke: #d8d4c8; }
    .life { stroke: #d8d4c8; stroke-width: 2; }
    .arrow { fill: none; stroke-width: 2; stroke: #41566f; stroke-linecap: round; stroke-linejoin: round; }
    .fin { stroke: #146c39; } .reset { stroke: #b0261d; } .ack { stroke: #566070; stroke-width: 1.2; }
    .good { fill: #146c39; } .bad { fill: #b0261d; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e5e9ef; } .soft { fill: #9ba7b6; }
      .card { fill: #171d26; stroke: #2e3846; } .life { stroke: #2e3846; }
      .arrow { stroke: #a8b9cf; } .fin { stroke: #74d39b; } .reset { stroke: #ff8f85; } .ack { stroke: #9ba7b6; }
      .good { fill: #74d39b; } .bad { fill: #ff8f85; }
    }`

const text = (x: number, y: number, words: string, classes = ''): string =>
  `<text x="${x}" y="${y}"${classes === '' ? '' : ` class="${classes}"`}>${escaped(words)}</text>`

/** One drawn lane: its lines, and how far down they go. */
class Drawing {
  readonly lines: string[] = []
  verdict = ''
  y = lane.top
  #arrival = lane.top

  constructor(readonly platform: string) {}

  step({ event, items }: Step, label: string): void {
    if (event === 'open') return
    this.y += 24
    this.lines.push(text(14, this.y, label, 'strong'))
    for (const item of items) this.#item(item)
  }

  #item(item: Item): void {
    if (item.kind === 'packet') return this.#packet(item.from === 'us' ? 1 : -1, item.what, item.label)
    if (item.kind === 'read' && item.side === 'peer')
      this.lines.push(text(lane.left + lane.wire + 10, this.#arrival + 4, `read() → ${item.text}`, 'code'))
    if (item.kind !== 'call' || isRequest(item.text)) return
    this.y += 19
    this.lines.push(text(14, this.y, callWords(item.text, this.platform), 'code'))
  }

  #packet(side: number, what: string, label: string): void {
    this.y += 30
    const [from, to] = [lane.left, lane.left + lane.wire]
    const [begin, end] = side > 0 ? [from, to] : [to, from]
    const tip = `M${end - 8 * side} ${this.y - 5}L${end} ${this.y}L${end - 7 * side} ${this.y + 4}`
    const path = `<path class="arrow ${what}" d="M${begin} ${this.y - 12}L${end} ${this.y}${tip}"/>`
    if (side > 0) this.#arrival = this.y
    this.lines.push(path)
    this.lines.push(
      `<text x="${(from + to) / 2}" y="${this.y - 13}" text-anchor="middle" class="code soft">${label}</text>`,
    )
  }
}

/** The lane, if what it tells is what the engine does: where the source is being changed it may not be. */
function sound(result: LaneResult): LaneResult {
  if (!result.followed || result.broken !== undefined) throw new Error(`the explorer breaks: ${result.broken}`)
  return result
}

function drawLane(
  title: string,
  platform: string,
  { steps, outcome }: LaneResult,
  labels: ReadonlyMap<string, string>,
): Drawing {
  const drawing = new Drawing(platform)
  for (const step of steps) drawing.step(step, labels.get(step.event) ?? step.event)
  const tone = outcome.judgement === 'true' ? 'good' : 'bad'
  drawing.lines.unshift(
    text(14, 26, title, 'strong'),
    text(14, 50, 'our program', 'soft'),
    text(lane.left + lane.wire + 10, 50, 'the peer', 'soft'),
  )
  drawing.verdict = text(
    14,
    0,
    `${judgementMarks[outcome.judgement]} The peer reads ${outcome.reads}.`,
    `strong ${tone}`,
  )
  return drawing
}

/** docs/ladder.svg. */
export async function generateLadder(): Promise<Map<string, string>> {
  const { scenarios, situationOf, play, loadWasm, events } = await loadParts()
  const [first] = scenarios
  if (first === undefined) throw new Error('there is no scenario')
  const labels = new Map(events.map(({ id, label }) => [id, label]))
  const situation = situationOf(first)
  const drawings = situation.lanes.map((each) => {
    const title = each.policy === undefined ? 'without a guard' : 'with guard(socket)'
    const platform = each.platform.split('-', 1)[0] ?? ''
    return drawLane(`Linux, ${title}`, platform, sound(play(loadWasm, each, situation.events)), labels)
  })
  const end = Math.max(...drawings.map(({ y }) => y)) + 14
  const height = end + 46
  const lanes = drawings.flatMap(({ lines, verdict }, index) => [
    `  <g transform="translate(${index * (lane.width + 20)} 0)">`,
    `    <rect class="card" x=".5" y=".5" width="${lane.width - 1}" height="${height - 1}" rx="11"/>`,
    ...[lane.left, lane.left + lane.wire].map((x) => `    <path class="life" d="M${x} 60V${end}"/>`),
    ...lines.map((line) => `    ${line}`),
    `    <g transform="translate(0 ${end + 28})">${verdict}</g>`,
    '  </g>',
  ])
  const width = drawings.length * (lane.width + 20) - 20
  const title = 'A handler throws halfway: without a guard the peer reads end of file, with one a reset'
  const svg = [
    generatedBy('the first scenario of site/', 'ladder.ts'),
    '<svg xmlns="http://www.w3.org/2000/svg" role="img"',
    `  viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `  <title>${title}</title>`,
    `  <style>${style}\n  </style>`,
    ...lanes,
    '</svg>',
    '',
  ]
  return new Map([['docs/ladder.svg', svg.join('\n')]])
}
