// Draws what both sides did and saw as a ladder, SVG: time goes down, each side has its line, what arrived crosses.
//
// 1. The axis is one for both and only goes down. It is stretched where much happened: a step is as high as a line of
//    text, and grows with the logarithm of the time that passed; the milliseconds stand beside it.
// 2. An arrow is drawn when its arrival was told. Nobody knows when it set out.
import type { TraceLine } from '../../adapters/spec/results.js'
import { cut, escapeMarkup } from './escape.js'
import { type Moment, momentsOf, type Side } from './moments.js'

const width = 780
const top = 34
const pitch = 19
const lanes: Readonly<Record<Side, number>> = { us: 350, peer: 440 }
const names: Readonly<Record<Side, string>> = { us: 'we', peer: 'peer' }
/** As many characters as fit beside a line. */
const longest: Readonly<Record<Side, number>> = { us: 36, peer: 45 }
/** More moments are not drawn: the exchange in words has them all. */
const mostMoments = 150

const heights = (moments: readonly Moment[]): number[] => {
  let y = top
  return moments.map(({ ms }, index) => {
    const before = moments[index - 1]?.ms ?? ms
    y += pitch + Math.round(10 * Math.log10(1 + Math.max(0, ms - before)))
    return y
  })
}

/** Where a time lies on the axis, between the moments around it. */
const heightOf = (ms: number, moments: readonly Moment[], ys: readonly number[]): number => {
  const next = moments.findIndex((moment) => moment.ms > ms)
  if (next === 0) return ys[0] ?? top
  const [before, after] = next < 0 ? [moments.length - 1, undefined] : [next - 1, next]
  const y = ys[before] ?? top
  if (after === undefined) return y + 4
  const span = (moments[after]?.ms ?? 0) - (moments[before]?.ms ?? 0)
  return Math.round(y + (((ys[after] ?? y) - y) * (ms - (moments[before]?.ms ?? 0))) / span)
}

const classOf = ({ kind, wrong }: Moment): string => (wrong ? `${kind} wrong` : kind)

/** What a side did or saw: a dot or a bar on its line, and the words beside it. */
const labelOf = (moment: Moment, y: number, end: number): string => {
  const { side, text, line } = moment
  const x = lanes[side]
  const shown = cut(text.replace(/\s+/g, ' '), longest[side])
  const whole = shown === text ? '' : `<title>${escapeMarkup(cut(text, 500))}</title>`
  const [at, anchor] = side === 'us' ? [x - 10, ' text-anchor="end"'] : [x + 10, '']
  const number = line === undefined ? '' : `<tspan class="line">${escapeMarkup(line)} </tspan>`
  const bar = end > y + 6 ? `<path class="bar" d="M${x} ${y}V${end}"/>` : ''
  const dot = moment.kind === 'sight' ? '' : `<circle cx="${x}" cy="${y}" r="3"/>`
  const words = `<text x="${at}" y="${y + 4}"${anchor}>${number}${escapeMarkup(shown)}</text>`
  return `<g class="${classOf(moment)}">${whole}${bar}${dot}${words}</g>`
}

/** What arrived: an arrow from the other side. */
const arrowOf = ({ side, arrived }: Moment, y: number): string => {
  if (arrived === undefined) return ''
  const [from, to] = side === 'peer' ? [lanes.us, lanes.peer] : [lanes.peer, lanes.us]
  const back = side === 'peer' ? -7 : 7
  const kind = arrived === 'RST' ? 'rst' : arrived === 'FIN' ? 'fin' : 'data'
  const short = arrived.replace(/ bytes.*/, '')
  const text = `<text x="${(from + to) / 2}" y="${y - 3}" text-anchor="middle">${escapeMarkup(cut(short, 9))}</text>`
  const head = `M${to + back} ${y - 4}L${to} ${y}L${to + back} ${y + 4}`
  return `<g class="${kind}"><path d="M${from} ${y}H${to}${head}"/>${text}</g>`
}

/** The ladder in words, for who cannot see it. */
const tell = (moments: readonly Moment[]): string => {
  const of = (side: Side): string =>
    moments
      .filter((moment) => moment.side === side)
      .map(({ text }) => text)
      .join(', ')
  return cut(`We: ${of('us') || 'nothing'}. The peer: ${of('peer') || 'nothing'}.`, 600)
}

/** The drawing of one exchange; '' if there is nothing to draw. */
export const ladderOf = (trace: readonly TraceLine[], ours = 'we'): string => {
  const all = momentsOf(trace)
  const moments = all.slice(0, mostMoments)
  if (moments.length === 0) return ''
  const ys = heights(moments)
  const bottom = (ys.at(-1) ?? top) + pitch + (all.length > moments.length ? pitch : 0)
  const lines = (Object.keys(lanes) as Side[]).map((side) => {
    const x = lanes[side]
    const name = side === 'us' ? ours : names.peer
    const anchor = side === 'us' ? ' text-anchor="end"' : ''
    const words = `<text class="name" x="${x}" y="16"${anchor}>${escapeMarkup(cut(name, 36))}</text>`
    return `${words}<path class="lane" d="M${x} ${top - 10}V${bottom}"/>`
  })
  const times = moments.map(
    ({ ms }, index) =>
      `<text class="time" x="52" y="${(ys[index] ?? 0) + 4}" text-anchor="end">${ms.toFixed(1)}</text>`,
  )
  const drawn = moments.map((moment, index) => {
    const y = ys[index] ?? 0
    const end = moment.until === undefined ? y : heightOf(moment.until, moments, ys)
    return arrowOf(moment, y) + labelOf(moment, y, end)
  })
  const rest = all.length - moments.length
  const more = rest > 0 ? `<text class="time" x="60" y="${bottom - 4}">and ${rest} more, not drawn</text>` : ''
  return [
    `<svg role="img" viewBox="0 0 ${width} ${bottom + 6}" width="${width}" height="${bottom + 6}"`,
    ` aria-label="${escapeMarkup(tell(moments))}">`,
    `<text class="time" x="52" y="16" text-anchor="end">ms</text><path class="axis" d="M58 ${top - 10}V${bottom}"/>`,
    ...[...lines, ...times, ...drawn, more, '</svg>'],
  ].join('')
}
