// Shows one lane: what it is set to, how it ends, what that rests on, and the ladder of how it came to it.
import type { PolicyOptions } from '../adapters/core/types.js'
import type { AskedAnswer } from '../simulation/raw-kernel.ts'
import { Arrival } from '../simulation/world.ts'
import { type Child, h } from './dom.ts'
import { choices, kernelOf, type PageKernel } from './kernels.ts'
import type { LaneSetup, PlayedLane } from './play.ts'
import { runtimes } from './runtimes.ts'
import { policyWord, readPolicy } from './situation.ts'
import { ladder } from './view-ladder.ts'
import { judgementMarks, judgementWords, strengthWords } from './words.ts'

/** What the page does when somebody changes a lane. */
export interface LaneActions {
  change(lane: LaneSetup): void
  remove: (() => void) | undefined
}

const policies: readonly [word: string, label: string][] = [
  ['none', 'no guard'],
  ['compatible', 'guard, compatible'],
  ['strict', 'guard, strict'],
  ['manual', 'guard, manual'],
]

const answers: readonly [name: keyof PolicyOptions, allowed: readonly string[]][] = [
  ['onDrop', ['close', 'abort']],
  ['onFailure', ['abort', 'close']],
  ['onExit', ['abort', 'close']],
  ['onCrash', ['abort', 'leave']],
  ['onPeerFin', ['keep', 'close']],
  ['onUnread', ['drain', 'abort']],
  ['onDeadline', ['abort', 'detach']],
  ['confirm', ['none', 'kernel', 'acked', 'peer']],
]

type Option = readonly [value: string, label: string]

function select(
  label: string,
  id: string,
  value: string,
  options: Child,
  change: (value: string) => void,
): HTMLElement {
  const field = h('select', { id, change: () => change(field.value) }, options)
  field.value = value
  return h('label', { class: 'field', for: id }, h('span', { class: 'field-name' }, label), field)
}

const option = ([value, label]: Option): HTMLElement => h('option', { value }, label)

function platformOptions(): Child {
  const names = [...new Set(choices.map(({ name }) => name))]
  return names.map((name) =>
    h(
      'optgroup',
      { label: name },
      choices.filter((each) => each.name === name).map(({ id, title }) => option([id, title])),
    ),
  )
}

// One answer of the policy changed; the empty word is that of the preset.
function withAnswer(policy: PolicyOptions, name: keyof PolicyOptions, value: string): PolicyOptions {
  const { [name]: _, ...rest } = policy
  return value === '' ? rest : { ...rest, [name]: value }
}

function answerFields(index: number, lane: LaneSetup, policy: PolicyOptions, actions: LaneActions): HTMLElement {
  const changed = Object.keys(policy).length > 1
  const fields = answers.map(([name, allowed]) =>
    select(
      name,
      `lane-${index}-${name}`,
      String(policy[name] ?? ''),
      [option(['', 'as the preset']), ...allowed.map((word) => option([word, word]))],
      (value) => actions.change({ ...lane, policy: withAnswer(policy, name, value), choices: {} }),
    ),
  )
  const summary = h(
    'summary',
    { id: `lane-${index}-answers` },
    changed ? 'Answers of the policy, changed' : 'Change single answers of the policy',
  )
  return h('details', { class: 'answers', open: changed }, summary, h('div', { class: 'fields' }, fields))
}

function setup(index: number, lane: LaneSetup, actions: LaneActions): HTMLElement {
  const { platform, runtime, policy } = lane
  const { remove } = actions
  const preset = policy === undefined ? 'none' : (policy.preset ?? 'compatible')
  const change = (changed: Partial<LaneSetup>): void => actions.change({ ...lane, ...changed, choices: {} })
  const runtimeOptions = runtimes.map(({ id, name }) => option([id, name]))
  return h(
    'div',
    { class: 'setup' },
    select('System', `lane-${index}-platform`, platform, platformOptions(), (value) => change({ platform: value })),
    select('Guard and its policy', `lane-${index}-policy`, preset, policies.map(option), (value) =>
      change({ policy: readPolicy(value) }),
    ),
    select('Runtime', `lane-${index}-runtime`, runtime, runtimeOptions, (value) => change({ runtime: value })),
    remove !== undefined &&
      h(
        'button',
        {
          type: 'button',
          class: 'remove',
          id: `lane-${index}-remove`,
          title: 'Remove this column',
          click: () => remove(),
        },
        '×',
        h('span', { class: 'visually-hidden' }, ` remove column ${index + 1}`),
      ),
  )
}

