// Starts programs with finrst/auto and without it, in whatever runtime the tests run under.
import { soon } from './deadline.js'
import type { Peer } from './peer.js'
import { type Running, startProgram } from './programs.js'
import { runtime } from './runtime.js'

/** How a program is started. */
export type Way = 'bare' | 'auto'
export const ways: readonly Way[] = ['bare', 'auto']

/** What a user writes; but Deno does not find a package by its name in the package itself. */
const flags: Record<typeof runtime, string[]> = {
  node: ['--import', 'finrst/auto'],
  deno: ['--preload', './dist/auto-deno.js'],
  bun: ['--preload', 'finrst/auto'],
}

/** Starts a program of this folder. */
export const startWay = (way: Way, name: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Running> =>
  startProgram(name, args, env, way === 'auto' ? flags[runtime] : [])

/** The next that a program says; what it wrote to its error output if it dies first. */
export const hears = async <T>(program: Running): Promise<T> => {
  const died = program.died.then(({ code, signal }) => {
    throw new Error(`it ended with ${signal ?? code}: ${program.errors()}`)
  })
  return soon('the program says something', Promise.race([program.next(), died])) as Promise<T>
}

/** A server that has been started, and where it listens. */
export interface Started {
  program: Running
  port: number
}

export const startServer = async (
  way: Way,
  name: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Started> => {
  const program = await startWay(way, name, args, env)
  return { program, ...(await hears<{ port: number }>(program)) }
}

/** How the connection of a client ends that has asked something. */
export const endsWith = async (peer: Peer, { port }: Pick<Started, 'port'>, request: string): Promise<string> => {
  const link = await peer.connect(port)
  await link.tell('write', request)
  return link.ended()
}
