// Asks a testee who it is, and refuses one that speaks another protocol or whose answer makes no sense.
import { LineProcess, type Reply, SilenceError } from './line-process.js'
import { EnvironmentError } from './result.js'
import type { SystemHello } from './system/run.js'
import { systemTestee } from './system/run.js'
import type { Hello } from '../adapters/spec/results.js'

/** The version of the line protocol, spec/testee.md. */
export const protocolVersion = 1
const helloMs = 10_000
const longestText = 200

/** Starts a program, asks it for its hello, and ends it. */
const askHello = async (name: string, command: readonly string[]): Promise<Reply> => {
  const said: string[] = []
  const child = await LineProcess.start(name, command, {
    notice: () => undefined,
    trace: (from, text) => {
      if (from !== 'stderr') return
      said.push(text)
      if (said.length > 10) said.shift()
    },
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilenceError(`the ${name} gave no answer to hello in 10 s`)), helloMs)
  })
  try {
    const reply = await Promise.race([child.request({ do: 'hello', protocol: protocolVersion }), late])
    if (!reply.ok) throw new EnvironmentError(`the ${name} answered hello with ${JSON.stringify(reply).slice(0, 500)}`)
    return reply
  } catch (error) {
    if (!(error instanceof SilenceError)) throw error
    const tail = said.length > 0 ? `\n${said.join('\n')}` : ''
    throw new EnvironmentError(`${error.message}${tail}`)
  } finally {
    clearTimeout(timer)
    await child.stop()
  }
}

type Capabilities = Hello['capabilities']

const readCapabilities = (told: unknown, refuse: (why: string) => never): Capabilities => {
  if (told === undefined) return {}
  if (told === null || typeof told !== 'object' || Array.isArray(told)) {
    return refuse(`its capabilities must be an object, not ${JSON.stringify(told)}`)
  }
  for (const [name, capability] of Object.entries(told)) {
    const { can, why = '' } = (capability ?? {}) as Record<string, unknown>
    // Of this package's own testees some tell more, in words.
    if (typeof capability === 'string') continue
    if (typeof can !== 'boolean' || typeof why !== 'string') {
      refuse(`its capability ${name} must be {"can":true or false,"why":"…"}, not ${JSON.stringify(capability)}`)
    }
  }
  return told as Capabilities
}

/** Asks the testee who it is. Rejects with an {@link EnvironmentError}. */
export const greet = async (testee: readonly string[]): Promise<Hello> => {
  const reply = await askHello('testee', testee)
  const refuse = (why: string): never => {
    throw new EnvironmentError(`the testee cannot be used: ${why.slice(0, 500)}`)
  }
  if (reply.protocol !== protocolVersion) {
    const spoken = JSON.stringify(reply.protocol) ?? 'none'
    refuse(`its protocol must be ${protocolVersion}, the version of spec/testee.md, not ${spoken}`)
  }
  const text = (field: string): string =>
    typeof reply[field] === 'string' ? reply[field].slice(0, longestText) : 'unknown'
  return {
    testee: text('testee'),
    version: text('version'),
    platform: text('platform'),
    runtime: text('runtime'),
    capabilities: readCapabilities(reply.capabilities, refuse),
  }
}

/** Asks a system testee what this machine is. */
export const greetSystem = async (): Promise<SystemHello> => {
  const { ok: _, ...hello } = await askHello('system testee', systemTestee)
  return hello as unknown as SystemHello
}
