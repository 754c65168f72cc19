// The scenarios of the first page: each a situation, and what there is to see in it.
import type { LaneSetup } from './play.ts'
import { readLink, type Situation } from './situation.ts'

export interface Scenario {
  id: string
  title: string
  /** The question that it answers. */
  asks: string
  /** What is seen, in two or three sentences. */
  tells: string
  link: string
  /** The same with other lanes. */
  variant?: { label: string; link: string }
}

const link = (events: string, ...lanes: string[]): string => `#lanes=${lanes.join(';')}&events=${events}`
/** These systems on one runtime, each with the same policy. */
const systems = (runtime: string, policy: string, ...names: string[]): string[] =>
  names.map((name) => `${name},${runtime},${policy}`)

const upload = 'peer-data,hold-packets,write,close,deliver-reset,flow,peer-fin'
const twice = 'write,finish,finish,peer-data,read'
const lingering = 'linger,hold-packets,write,close,deadline,deliver-reset,flow'

export const scenarios: readonly Scenario[] = [
  {
    id: 'truncated-answer',
    title: 'The truncated answer',
    asks: 'The handler throws halfway. Does the peer notice?',
    tells:
      'Part 1 of 2 is sent, then the handler throws. Without a guard the runtime closes the socket, and the ' +
      'kernel sends the same FIN as after a whole answer. With a guard it is a reset.',
    link: link('write,throw', 'linux,node,none', 'linux,node,compatible'),
  },
  {
    id: 'lost-413',
    title: 'The lost 413',
    asks: 'The server refuses an upload early. Does its answer arrive?',
    tells:
      'The server answers before it has read the upload, and closes. Bytes that nobody read turn that close ' +
      'into a reset on Linux, and a connection that was reset never sends a lost packet again: the answer ' +
      'is gone. A guard sends the FIN first and drains.',
    link: link(upload, 'linux,node,none', 'linux,node,compatible'),
    variant: {
      label: 'FreeBSD and macOS, without a guard',
      link: link(upload, ...systems('node', 'none', 'freebsd', 'macos')),
    },
  },
  {
    id: 'shut-rd',
    title: 'SHUT_RD, three ways',
    asks: 'We want to receive no more. What becomes of what still arrives?',
    tells:
      'One call, three meanings: after shutdown(SHUT_RD) Linux keeps what arrives and read() returns it, ' +
      'FreeBSD confirms it and throws it away, macOS resets the connection. stopReceiving() of a guard ' +
      'means the same everywhere.',
    link: link('stop,peer-data,read', ...systems('node', 'none', 'linux', 'freebsd', 'macos')),
    variant: {
      label: 'the same three with a guard',
      link: link('stop,peer-data,read', ...systems('node', 'compatible', 'linux', 'freebsd', 'macos')),
    },
  },
  {
    id: 'armed-crash',
    title: 'The armed crash',
    asks: 'SIGKILL in the middle of an answer. Who tells the peer?',
    tells:
      'No code of ours runs any more. Linux closes the socket for us, with a FIN. A guard has set SO_LINGER ' +
      '{1, 0} beforehand, so that the very same close is a reset. Windows resets in any case.',
    link: link('write,kill', 'linux,node,none', 'linux,node,compatible', 'windows,node,none'),
  },
  {
    id: 'linger-ticks',
    title: 'Linger in ticks',
    asks: 'SO_LINGER {1, 5}: how long does close() wait?',
    tells:
      'Five seconds on Linux and Windows. On macOS the option counts ticks of 10 ms: a twentieth of a ' +
      'second. And when the time is over, Linux and macOS go on delivering in the background, Windows ' +
      'resets. A guard names the option that counts seconds.',
    link: link(lingering, ...systems('python', 'none', 'linux', 'macos', 'windows')),
    variant: {
      label: 'the same three, set by a guard',
      link: link('linger', ...systems('python', 'compatible', 'linux', 'macos', 'windows')),
    },
  },
  {
    id: 'second-shutdown',
    title: 'A second shutdown',
    asks: 'Shutting the sending side twice: harmless?',
    tells:
      'On Linux nothing happens. On macOS the second call fails with ENOTCONN, as if there were no connection. ' +
      'On FreeBSD it returns 0 and, as its source has it, shuts the receiving side too. finishSending() of a ' +
      'guard may be repeated.',
    link: link(twice, ...systems('node', 'none', 'linux', 'macos', 'freebsd')),
    variant: {
      label: 'the same three with a guard',
      link: link(twice, ...systems('node', 'compatible', 'linux', 'macos', 'freebsd')),
    },
  },
]

/** The situation of a scenario. */
export function situationOf({ link }: Scenario): Situation {
  const { situation, unknown } = readLink(link)
  if (situation === undefined || unknown.length > 0) throw new Error(`${link} names ${unknown.join(', ')}`)
  return situation
}

const sameLane = (a: LaneSetup, b: LaneSetup): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The scenario that has these lanes and begins with these events, if one does. */
export function scenarioOf({ lanes: ours, events }: Situation): Scenario | undefined {
  return scenarios.find((scenario) => {
    const links = [scenario.link, ...(scenario.variant === undefined ? [] : [scenario.variant.link])]
    return links.some((link) => {
      const known = readLink(link).situation
      if (known === undefined || known.lanes.length !== ours.length) return false
      const alike = known.lanes.every((lane, index) =>
        sameLane({ ...lane, choices: {} }, { ...(ours[index] as LaneSetup), choices: {} }),
      )
      return alike && known.events.every((event, index) => events[index] === event)
    })
  })
}
