// Tests the diagram of phases: it shows what the Wasm does, everything on it is reached, and it is drawn whole.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CAN, CONFIRM, EVENT, FIELD, PHASE, PLAN, POLICY } from '../adapters/core/names.js'
import { engine } from '../adapters/core/wasm.js'
import { readAbi, readRules } from '../adapters/spec/files.js'
import { diagramOf, draw, emptyRules, mermaid } from '../scripts/generate/states.ts'
import { phaseOf, realTransitions, ruleOf, type Transition, transitionsOf } from '../scripts/generate/transitions.ts'
import { productOf, readsOf } from './twin/domain.ts'

const wasm = engine()
const { rules } = readRules()
const real = await realTransitions()
const diagram = diagramOf(real, rules)
const tell = ({ from, to, event, rule }: Transition): string => `${from} ${event} ${rule} ${to}`

const bits = (group: Readonly<Record<string, number>>, ...words: string[]): number =>
  words.reduce((sum, word) => sum | (group[word] ?? 0), 0)
const confirmed = (word: string): number => (CONFIRM[word] ?? 0) << (CONFIRM.SHIFT ?? 0)
const everything = bits(CAN, 'ARM', 'DISCONNECT', 'RESET', 'HOLD', 'DRAIN', 'SEE_ACKED')
const linux = 1

/** Hosts and policies that together come to everything that can happen. */
const contexts = [
  linux | everything | confirmed('ACKED'),
  linux |
    everything |
    confirmed('NONE') |
    bits(POLICY, 'DROP_ABORTS', 'UNREAD_ABORTS', 'EXIT_CLOSES', 'PEER_FIN_CLOSES'),
  linux | everything | confirmed('PEER') | bits(POLICY, 'FAILURE_CLOSES', 'UNREAD_ABORTS', 'DEADLINE_DETACHES'),
  linux | bits(CAN, 'ARM', 'DRAIN') | confirmed('KERNEL') | bits(POLICY, 'FAILURE_CLOSES', 'CRASH_LEAVES'),
  linux | confirmed('NONE') | bits(POLICY, 'HANDS_OFF', 'FAILURE_CLOSES'),
]

const facts = (event: string, phase: number): number[] => {
  const { decide, enter } = readsOf(event, phase)
  const read = `${decide} ${enter}`.split(' ').filter((name) => /^(?:FACT|ARGUMENT)/.test(name))
  return productOf(read.join(' '), []).facts
}
const factsOf = new Map(
  Object.keys(EVENT).flatMap((event) =>
    Array.from({ length: 7 }, (_, phase) => [`${event} ${phase}`, facts(event, phase)] as const),
  ),
)

/** What happens to one connection after another from the beginning, when every step succeeds. */
function reached(context: number): Set<string> {
  const idOf = new Map(rules.map(({ number, id }) => [number, id]))
  // The rule that fired last, and the cause but for the one that a deadline asks for, decide nothing.
  const key = (state: number): number => {
    const cause = (state >> (FIELD.CAUSE_SHIFT ?? 0)) & 15
    const told = cause === 0 || cause === EVENT.CLOSE ? cause : (EVENT.DROPPED ?? 0)
    return (state & ~((63 << 24) | (15 << (FIELD.CAUSE_SHIFT ?? 0)))) | (told << (FIELD.CAUSE_SHIFT ?? 0))
  }
  const seen = new Set([0])
  const found = new Set<string>()
  for (const state of seen) {
    const from = phaseOf(state)
    for (const [event, number] of Object.entries(EVENT)) {
      for (const fact of factsOf.get(`${event} ${PHASE[from]}`) ?? []) {
        const plan = wasm.decide(context, state, number, fact)
        let next = wasm.enter(context, state, number, fact)
        const rule = idOf.get(ruleOf(plan)) ?? ''
        found.add(tell({ from, to: phaseOf(next), event, rule }))
        for (let rest = plan & (PLAN.ALL_STEPS ?? 0); rest !== 0; rest >>= 4) next = wasm.settle(next, rest & 15, 0)
        seen.add(key(next))
      }
    }
  }
  return found
}

