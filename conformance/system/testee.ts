// The system testee: makes exactly the system calls that a row script tells it, as either side of a connection.
//
// 1. Every request has exactly one reply, when the call has returned: what it came to, and how long it took.
// 2. It ends by the system call, so that nothing of the runtime runs between the death and the kernel.
// 3. It serves one script after the other, as long as all that a script leaves behind is descriptors: `renew` closes
//    them, and says that it is as new only if exactly those are open that were open when it began.
import { readdirSync, readlinkSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { release } from 'node:os'
import { type Abilities, findAbilities } from './abilities.js'
import { captureHandlers } from './capture.js'
import { extraHandlers, processHandlers, replaceProgram } from './extras.js'
import { networkHandlers } from './network.js'
import { type Handler, Sockets } from './sockets.js'
import { threadHandlers } from './threads.js'

type Message = Record<string, unknown>

const say = (message: Message): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The reply to these is the death of the process. */
const deaths = (sockets: Sockets): Record<string, (request: Message) => void> => ({
  exit: ({ code }) => sockets.calls.exit(Number(code)),
  'abort-process': () => process.abort(),
  signal: ({ name }) => void process.kill(process.pid, String(name)),
  exec: () => replaceProgram(sockets.calls),
})

/** The sockets with all verbs, and the verbs that leave nothing behind but descriptors. */
const allSockets = (): { sockets: Sockets; passing: ReadonlySet<string> } => {
  const sockets = new Sockets()
  Object.assign(sockets.handlers, extraHandlers(sockets))
  const passing = new Set(Object.keys(sockets.handlers))
  for (const more of [captureHandlers, networkHandlers, processHandlers, threadHandlers]) {
    Object.assign(sockets.handlers, more(sockets))
  }
  return { sockets, passing }
}

/** What is open in this process, and as which number. */
const openDescriptors = (): string =>
  readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`]
      } catch {
        // It is the one that the list was read from.
        return []
      }
    })
    .join('\n')

const abilitiesOf = (sockets: Sockets | undefined): { abilities?: Abilities } =>
  sockets ? { abilities: findAbilities(sockets.calls) } : {}

const hello = (sockets: Sockets | undefined, why: string): Message => ({
  ok: true,
  platform: sockets?.calls.numbers.platform.id ?? process.platform,
  release: release(),
  arch: process.arch,
  can: sockets !== undefined,
  why,
  ...abilitiesOf(sockets),
})

/** Serves until its input ends. */
export const serveSystem = (): void => {
  let sockets: Sockets | undefined
  let passing: ReadonlySet<string> = new Set()
  let why = ''
  try {
    ;({ sockets, passing } = allSockets())
  } catch (error) {
    why = messageOf(error)
  }
  let atFirst = ''
  let lasting = ''
  const renew = (): Message => {
    sockets?.closeAll()
    if (lasting !== '') return { ok: false, error: `${lasting} leaves more behind than descriptors` }
    return openDescriptors() === atFirst
      ? { ok: true }
      : { ok: false, error: 'other descriptors are open than at first' }
  }
  const dying = sockets ? deaths(sockets) : {}
  const answer = async (request: Message): Promise<void> => {
    const verb = String(request.do)
    if (verb === 'hello') return say(hello(sockets, why))
    if (verb === 'ready') return say({ ok: true })
    if (verb === 'renew') return say(renew())
    const die = Object.hasOwn(dying, verb) ? dying[verb] : undefined
    if (die) return die(request)
    const handlers: Readonly<Record<string, Handler>> = sockets?.handlers ?? {}
    const handler = Object.hasOwn(handlers, verb) ? handlers[verb] : undefined
    if (!handler) return say({ ok: false, error: why || `there is no call "${verb}"` })
    if (!passing.has(verb)) lasting = verb
    const start = performance.now()
    const result = await handler({ ...request, do: verb })
    say({ ok: true, ...result, ms: Math.round((performance.now() - start) * 10) / 10 })
  }
  const input = createInterface({ input: process.stdin })
  // The runtime opens what it needs for a pipe when the pipe is used first: of the output that is now.
  if (sockets && process.stdout.writable) atFirst = openDescriptors()
  input.on('line', (line) => {
    answer(JSON.parse(line) as Message).catch((error: unknown) => say({ ok: false, error: messageOf(error) }))
  })
  input.on('close', () => (sockets ? sockets.calls.exit(0) : process.exit(0)))
}
