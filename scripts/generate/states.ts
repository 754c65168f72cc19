// Draws the phases of a connection and what leads from one to another, as Mermaid and as SVG.
//
// 1. The edges are what the engine really does (transitions.ts); those of one pair of phases are one edge.
// 2. An event that ends a connection in every phase between the first and the last is drawn once.
// 3. Rules that change nothing are left out: they would be an edge from every phase to itself.
import { instance } from '@viz-js/viz'
import { PHASE } from '../../adapters/core/names.ts'
import type { Abi, Rule } from '../../adapters/spec/types.ts'
import type { Transition } from './transitions.ts'

/** An arrow: from a phase to a phase, by any of these events. */
export interface Edge {
  from: string
  to: string
  events: string[]
}

export interface Diagram {
  phases: string[]
  edges: Edge[]
  /** The events that end a connection in each of these phases. */
  always: { phases: string[]; to: string; events: string[] }
}

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())]

/** The rules that do nothing and are not recorded: `not-open` and all after it. */
export function emptyRules(rules: readonly Rule[]): Set<string> {
  const first = rules.find(({ id }) => id === 'not-open')?.number ?? Number.POSITIVE_INFINITY
  return new Set(rules.filter(({ number }) => number >= first).map(({ id }) => id))
}

/** The diagram of what happens. */
export function diagramOf(transitions: readonly Transition[], rules: readonly Rule[]): Diagram {
  const empty = emptyRules(rules)
  const pairs = new Map<string, Edge>()
  for (const { from, to, event, rule } of transitions) {
    if (empty.has(rule)) continue
    const edge = pairs.get(`${from} ${to}`) ?? { from, to, events: [] }
    edge.events = union([edge.events, [event]])
    pairs.set(`${from} ${to}`, edge)
  }
  const present = new Set(transitions.flatMap(({ from, to }) => [from, to]))
  const phases = Object.keys(PHASE).filter((phase) => present.has(phase))
  const last = phases.at(-1) ?? ''
  const ending = [...pairs.values()].filter(({ from, to }) => to === last && from !== last)
  const common = union(ending.map(({ events }) => events)).filter((event) =>
    ending.every(({ events }) => events.includes(event)),
  )
  const edges = [...pairs.values()].map((edge) =>
    edge.to === last ? { ...edge, events: edge.events.filter((event) => !common.includes(event)) } : edge,
  )
  return {
    phases,
    edges: edges.filter(({ events }) => events.length > 0),
    always: { phases: ending.map(({ from }) => from), to: last, events: common },
  }
}

const alwaysName = 'any'

/** The phases in which an event always ends a connection, in words. */
const anyOf = (phases: readonly string[]): string =>
  phases.length < 2 ? phases.join('') : `${phases.slice(0, -1).join(', ')} or ${phases.at(-1)}`

/** The diagram as Mermaid. */
export function mermaid({ phases, edges, always }: Diagram): string {
  const label = (events: readonly string[]): string => events.join('<br>')
  const ending = always.events.length === 0 ? [] : [`  state "${anyOf(always.phases)}" as ${alwaysName}`]
  return [
    'stateDiagram-v2',
    ...ending,
    `  [*] --> ${phases[0]}`,
    ...edges.map(({ from, to, events }) => `  ${from} --> ${to}: ${label(events)}`),
    ...(ending.length === 0 ? [] : [`  ${alwaysName} --> ${always.to}: ${label(always.events)}`]),
    `  ${phases.at(-1)} --> [*]`,
  ].join('\n')
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A text in lines of about that many characters. */
const lined = (text: string, length: number): string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= length) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const small = (lines: readonly string[]): string[] =>
  lines.map((line) => `<FONT POINT-SIZE="10">${escaped(line)}</FONT>`)

const column = 26

/** The diagram in the language of Graphviz. What leaves a phase as it is stands inside it. */
export function dot({ phases, edges, always }: Diagram, abi: Abi): string {
  const describe = abi.groups.PHASE?.describe ?? {}
  const box = (phase: string): string => {
    const stays = edges.find(({ from, to }) => from === phase && to === phase)
    const about = small(lined(describe[phase] ?? '', column))
    const within = stays === undefined ? [] : ['', ...small(lined(`stays at ${stays.events.join(', ')}`, column))]
    return `  ${phase} [label=<${[`<B>${phase}</B>`, ...about, ...within].join('<BR/>')}>]`
  }
  const label = (events: readonly string[]): string => {
    const lines = events.map((event) => `<TR><TD ALIGN="LEFT">${event}</TD></TR>`)
    return `<<TABLE BORDER="0" CELLPADDING="1" CELLSPACING="0">${lines.join('')}</TABLE>>`
  }
  const arrow = ({ from, to, events }: Edge): string => `  ${from} -> ${to} [label=${label(events)}]`
  const any = small(lined(anyOf(always.phases), column)).join('<BR/>')
  const ending = [`  ${alwaysName} [label=<${any}>, style="rounded,dashed"]`, arrow({ ...always, from: alwaysName })]
  return [
    'digraph {',
    '  graph [rankdir=TB, nodesep=0.7, ranksep=0.5, bgcolor=white, pad=0.2]',
    '  node [shape=box, style="rounded,filled", fillcolor="#f2f5fa", color="#44546a", fontname="Arial", fontsize=13,',
    '    margin="0.25,0.1"]',
    '  edge [color="#44546a", fontname="Arial", fontsize=10, arrowsize=0.7]',
    ...phases.map(box),
    ...edges.filter(({ from, to }) => from !== to).map(arrow),
    ...(always.events.length === 0 ? [] : ending),
    '}',
  ].join('\n')
}

/** A graph drawn: an SVG that needs nothing else, and says in its first line what made it. */
export async function drawDot(text: string, firstLine: string): Promise<string> {
  const viz = await instance()
  const { output, errors } = viz.render(text, { format: 'svg' })
  if (output === undefined || errors.length > 0) throw new Error(`Graphviz: ${errors.map((each) => each.message)}`)
  const svg = output.slice(output.indexOf('<svg'))
  const fonts = svg.replaceAll('font-family="Arial"', 'font-family="Arial, Helvetica, Liberation Sans, sans-serif"')
  return `${firstLine}\n${fonts.replace(/<!--.*?-->\n/gs, '').trimEnd()}\n`
}

/** The diagram drawn. */
export const draw = (diagram: Diagram, abi: Abi, firstLine: string): Promise<string> =>
  drawDot(dot(diagram, abi), firstLine)