/** What our read() has returned, and whether it was an end of file that the peer did not send. */
export function ourReads({ steps, world }: PlayedLane): { told: string; deceived: boolean } {
  const items = steps.flatMap((step) => step.items)
  const reads = items.flatMap((item) => (item.kind === 'read' && item.side === 'us' ? [item] : []))
  const deceived = world.peerFin === Arrival.FLYING && reads.some(({ means }) => means === 'end')
  return { told: reads.map(({ text }) => text).join(', then '), deceived }
}

function banner(played: PlayedLane): HTMLElement {
  const { outcomes } = played
  const { told, deceived } = ourReads(played)
  const unsure = outcomes.length > 1
  const [first] = outcomes
  const judgement = unsure ? 'doubt' : (first?.judgement ?? 'open')
  const lines = outcomes.map(({ reads, means }) =>
    h(
      'div',
      { class: 'possibility' },
      h('p', { class: 'reads' }, 'the peer reads ', h('b', {}, reads)),
      h('p', {}, means),
    ),
  )
  const title = unsure ? 'Nobody knows for sure' : judgementWords[judgement]
  return h(
    'div',
    { class: `outcome ${unsure ? 'unsure' : judgement}`, 'data-judgement': unsure ? 'unsure' : judgement },
    h('h3', {}, h('span', { class: 'mark', 'aria-hidden': 'true' }, judgementMarks[judgement]), ` ${title}`),
    lines,
    told !== '' &&
      h(
        'p',
        { class: 'ours' },
        'we read ',
        h('b', {}, told),
        deceived && h('span', { class: 'bad' }, ', although the peer has not finished'),
      ),
  )
}

function forkRow(
  index: number,
  lane: LaneSetup,
  fork: AskedAnswer,
  kernel: PageKernel,
  actions: LaneActions,
): HTMLElement {
  const { question, row, of, is, known } = fork
  const strength = kernel.strength[question] ?? 'unknown'
  const why = known ? 'it may be either' : strengthWords[strength === 'measured' ? 'unknown' : strength]
  const buttons = of.map((answer, place) =>
    h(
      'button',
      {
        type: 'button',
        id: `lane-${index}-${question}-${place}`,
        'aria-pressed': answer === is ? 'true' : 'false',
        click: () => actions.change({ ...lane, choices: { ...lane.choices, [question]: place } }),
      },
      answer,
    ),
  )
  const link = h('a', { href: `#table=${row},${kernel.kernel.id.split(' ', 1)[0]}` }, row)
  return h('div', { class: 'fork' }, h('p', {}, link, ` ${why}. Show it as`), h('div', { class: 'choices' }, buttons))
}

function verdictRows({ verdict, world }: PlayedLane, guarded: boolean): Child {
  if (!guarded) return h('p', {}, 'None: without a guard nobody tells.')
  if (verdict === undefined)
    return h('p', {}, world.alive ? 'None yet: the connection goes on.' : 'None: the process is gone.')
  const { rule, ...fields } = verdict
  const pairs = Object.entries({ ...fields, rule }).map(([name, value]) => [
    h('dt', {}, name),
    h('dd', { 'data-field': name }, String(value)),
  ])
  return h('dl', { class: 'verdict' }, pairs)
}

/** A lane: the element has everything in it. */
export function laneView(index: number, lane: LaneSetup, played: PlayedLane, actions: LaneActions): HTMLElement {
  const kernel = kernelOf(lane.platform)
  const { choice } = kernel
  const title = `${choice.title}, ${lane.policy === undefined ? 'no guard' : `guard: ${policyWord(lane.policy)}`}`
  const forks = played.forks.map((fork) => forkRow(index, lane, fork, kernel, actions))
  const steps = ladder(played.steps, { platform: choice.platform, strength: kernel.strength })
  const element = h(
    'section',
    { class: 'lane', 'aria-label': `Lane ${index + 1}: ${title}` },
    h('h2', { class: 'visually-hidden' }, title),
    setup(index, lane, actions),
    banner(played),
    h('div', { class: 'forks' }, forks),
    h(
      'div',
      { class: 'ends', 'aria-hidden': 'true' },
      h('span', {}, 'we'),
      h('span', {}, 'the wire'),
      h('span', {}, 'the peer'),
    ),
    steps,
    h(
      'div',
      { class: 'foot' },
      h('h3', {}, 'Verdict of the guard'),
      verdictRows(played, lane.policy !== undefined),
      lane.policy !== undefined && answerFields(index, lane, lane.policy, actions),
    ),
  )
  // All lanes share their rows, so that one event stands at one height in all of them.
  steps.style.gridRow = `span ${played.steps.length}`
  element.style.gridRow = `span ${element.childElementCount - 2 + played.steps.length}`
  return element
}
