// The ways in which one connection is served and ended, as the benchmarks and their programs name them.

/** Over node:net, or by the runtime's own sockets. */
export type Kind = 'net' | 'native'
export type Ending = 'close' | 'abort'

export interface Way {
  kind: Kind
  ending: Ending
  guarded: boolean
}
