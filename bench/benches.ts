// The benchmarks by their names, in the order in which they are run and told.
import { benchConnections } from './connections.js'
import { benchCore } from './core.js'
import { benchGrowth } from './growth.js'
import { benchIdle } from './idle.js'
import { benchPeers } from './peers.js'
import type { Bench } from './section.js'
import { benchServers } from './servers.js'

export const benches: Readonly<Record<string, Bench>> = {
  core: { title: 'The engine', takes: '1 min', run: benchCore },
  connections: { title: 'A connection, and its system calls', takes: '2 min', run: benchConnections },
  servers: { title: 'Servers of HTTP', takes: '2 min', run: benchServers },
  idle: { title: 'Idle connections', takes: '1 min', run: benchIdle },
  peers: { title: 'Next to what people use', takes: '2 min', run: benchPeers },
  growth: { title: 'How costs grow', takes: '1 min', run: benchGrowth },
}
