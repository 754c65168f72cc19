// Reads what finrst/auto is told by environment variables: a policy, and which connections it is for.
import { parsePolicy, policyFields, policyNumbers } from '../core/policy.js'
import type { PolicyOptions } from '../core/types.js'

/** What the variables say. */
export interface Told {
  policy: PolicyOptions
  servers: boolean
  clients: boolean
}

type Variables = Readonly<Record<string, string | undefined>>

/** The variable of a field: `onPeerFin` is FINRST_ON_PEER_FIN. */
const variableOf = (field: string): string => `FINRST_${field.replace(/[A-Z]/g, '_$&').toUpperCase()}`

function answerOf(field: string, text: string): PolicyOptions {
  const digits = field in policyNumbers && /^\d{1,16}$/.test(text)
  const answer = { [field]: digits ? Number(text) : text } as PolicyOptions
  try {
    parsePolicy(answer, false)
  } catch (error) {
    // The same words as of a call, about what was really given.
    const words = (error as Error).message.replace(`policy.${field} `, `${variableOf(field)} `)
    throw new TypeError(words, { cause: error })
  }
  return answer
}

function switchOf(name: string, text: string | undefined): boolean {
  if (text === undefined || text === '' || text === '1') return true
  if (text === '0') return false
  throw new TypeError(`finrst: ${name} is ${JSON.stringify(text)}; expected "0" or "1"`)
}

/**
 * A variable that is empty says nothing, and one of another name is none of ours.
 * @throws TypeError that names the variable, its value and what is allowed
 */
export function readEnvironment(variables: Variables): Told {
  const policy: PolicyOptions = {}
  for (const field of policyFields) {
    const text = variables[variableOf(field)]
    if (text !== undefined && text !== '') Object.assign(policy, answerOf(field, text))
  }
  const [servers, clients] = ['FINRST_SERVERS', 'FINRST_CLIENTS'].map((name) => switchOf(name, variables[name]))
  return { policy, servers: servers === true, clients: clients === true }
}
