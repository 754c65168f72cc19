// The verbs of a row script: which system call each one is, and how its arguments are written.
import { type Fail, mostBytes, number, oneOf } from '../verbs.js'

/** How a verb is written, and what it needs. */
export interface SystemVerb {
  /** The descriptor that it is about, if the line names none; absent: it is about none. */
  on?: string
  /** The descriptor that it makes, if the line names none; `''`: the line must. Absent: it makes none. */
  as?: string
  /** Its result is all that there is to it, so that a line must keep it. */
  asks?: true
  /** Afterwards the process is no more. */
  deadly?: true
  /** What the header has to say before it can be used. */
  level?: 'packet' | 'raw'
  ownNet?: true
  need?: 'admin'
  /** It can block, so that it can go on in the background. */
  blocks?: true
  /** The arguments, as fields of the request. */
  read(words: string[], fail: Fail): Record<string, unknown>
}

/** The kinds of sockets. */
export const kinds = ['tcp', 'mptcp', 'udp', 'unix', 'unix-seqpacket', 'unix-datagram'] as const
/** The kinds that can be listened on. */
const streams = ['tcp', 'mptcp', 'unix', 'unix-seqpacket'] as const
/** The options that are ints. */
export const optionNames = [
  'SO_SNDBUF',
  'SO_RCVBUF',
  'SO_REUSEPORT',
  'SO_PROTOCOL',
  'TCP_NODELAY',
  'TCP_LINGER2',
  'TCP_USER_TIMEOUT',
  'TCP_REPAIR',
] as const
/** How a descriptor or a kept result is named. */
export const namePattern = /^[a-z][a-z0-9-]*$/
/** The longest wait that a line may ask for, and the one that it gets if it does not ask. */
export const longestWaitMs = 10_000
export const usualWaitMs = 2000

const none: SystemVerb['read'] = (words, fail) =>
  words.length === 0 ? {} : fail(`no argument, not "${words.join(' ')}"`)

type Reader = (text: string, fail: Fail) => unknown

const count =
  (what: string, least: number, most: number): Reader =>
  (text, fail) =>
    number(text, what, least, most, fail)

/** Words of a set, each at most once, and `key=value` options, in any order; what is left goes to `rest`. */
const mixed =
  (
    flags: Readonly<Record<string, readonly string[]>>,
    options: Readonly<Record<string, Reader>>,
    rest?: { name: string; read: Reader },
  ): SystemVerb['read'] =>
  (words, fail) => {
    const fields: Record<string, unknown> = {}
    const put = (key: string, value: unknown): void => {
      if (Object.hasOwn(fields, key)) fail(`the ${key} is there twice`)
      fields[key] = value
    }
    const known = [...Object.values(flags).flat(), ...Object.keys(options).map((key) => `${key}=`)]
    for (const word of words) {
      const [key = '', value] = word.split('=', 2)
      const option = Object.hasOwn(options, key) ? options[key] : undefined
      const flag = Object.entries(flags).find(([, of]) => of.includes(word))
      if (value !== undefined && option) put(key, option(value, fail))
      else if (flag) put(flag[0], word)
      else if (rest) put(rest.name, rest.read(word, fail))
      else fail(known.length > 0 ? `it takes ${known.join(', ')}; not "${word}"` : `no argument, not "${word}"`)
    }
    return fields
  }

const nameOf: Reader = (text, fail) => (namePattern.test(text) ? text : fail(`"${text}" is no name of a descriptor`))

const within = { within: count('within', 1, longestWaitMs) }
const bytes = (name: string): { name: string; read: Reader } => ({ name, read: count('the bytes', 1, mostBytes) })

/** An int as the kernel takes it, negative ones included. */
const int = (text: string | undefined, what: string, fail: Fail): number => {
  const value = text !== undefined && /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : fail(`${what} must be a 32-bit number, not "${text ?? ''}"`)
}

const shutdown: SystemVerb['read'] = ([how, ...rest], fail) => {
  const index = ['read', 'write', 'both'].indexOf(how ?? '')
  if (rest.length > 0) fail(`shutdown takes one argument, not "${rest.join(' ')}" too`)
  return { how: index >= 0 ? index : int(how, 'shutdown takes read, write, both or a number; it', fail) }
}

