// Loads the adapter of the runtime that this is.
import type { Guard, Policy } from '../adapters/core/types.js'
import type net from 'node:net'

/** What every adapter has for the sockets of node:net. */
export interface Adapter {
  guard(socket: net.Socket, policy?: Policy): Guard
  run<T>(socket: net.Socket, fn: (guard: Guard) => T | Promise<T>, policy?: Policy): Promise<T>
}

const { deno, bun, node } = process.versions

/** The runtime of this process, and its version. */
export const runtime: { name: 'node' | 'deno' | 'bun'; version: string } =
  deno !== undefined
    ? { name: 'deno', version: deno }
    : bun !== undefined
      ? { name: 'bun', version: bun }
      : { name: 'node', version: node }

/** The adapter. Each is loaded only where it is at home. */
export const loadAdapter = (): Promise<Adapter> => {
  if (runtime.name === 'deno') return import('../adapters/deno/index.js')
  if (runtime.name === 'bun') return import('../adapters/bun/index.js')
  return import('../adapters/node/index.js')
}
