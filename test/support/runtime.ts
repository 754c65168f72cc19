// Which runtime a test runs under, and where the Node is that plays the peer.

/** The runtime of this process. */
export const runtime: 'node' | 'deno' | 'bun' =
  process.versions.deno !== undefined ? 'deno' : process.versions.bun !== undefined ? 'bun' : 'node'

/** A Node: the running one, or the one that started the tests. */
export const nodePath: string = runtime === 'node' ? process.execPath : (process.env.FINRST_NODE ?? 'node')

/** What a child of this runtime is started with, before its program. */
export const runtimeArguments: string[] = runtime === 'deno' ? ['run', '--allow-all', '--no-lock'] : []