const linger: SystemVerb['read'] = ([text, ...rest], fail) => {
  if (rest.length > 0) fail(`linger takes one argument, not "${rest.join(' ')}" too`)
  if (text === 'off') return { onoff: 0, seconds: 0 }
  const [first, second, ...more] = (text ?? '').split(',')
  if (more.length > 0) fail(`linger takes N, off or ONOFF,N; not "${text}"`)
  if (second === undefined) return { onoff: 1, seconds: int(first, 'linger', fail) }
  return { onoff: int(first, 'l_onoff', fail), seconds: int(second, 'l_linger', fail) }
}

const someBytes = (text: string | undefined, what: string, fail: Fail): number => number(text, what, 1, mostBytes, fail)

/** The ways to make and to join sockets. */
const makers: Readonly<Record<string, SystemVerb>> = {
  open: { on: 'l', as: 's', read: mixed({ kind: streams }, {}) },
  socket: { as: 's', read: mixed({ kind: kinds, bound: ['bound'] }, {}) },
  socketpair: { read: mixed({ kind: ['unix', 'unix-seqpacket', 'unix-datagram'] }, {}) },
  listen: {
    as: 'l',
    read: mixed({ kind: streams, shares: ['reuse-port'] }, { backlog: count('backlog', 0, 1024), beside: nameOf }),
  },
  'listen-again': { on: 'l', read: mixed({}, { backlog: count('backlog', 0, 1024) }) },
  connect: { as: 's', read: mixed({ kind: streams, how: ['refused', 'silent', 'deaf'] }, within) },
  accept: { on: 'l', as: 's', read: mixed({}, within) },
  dup: { on: 's', as: '', read: none },
  file: { as: 's', read: none },
  closed: { as: 's', read: none },
}

/** The system calls themselves. */
const calls: Readonly<Record<string, SystemVerb>> = {
  shutdown: { on: 's', read: shutdown },
  linger: { on: 's', read: linger },
  send: {
    on: 's',
    read: ([size, ...rest], fail) => ({ ...none(rest, fail), bytes: someBytes(size, 'the bytes to send', fail) }),
  },
  fill: { on: 's', read: none },
  recv: { on: 's', blocks: true, read: mixed({}, within, bytes('bytes')) },
  peek: { on: 's', read: mixed({}, within, bytes('bytes')) },
  'read-all': { on: 's', read: mixed({}, within) },
  getpeername: { on: 's', read: none },
  nonblocking: { on: 's', read: none },
  blocking: { on: 's', read: none },
  close: { on: 's', blocks: true, read: none },
  disconnect: { on: 's', read: none },
  silence: { on: 's', read: none },
  speak: { on: 's', read: none },
}

/** `NAME=VALUE`, an option of a socket. */
const option: SystemVerb['read'] = ([text, ...rest], fail) => {
  if (rest.length > 0) fail(`it takes NAME=VALUE, not "${rest.join(' ')}" too`)
  const [name, value] = (text ?? '').split('=', 2)
  return { name: oneOf(name, 'the option', optionNames, fail), value: int(value, 'its value', fail) }
}

/** `NAME=VALUE`, a setting of the network. */
const setting: SystemVerb['read'] = ([text, ...rest], fail) => {
  const [, name, value] = /^(net\.(?:ipv4|mptcp)\.[a-z0-9_]+)=(\d+)$/.exec(text ?? '') ?? []
  if (name === undefined || value === undefined || rest.length > 0) {
    return fail(`it takes net.ipv4.NAME=NUMBER or net.mptcp.NAME=NUMBER, not "${[text, ...rest].join(' ')}"`)
  }
  return { name, value }
}

