// The verbs of a wire script: what the peer can do and what we can call, with their arguments.

/** One request of the line protocol, as it goes over the pipe. */
export interface Request {
  do: string
  [argument: string]: unknown
}

/** Throws the error of a line. */
export type Fail = (problem: string) => never
/** Reads the arguments of one verb. */
export type Verb = (args: string[], fail: Fail) => Request

/** The longest deadline or delay. */
export const longestDelayMs = 60_000
/** The most bytes that one line can name. */
export const mostBytes = 64 * 1024 * 1024
/** A whole number in its range. */
export const number = (text: string | undefined, what: string, least: number, most: number, fail: Fail): number => {
  const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) {
    return fail(`${what} must be a whole number ${least} … ${most}, not "${text ?? ''}"`)
  }
  return value
}

/** One word of a few. */
export const oneOf = <T extends string>(text: string | undefined, what: string, of: readonly T[], fail: Fail): T =>
  of.includes(text as T) ? (text as T) : fail(`${what} must be ${of.join(', ')}; not "${text ?? ''}"`)

const plain =
  (name: string): Verb =>
  (args, fail) =>
    args.length === 0 ? { do: name } : fail(`${name} takes no argument, not "${args.join(' ')}"`)

const write: Verb = ([bytes, ...rest], fail) => {
  if (rest.length > 0) fail(`write takes one argument, not "${rest.join(' ')}" too`)
  return { do: 'write', bytes: number(bytes, 'the bytes to write', 1, mostBytes, fail) }
}

const options =
  (name: string, allowed: Record<string, (text: string, fail: Fail) => unknown>): Verb =>
  (args, fail) => {
    const request: Request = { do: name }
    for (const arg of args) {
      const [key = '', value = ''] = arg.split('=', 2)
      const read = Object.hasOwn(allowed, key) ? allowed[key] : undefined
      if (!read) fail(`${name} has no option "${arg}"; it has ${Object.keys(allowed).join(', ')}`)
      else request[key] = read(value, fail)
    }
    return request
  }

const within = (text: string, fail: Fail): number => number(text, 'within', 1, 2147483647, fail)

const open: Verb = (args, fail) => {
  for (const arg of args) oneOf(arg, 'an argument of open', ['half-open', 'unread'], fail)
  return { do: 'open', halfOpen: args.includes('half-open'), unread: args.includes('unread') }
}

const read: Verb = ([until, ...rest], fail) => {
  if (rest.length > 0) fail(`read takes one argument at most, not "${rest.join(' ')}" too`)
  if (until === undefined) return { do: 'read' }
  if (until === 'eof' || until === 'reset') return { do: 'read', until }
  return { do: 'read', until: number(until, 'the bytes to read', 1, mostBytes, fail) }
}

/** What the peer can do. */
export const peerVerbs: Record<string, Verb> = {
  write,
  finish: plain('finish'),
  close: plain('close'),
  reset: plain('reset'),
  pause: plain('pause'),
  resume: plain('resume'),
}

/** What we can call. */
export const ourVerbs: Record<string, Verb> = {
  open,
  write,
  read,
  close: options('close', {
    within,
    confirm: (text, fail) => oneOf(text, 'confirm', ['none', 'kernel', 'acked', 'peer'], fail),
  }),
  abort: plain('abort'),
  fail: plain('fail'),
  finish: plain('finish'),
  stop: ([how], fail) => ({ do: 'stop', how: oneOf(how, 'stop', ['discard', 'hold', 'refuse'], fail) }),
  finalise: options('finalise', {
    within,
    limit: (text, fail) => number(text, 'limit', 0, Number.MAX_SAFE_INTEGER, fail),
  }),
  dispose: plain('dispose'),
  linger: ([seconds], fail) => ({
    do: 'linger',
    seconds: seconds === 'off' ? null : number(seconds, 'linger', 0, 65535, fail),
  }),
  run: ([how], fail) => ({ do: 'run', how: oneOf(how, 'run', ['return', 'throw'], fail) }),
  finished: plain('finished'),
  gone: plain('gone'),
  end: plain('end'),
  destroy: plain('destroy'),
  'destroy-error': plain('destroy-error'),
  'reset-and-destroy': plain('reset-and-destroy'),
  throw: plain('throw'),
  reject: plain('reject'),
  exit: ([code], fail) => ({ do: 'exit', code: number(code ?? '0', 'the exit code', 0, 255, fail) }),
  'abort-process': plain('abort-process'),
  signal: ([name], fail) => ({
    do: 'signal',
    name: oneOf(name, 'signal', ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'], fail),
  }),
}

/** The calls after which the testee is no more. */
export const deadlyCalls: readonly string[] = ['throw', 'reject', 'exit', 'abort-process', 'signal']

/** The calls that wait for something, so that they cannot share a line with others. */
export const loneCalls: readonly string[] = ['open', 'read', 'gone', 'finished']
