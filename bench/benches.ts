// The benchmarks by their names, in the order in which they are run and told, with what is known of what they miss.
import { benchConnections } from './connections.js'
import { benchCore } from './core.js'
import { benchGrowth } from './growth.js'
import { benchIdle } from './idle.js'
import { benchPeers } from './peers.js'
import type { Bench } from './section.js'
import { benchServers } from './servers.js'

const missedBy = {
  core: `A call into Wasm that does nothing takes a third to a half of what a decision takes, which leaves little to
gain. Compiled for speed it would be 25 % larger than it may be, and 11 ns everywhere. A guard asks the engine a few
times in the life of a connection, and never for a write.`,
  connections: `Node: a guard arms and disarms the socket (two \`setsockopt\`) and asks the kernel twice at the end
(\`getsockopt\`, \`ioctl\`). In a profile (\`--cpu-prof\`) of what it adds, these calls, the guard's own
\`shutdown\`, its events and the collection of its garbage are the largest parts. On loopback a bare
connection costs some 30 µs of the processor, so that each microsecond is 3 %. Deno and Bun close a socket at
moments of their own, so that its descriptor is duplicated, and closed by us; Deno does not tell the descriptor of its
own connections, which is found by the addresses (\`getpeername\`, \`getsockname\`). The others of their calls hear the
peer's end where a bare program does not wait for it.`,
  servers: `The load takes turns with the server on two cores, which the ranges show; processor time for each request is
the steadier figure. An answer that is whole when its handler returns needs no guard. What is left then are system
calls: two \`setsockopt\`, and one that tells what the client has left unread; and where the runtime does not tell
the descriptor of a connection (Bun's and Deno's servers) those by which it is found. A call between everything else
costs one to two µs, ten times what it costs in a loop: on Node 26 two of them alone are 7 to 20 % of a connection.`,
  idle: `Node: the guard of the core alone is about a quarter of it; the rest is what an adapter keeps for a socket.
Deno and Bun also keep a duplicate of the descriptor.`,
} as const

export const benches: Readonly<Record<string, Bench>> = {
  core: { title: 'The engine', takes: '1 min', run: benchCore, missed: missedBy.core },
  connections: {
    title: 'A connection, and its system calls',
    takes: '2 min',
    run: benchConnections,
    missed: missedBy.connections,
  },
  servers: { title: 'Servers of HTTP', takes: '4 min', run: benchServers, missed: missedBy.servers },
  idle: { title: 'Idle connections', takes: '1 min', run: benchIdle, missed: missedBy.idle },
  peers: { title: 'Next to what people use', takes: '2 min', run: benchPeers },
  growth: { title: 'How costs grow', takes: '1 min', run: benchGrowth },
}
