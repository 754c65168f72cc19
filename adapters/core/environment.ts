// Reads what finrst/auto is told by environment variables: a policy, its bounds, and which connections it is for.
import { oneOf } from './check.js'
import { parsePolicy, policyFields, policyNumbers } from './policy.js'
import { parseServerOptions } from './server.js'
import type { ServerOptions } from './server-types.js'
import type { PolicyOptions } from './types.js'

/** What the variables say. */
export interface Told {
  policy: PolicyOptions
  options: ServerOptions
  servers: boolean
  clients: boolean
  /** System calls are not wanted, so that nobody need be told that there are none. */
  withoutCalls: boolean
}

const optionFields = ['drainConnections', 'drainTotalBytes'] as const
const numbers: readonly string[] = [...Object.keys(policyNumbers), ...optionFields]

/** The variable of a field: `onPeerFin` is FINRST_ON_PEER_FIN. */
const variableOf = (field: string): string => `FINRST_${field.replace(/[A-Z]/g, '_$&').toUpperCase()}`

/** A variable that is empty says nothing. */
type Read = (name: string) => string | undefined

// Checked in the same words as in a call, but about what was really given.
function answers<T extends object>(
  read: Read,
  fields: readonly string[],
  owner: string,
  check: (all: T) => unknown,
): T {
  const all: Record<string, unknown> = {}
  for (const field of fields) {
    const text = read(variableOf(field)) || undefined
    if (text === undefined) continue
    const answer = { [field]: numbers.includes(field) && /^\d{1,16}$/.test(text) ? Number(text) : text }
    try {
      check(answer as T)
    } catch (error) {
      const words = (error as Error).message.replace(`${owner}.${field} `, `${variableOf(field)} `)
      throw new TypeError(words, { cause: error })
    }
    Object.assign(all, answer)
  }
  return all as T
}

const isOn = (read: Read, name: string): boolean => oneOf(name, read(name) || '1', ['0', '1']) === '1'

/**
 * What the variables say; one of another name is none of ours.
 * @param read the value of a variable, undefined if it is not set or must not be read
 * @param backends the ways to the system calls that this runtime may have
 * @throws TypeError that names the variable, its value and what is allowed
 */
export function readEnvironment(read: Read, backends: readonly string[]): Told {
  if (read('FINRST_BACKEND')) oneOf('FINRST_BACKEND', read('FINRST_BACKEND'), [...backends, 'none'])
  return {
    policy: answers<PolicyOptions>(read, policyFields, 'policy', (one) => parsePolicy(one, false)),
    options: answers<ServerOptions>(read, optionFields, 'options', parseServerOptions),
    servers: isOn(read, 'FINRST_SERVERS'),
    clients: isOn(read, 'FINRST_CLIENTS'),
    withoutCalls: read('FINRST_BACKEND') === 'none',
  }
}

/**
 * Starts what the variables ask for. Where they are wrong it says so and `exit`s with 2: a program that was to be
 * guarded, and is not, would be worse than one that does not start.
 */
export function startAuto(
  read: Read,
  backends: readonly string[],
  start: (told: Told) => void,
  exit: () => void,
): void {
  let told: Told
  try {
    told = readEnvironment(read, backends)
  } catch (error) {
    console.error((error as Error).message)
    return exit()
  }
  start(told)
}