/** The calls that few rows need. */
const rare: Readonly<Record<string, SystemVerb>> = {
  'short-linger': { on: 's', read: none },
  'long-linger': { on: 's', read: none },
  option: { on: 's', read: option },
  sysctl: { ownNet: true, read: setting },
  'send-urgent': { on: 's', read: none },
  dup2: { on: 's', read: none },
  'close-range': { on: 's', read: none },
  'sock-destroy': { on: 's', need: 'admin', read: none },
  'signal-me': {
    read: ([after, ...rest], fail) => ({
      ...none(rest, fail),
      after: number(after, 'the milliseconds', 1, 5000, fail),
    }),
  },
  child: {
    on: 's',
    read: ([how, ...rest], fail) => ({ ...none(rest, fail), how: oneOf(how, 'child', ['holds', 'ends'], fail) }),
  },
  join: { read: mixed({}, within) },
}

/** `FLAG.FLAG [seq+N|seq-N]`: a segment made by hand. */
const craft: SystemVerb['read'] = ([flags, number, ...rest], fail) => {
  none(rest, fail)
  const [, sign, digits] = /^seq([+-])(\d{1,9})$/.exec(number ?? 'seq+0') ?? []
  if (digits === undefined) fail(`the sequence number is seq+N or seq-N, not "${number}"`)
  const names = (flags ?? '').split('.').map((flag) => oneOf(flag, 'a flag', ['SYN', 'FIN', 'RST', 'ACK'], fail))
  return { flags: names, offset: sign === '-' ? -Number(digits) : Number(digits) }
}

/** What looks at segments, and what makes them. */
const packets: Readonly<Record<string, SystemVerb>> = {
  capture: { on: 's', level: 'packet', read: none },
  craft: { level: 'raw', read: craft },
}

/** What can be asked at any moment, and so be waited for too. */
const queries: Readonly<Record<string, SystemVerb>> = {
  state: { on: 's', asks: true, read: none },
  listed: { on: 's', asks: true, read: none },
  unacked: { on: 's', asks: true, read: none },
  unsent: { on: 's', asks: true, read: none },
  unread: { on: 's', asks: true, read: none },
  poll: { on: 's', asks: true, read: none },
  segments: { level: 'packet', asks: true, read: none },
  'segments-and-acks': { level: 'packet', asks: true, read: none },
  repeats: { level: 'packet', asks: true, read: none },
}

/** What asks once: the asking itself changes the answer, or it never changes. */
const questions: Readonly<Record<string, SystemVerb>> = {
  error: { on: 's', asks: true, read: none },
  'get-linger': { on: 's', asks: true, read: none },
  'get-option': {
    on: 's',
    asks: true,
    read: ([name, ...rest], fail) => ({ ...none(rest, fail), name: oneOf(name, 'the option', optionNames, fail) }),
  },
  'reset-offset': { level: 'packet', asks: true, read: none },
  timer: { on: 's', asks: true, read: none },
  number: { on: 's', asks: true, read: none },
  descriptor: { on: 's', asks: true, read: none },
}

/** What ends the process. */
const deaths: Readonly<Record<string, SystemVerb>> = {
  exit: {
    deadly: true,
    read: ([code, ...rest], fail) => ({
      ...none(rest, fail),
      code: number(code ?? '0', 'the exit code', 0, 255, fail),
    }),
  },
  'abort-process': { deadly: true, read: none },
  exec: { deadly: true, read: none },
  signal: {
    deadly: true,
    read: ([name, ...rest], fail) => ({
      ...none(rest, fail),
      name: oneOf(name, 'signal', ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'], fail),
    }),
  },
}

/** `await QUERY VALUE [within=MS]`: asks again and again until the answer is the value, or has it among its words. */
const awaiting: SystemVerb = {
  on: 's',
  read: ([query, until, ...rest], fail) => {
    const name = oneOf(query, 'await', Object.keys(queries), fail)
    if (until === undefined) fail(`await ${name} needs the value to wait for`)
    return { query: name, until, ...mixed({}, within)(rest, fail) }
  },
}

/** Every verb; both sides have the same. */
export const systemVerbs: Readonly<Record<string, SystemVerb>> = {
  ...makers,
  ...calls,
  ...rare,
  ...packets,
  ...queries,
  ...questions,
  ...deaths,
  await: awaiting,
}
