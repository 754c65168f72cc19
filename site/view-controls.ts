// Shows the scenarios, the events that were played, and those that can be played next.
import { type Child, h } from './dom.ts'
import { type Actor, eventOf, events } from './events.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import type { Situation } from './situation.ts'

/** The scenarios as links: each is a situation. */
export function scenarioList(current: Scenario | undefined): HTMLElement {
  const items = scenarios.map(({ id, title, asks, link }) =>
    h(
      'li',
      {},
      h(
        'a',
        { href: link, id: `scenario-${id}`, 'aria-current': current?.id === id ? 'true' : undefined },
        h('b', {}, title),
        h('span', {}, asks),
      ),
    ),
  )
  return h('ul', { class: 'scenarios' }, items)
}

/** What there is to see in a scenario. */
export function scenarioText(current: Scenario | undefined): HTMLElement {
  if (current === undefined)
    return h(
      'div',
      { class: 'story' },
      h('h2', {}, 'Your own situation'),
      h('p', {}, 'The address of this page restores it: copy it to show somebody what you see.'),
    )
  const { title, tells, variant } = current
  const more = variant && h('p', {}, h('a', { href: variant.link, id: 'variant' }, `Compare: ${variant.label}`))
  return h('div', { class: 'story' }, h('h2', {}, title), h('p', {}, tells), more)
}

const actors = { program: 'we', peer: 'peer', network: 'network' } as const

/** The events in their order; those not played yet are dim. A click goes to behind one. */
export function timeline({ events: all, at }: Situation, go: (at: number) => void, clear: () => void): HTMLElement {
  const chip = (index: number, label: Child, actor: string): HTMLElement =>
    h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          id: `at-${index}`,
          class: `chip ${actor}${index > at ? ' ahead' : ''}`,
          'aria-current': index === at ? 'step' : undefined,
          click: () => go(index),
        },
        label,
      ),
    )
  const chips = all.map((id, index) => {
    const event = eventOf(id)
    const actor = event?.actor ?? 'program'
    return chip(index + 1, [h('small', {}, actors[actor]), ' ', event?.label ?? id], actor)
  })
  return h(
    'div',
    { class: 'timeline' },
    h('button', { type: 'button', id: 'back', disabled: at === 0, click: () => go(at - 1) }, '◀ Back'),
    h('button', { type: 'button', id: 'next', disabled: at === all.length, click: () => go(at + 1) }, 'Next ▶'),
    h('ol', { class: 'chips', 'aria-label': 'Events' }, chip(0, 'open', 'start'), chips),
    h('button', { type: 'button', id: 'clear', class: 'quiet', disabled: all.length === 0, click: clear }, 'Clear'),
  )
}

const groups: readonly [actor: Actor, title: string][] = [
  ['program', 'Our program'],
  ['peer', 'The peer'],
  ['network', 'The network'],
]

/** What {@link controls} needs: which events would do something, what to do with one, and whether it is folded. */
export interface ControlActions {
  possible: ReadonlySet<string>
  playEvent(event: string): void
  open: boolean
  toggled(open: boolean): void
}

/** A button for every event; those that would do nothing anywhere are off. */
export function controls({ possible, playEvent, open, toggled }: ControlActions): HTMLElement {
  const button = ({ id, label, why }: (typeof events)[number]): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        id: `play-${id}`,
        title: why,
        'aria-disabled': possible.has(id) ? undefined : 'true',
        click: () => possible.has(id) && playEvent(id),
      },
      label,
    )
  const fields = groups.map(([actor, title]) => {
    const buttons = events.filter((event) => event.actor === actor).map(button)
    return h('fieldset', { class: actor }, h('legend', {}, title), h('div', { class: 'buttons' }, buttons))
  })
  const panel = h(
    'details',
    { class: 'controls', open, toggle: () => toggled(panel.open) },
    h('summary', { id: 'controls' }, 'Play an event'),
    h('div', { class: 'panel' }, fields),
  )
  return panel
}
