// Clients of HTTP that are in the middle of an answer, and what each of them saw of its end.
import net from 'node:net'

/** What became of one answer. FIN: the stream ended as if that were all. */
export type Outcome = 'whole' | 'fin' | 'reset'

export interface Seen {
  outcome: Outcome
  /** `performance.now()` at the last byte that arrived. */
  heardAt: number
  /** `performance.now()` at the end of the connection. */
  at: number
}

export interface BusyClients {
  /** Every client has begun to hear its answer. */
  begun: Promise<unknown>
  seen: Promise<Seen[]>
}

const lastChunk = '\r\n0\r\n\r\n'

/** Connects that many clients, and asks for a path each. */
export function startClients(port: number, paths: readonly string[]): BusyClients {
  const clients = paths.map((path) => startClient(port, path))
  return {
    begun: Promise.all(clients.map(({ begun }) => begun)),
    seen: Promise.all(clients.map(({ seen }) => seen)),
  }
}

function startClient(port: number, path: string): { begun: Promise<unknown>; seen: Promise<Seen> } {
  const socket = net.connect(port, '127.0.0.1')
  const begun = new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
  let tail = ''
  let reset = false
  let heardAt = 0
  socket.on('data', (chunk) => {
    heardAt = performance.now()
    tail = (tail + chunk.subarray(-lastChunk.length).toString('latin1')).slice(-lastChunk.length)
  })
  socket.on('error', () => {
    reset = true
  })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  const seen = new Promise<Seen>((resolve) => {
    socket.once('close', () => {
      const outcome = tail === lastChunk ? 'whole' : reset ? 'reset' : 'fin'
      resolve({ outcome, heardAt, at: performance.now() })
    })
  })
  return { begun, seen }
}
