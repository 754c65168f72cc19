// Writes a row script as one of packetdrill for Linux, or says what packetdrill has no way to say.
//
// 1. We are the side under test: our calls are its system calls, what the peer does are the segments that it injects.
// 2. What a call came to is what the recorded run of Linux kept: the script demands it again.
import { errorWords } from './errors.js'
import { WireModel } from './wire-model.js'
import type { RowScript, SystemStep } from '../system/script.js'

/** What became of a script. */
export type Translated = { text: string; sent: string[] } | { cannot: string }

/** packetdrill has no way to say it. */
class Cannot extends Error {}

type Values = Readonly<Record<string, string>>
/** One call of ours or of the peer; `is`: what it came to, if that was kept. */
type Writer = (model: WireModel, request: SystemStep['request'], is: string | undefined) => void

const recvBytes = 65_536

/** `= 0`, `= 10`, `= -1 EPIPE (Broken pipe)`. */
const result = (is: string): string => {
  if (is === 'eof') return '= 0'
  if (is === 'nothing') return `= -1 EAGAIN (${errorWords.EAGAIN})`
  if (/^\d+$/.test(is)) return `= ${is}`
  const words = errorWords[is]
  if (words === undefined) throw new Cannot(`it has no word for ${is}`)
  return `= -1 ${is} (${words})`
}

const receive = (model: WireModel, is: string, bytes = recvBytes, flags = 'MSG_DONTWAIT'): void => {
  model.call(`recv(4, ..., ${bytes}, ${flags}) ${result(is)}`)
}

const linger = (model: WireModel, { onoff, seconds }: SystemStep['request'], is = '0'): void => {
  if (Number(onoff) < 0 || Number(seconds) < 0) throw new Cannot('its struct linger has no negative numbers')
  model.call(`setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=${onoff}, linger=${seconds}}, 8) ${result(is)}`)
  if (is === '0') model.arm(Number(onoff) !== 0 && Number(seconds) === 0)
}

const polled = (is: string): string =>
  is === 'nothing'
    ? '0'
    : is
        .split('+')
        .map((word) => `POLL${word.toUpperCase()}`)
        .join('|')

const shutdownNames = ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']
const shutdownWords = ['read', 'write', 'both'] as const

const ours: Readonly<Record<string, Writer>> = {
  shutdown: (model, { how }, is = '0') => {
    const name = shutdownNames[Number(how)]
    if (name === undefined && Number(how) < 0) throw new Cannot('it has no negative numbers')
    model.call(`shutdown(4, ${name ?? how}) ${result(is)}`)
    const word = shutdownWords[Number(how)]
    if (is === '0' && word !== undefined) model.shutdown(word)
  },
  linger,
  send: (model, { bytes }, is = String(bytes)) => {
    model.call(`send(4, ..., ${bytes}, MSG_NOSIGNAL) ${result(is)}`)
    if (/^\d+$/.test(is)) model.send(Number(is))
  },
  recv: (model, { bytes = recvBytes }, is) => {
    const got = Math.min(Number(bytes), model.unread)
    if (is === undefined && got === 0) throw new Cannot('what is received is not known')
    receive(model, is ?? String(got), Number(bytes))
    if (/^\d+$/.test(is ?? String(got))) model.unread -= Number(is ?? got)
  },
  peek: (model, { bytes = recvBytes }, is) => {
    receive(model, is ?? String(Math.min(Number(bytes), model.unread)), Number(bytes), 'MSG_PEEK|MSG_DONTWAIT')
  },
  'read-all': (model, _, is) => {
    if (is === undefined) throw new Cannot('what is read is not known')
    for (const word of is.split('+')) receive(model, word)
    model.unread = 0
  },
  close: (model, _, is = '0') => {
    model.call(`close(4) ${result(is)}`)
    model.close()
  },
  error: (model, _, is = '0') => {
    const value = is === '0' ? '0' : is
    model.call(`getsockopt(4, SOL_SOCKET, SO_ERROR, [${value}], [4]) = 0`)
  },
  'get-linger': (model, _, is = '') => {
    const [onoff, seconds] = is.split(',')
    if (!/^\d+$/.test(onoff ?? '') || !/^\d+$/.test(seconds ?? ''))
      throw new Cannot('its struct linger has no negative numbers')
    model.call(`getsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=${onoff}, linger=${seconds}}, [8]) = 0`)
  },
  poll: (model, _, is = 'nothing') => {
    const ready = is === 'nothing' ? 0 : 1
    model.call(`poll([{fd=4, events=POLLIN|POLLOUT|POLLRDHUP, revents=${polled(is)}}], 1, 0) = ${ready}`)
  },
  option: (model, { name, value }, is = '0') => {
    if (name !== 'TCP_NODELAY') throw new Cannot(`${String(name)} changes what is sent in ways that are not modelled`)
    model.call(`setsockopt(4, IPPROTO_TCP, TCP_NODELAY, [${value}], 4) ${result(is)}`)
  },
  await: (model, { query, until }) => model.note(`Here the ${String(query)} is ${String(until)}.`),
  capture: (model) => model.note('From here on the row script counts segments; packetdrill always does.'),
  segments: (model, _, is) => model.note(`The row script saw ${String(is)}.`),
}

