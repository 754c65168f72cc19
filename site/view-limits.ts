// Says what the simulation does not model, so that nobody takes it for more than it is.
import { h, marked } from './dom.ts'

const notes: readonly string[] = [
  'The kernels are simulated: what each does is read out of the platform table, row by row, and every ' +
    'answer links to its evidence. Nothing is measured in this page.',
  'Where the table is unknown, or rests on a report alone, every answer is played, and the result says ' +
    'that nobody knows.',
  'Our stream has two parts, and the peer sends one at a time. Sizes, sequence numbers and windows are ' +
    'not modelled, nor retransmission: a lost packet is one that is late.',
  'The peer runs on the same system as we do, and its program reads at once whatever its kernel has.',
  'Time has no length: `time passes` lets every clock run out that runs.',
  'TLS, several connections, a socket that is shared with another process, and calls that fail for no ' +
    'known reason are in the tests of finrst, and not in this page.',
  'A runtime differs here in what a guard can do in it, and in whether its sockets block. What runtimes ' +
    'do on their own when they crash is in the rows `runtime.*` of the table.',
]

/** The list of what is not simulated. */
export function limits(): HTMLElement {
  const items = notes.map((note) => h('li', {}, marked(note)))
  const title = h('h2', { id: 'limits-title' }, 'What this page does not know')
  return h('section', { class: 'limits', 'aria-labelledby': 'limits-title' }, title, h('ul', {}, items))
}
