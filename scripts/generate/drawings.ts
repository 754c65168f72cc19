// Draws docs/preset.svg, which preset to take, and docs/architecture.svg, what calls what, with Graphviz.
import { generatedBy } from './markdown.ts'
import { drawDot } from './states.ts'

const look = [
  'graph [rankdir=TB, nodesep=0.35, ranksep=0.45, bgcolor=white, pad=0.2]',
  'node [shape=box, style="rounded,filled", fillcolor="#f2f5fa", color="#44546a", margin="0.2,0.1"]',
  'node [fontname="Arial", fontsize=12]',
  'edge [color="#44546a", fontname="Arial", fontsize=11, arrowsize=0.7]',
]

const graph = (lines: readonly string[]): string => `digraph {\n${[...look, ...lines].join('\n')}\n}`

/** Questions lead to answers; an answer is a preset, and what it is changed by. */
const preset = graph([
  'opinion [label="Do you want every ending decided for you?"]',
  'drops [label="Does code that you do not know let go of sockets,\\n' +
    'by destroy() or close(), when it is done with them?"]',
  'exits [label="Does process.exit() mean\\nthat all is said?"]',
  'node [fillcolor="#e3f1e6", color="#146c39"]',
  'manual [label="manual\\nabort(), setLinger() and a verdict"]',
  '"strict" [label="strict\\nonly end() and guard.close() are a FIN"]',
  'compatible [label="compatible\\nthe default"]',
  'closing [label="compatible,\\nonExit: close"]',
  'opinion -> manual [label="no, only what I say  "]',
  'opinion -> drops [label="  yes"]',
  'drops -> "strict" [label="no: it would be a mistake  "]',
  'drops -> exits [label="  yes, or I do not know"]',
  'exits -> compatible [label="no  "]',
  'exits -> closing [label="  yes"]',
])

const architecture = graph([
  'app [label="your program, and the events of its runtime\\n' +
    'close(), abort(), a throw, end of file, ECONNRESET, flushed, a timer"]',
  'core [label="adapters/core, net, node, deno, bun\\na queue of events, clocks, facts, one verdict"]',
  'subgraph cluster_wasm {',
  'label="finrst.wasm, from assembly/" fontname="Arial" fontsize=11 color="#44546a" style="rounded,dashed"',
  'engine [label="engine.ts\\nwhich rule fires, and its steps"]',
  'record [label="record.ts\\nthe state, before anything is called"]',
  'drive [label="drive.ts\\nwalks the steps, settles each by its result"]',
  'tables [label="table.ts, rules.ts, abi.ts\\ngenerated from spec/"]',
  '{ rank=same; engine -> tables [style=dashed, dir=back, label="  read  "] }',
  '}',
  'host [label="adapters/<runtime>\\nsetsockopt, shutdown, connect(AF_UNSPEC), close\\n' +
    'on the runtime\'s live descriptor, or our duplicate"]',
  'wire [label="the wire: FIN, RST or nothing"]',
  'app -> core',
  'core -> engine [label="  on(socket, context, state, event, facts)"]',
  'engine -> record -> drive',
  'drive -> host [label="  a step"]',
  'host -> drive [label="  its result  ", style=dashed]',
  'host -> wire',
])

export async function generateDrawings(): Promise<Map<string, string>> {
  const first = generatedBy('its graphs', 'drawings.ts')
  return new Map([
    ['docs/preset.svg', await drawDot(preset, first)],
    ['docs/architecture.svg', await drawDot(architecture, first)],
  ])
}
