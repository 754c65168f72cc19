// The test's side of the server of http-peer-program.ts: what it sees of its clients, one sight after the other.
import { soon } from './deadline.js'
import type { HttpSight } from './http-peer-program.js'
import { type Running, startProgram } from './programs.js'
import { certificate } from './secure-pair.js'

/** What the server speaks. */
export type Kind = 'http' | 'https'

/** A server in another process. */
export interface Serving {
  port: number
  program: Running
  /** What it sees next. */
  next(): Promise<Exclude<HttpSight, { port: number }>>
}

/** Starts it, and hears what it sees in order. */
export const serving = async (kind: Kind): Promise<Serving> => {
  const program = await startProgram('http-peer-program', kind === 'https' ? [JSON.stringify(certificate)] : [])
  const seen: HttpSight[] = []
  let look = (): void => {}
  program.hear((message) => {
    seen.push(message as HttpSight)
    look()
  })
  const next = (): Promise<HttpSight> =>
    soon(
      'the server sees something',
      new Promise((resolve) => {
        look = () => {
          const sight = seen.shift()
          if (sight === undefined) return
          look = () => {}
          resolve(sight)
        }
        look()
      }),
    )
  const { port } = (await next()) as { port: number }
  return { port, program, next: next as Serving['next'] }
}