test('the Wasm does what the source was seen to do', () => {
  assert.equal(transitionsOf(wasm), real)
  assert.ok(real.length > 200)
})

test('everything that is shown is reached from the beginning, and nothing else', () => {
  const all = new Set(contexts.flatMap((context) => [...reached(context)]))
  const shown = real.map(tell)
  assert.equal(
    shown.filter((each) => !all.has(each)),
    [],
    'shown, but never reached',
  )
  assert.equal(
    [...all].filter((each) => !shown.includes(each)),
    [],
    'reached, but not shown',
  )
})

test('a rule leads where the file says, or leaves the phase', () => {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  for (const each of real) {
    const rule = byId.get(each.rule)
    assert.is(each.to, (byId.get(rule?.like ?? '') ?? rule)?.phase ?? each.from, tell(each))
  }
})

test('every event that changes something is on one arrow of its phases', () => {
  const empty = emptyRules(rules)
  const { always, edges } = diagram
  for (const { from, to, event, rule } of real) {
    const own = edges.filter((edge) => edge.from === from && edge.to === to && edge.events.includes(event)).length
    const common = always.to === to && always.phases.includes(from) && always.events.includes(event) ? 1 : 0
    const others = real.some(
      (each) => !empty.has(each.rule) && each.from === from && each.to === to && each.event === event,
    )
    assert.is(own + common, others ? 1 : 0, `${from} ${event} ${rule} ${to}`)
  }
  assert.is(
    edges.length,
    new Set(edges.map(({ from, to }) => `${from} ${to}`)).size,
    'two arrows for one pair of phases',
  )
  assert.equal(always.phases, ['OPEN', 'FINISHING', 'CLOSING', 'FINISHED', 'DRAINING'])
  assert.ok(always.events.includes('ABORT'))
})

test('what every phase does is taken for one, and only that', () => {
  const ending = (from: string, event: string): Transition => ({ from, to: 'ENDED', event, rule: 'abort-resets' })
  const both = [ending('OPEN', 'ABORT'), ending('CLOSING', 'ABORT'), ending('CLOSING', 'DATA')]
  const drawn = diagramOf([...both, { ...ending('ENDED', 'DATA'), rule: 'after-the-end' }], rules)
  assert.equal(drawn.always, { phases: ['OPEN', 'CLOSING'], to: 'ENDED', events: ['ABORT'] })
  assert.equal(drawn.edges, [{ from: 'CLOSING', to: 'ENDED', events: ['DATA'] }])
  assert.match(mermaid(drawn), /^ {2}state "OPEN or CLOSING" as any$/m)
  assert.match(mermaid(drawn), /^ {2}CLOSING --> ENDED: DATA$/m)
  assert.match(mermaid(drawn), /^ {2}any --> ENDED: ABORT$/m)
})

test('the drawing is whole, and needs nothing else', async () => {
  const svg = await draw(diagram, readAbi(), '<!-- Generated from a test. -->')
  assert.ok(svg.startsWith('<!-- Generated from a test. -->\n<svg '))
  const words = svg.replace(/<[^>]*>/g, ' ').split(/[\s,]+/)
  for (const word of [...diagram.phases, ...diagram.edges.flatMap(({ events }) => events), ...diagram.always.events]) {
    assert.ok(words.includes(word), word)
  }
  const arrows = diagram.edges.filter(({ from, to }) => from !== to).length + 1
  assert.is(svg.match(/class="edge"/g)?.length, arrows)
  assert.not.match(svg, /<(?:script|image|style)|href=|url\(|DOCTYPE/)
  assert.is(
    readFileSync('docs/states.svg', 'utf8').split('\n').slice(1).join('\n'),
    svg.split('\n').slice(1).join('\n'),
  )
})

test('a drawing that Graphviz cannot read is an error', async () => {
  try {
    await draw({ ...diagram, phases: ['not a name'] }, readAbi(), '')
  } catch (error) {
    assert.match((error as Error).message, /^Graphviz: /)
    return
  }
  assert.unreachable('was drawn')
})

test.run()