const theirs: Readonly<Record<string, Writer>> = {
  send: (model, { bytes }) => model.peerSends(Number(bytes)),
  shutdown: (model, { how }) => {
    if (shutdownWords[Number(how)] !== 'write') throw new Cannot('the injected peer has no SHUT_RD')
    model.peerFinishes()
  },
  linger: (model, { onoff, seconds }) => model.peerArms(Number(onoff) !== 0 && Number(seconds) === 0),
  close: (model) => model.peerCloses(),
  await: (model, { query, until }) => model.note(`The peer waits until its ${String(query)} is ${String(until)}.`),
  recv: (model, _, is) => model.note(`The peer reads ${String(is ?? 'it')}.`),
  'read-all': (model, _, is) => model.note(`The peer reads ${String(is)}.`),
  error: (model, _, is) => model.note(`The peer's SO_ERROR is ${String(is)}.`),
  unacked: (model, _, is) => model.note(`The peer has ${String(is)} bytes unconfirmed.`),
  state: (model, _, is) => model.note(`The peer is in ${String(is)}.`),
}

const translateStep = (model: WireModel, step: SystemStep, values: Values): void => {
  const { side, request, keep, text } = step
  if (request.on !== undefined && request.on !== 's') throw new Cannot(`another descriptor: ${text}`)
  const writers = side === 'us' ? ours : theirs
  const writer = Object.hasOwn(writers, request.do) ? writers[request.do] : undefined
  if (writer === undefined) throw new Cannot(`${side === 'us' ? 'we' : 'the peer'}: ${request.do}`)
  model.note(`${step.line}: ${text}`)
  const is = keep === undefined ? undefined : values[keep]
  if (keep !== undefined && is === undefined) throw new Cannot(`no recorded run has ${keep}`)
  writer(model, request, is)
}

/** Writes one row script; `values`: what its lines kept in a recorded run of Linux. */
export const translate = (script: RowScript, values: Values | undefined, from: string): Translated => {
  const [open, ...steps] = script.steps
  if (values === undefined) return { cannot: 'no recorded run of Linux has it' }
  if (script.ownNet) return { cannot: 'it sets the network up' }
  const usual = open?.request.do === 'open' && open.side === 'us' && open.request.kind === undefined
  if (!usual || open?.request.as !== 's') return { cannot: 'it does not begin with one connection of TCP' }
  const model = new WireModel()
  try {
    for (const step of steps) translateStep(model, step, values)
  } catch (error) {
    if (error instanceof Cannot) return { cannot: error.message }
    throw error
  }
  const head = [`// ${script.id}: ${script.title}`, `// For Linux; what the calls come to is from ${from}.`]
  return { text: `${[...head, ...model.lines].join('\n')}\n`, sent: model.sent }
}
