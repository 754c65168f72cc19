// The other ends of connections that a server holds open, and short visits beside them.
import { execFileSync } from 'node:child_process'
import net from 'node:net'

/** Connections that stay open until they are let go. */
export class Held {
  readonly #sockets: net.Socket[] = []

  get count(): number {
    return this.#sockets.length
  }

  /** Opens more until there are that many, at most 64 at once. */
  async growTo(count: number, port: number): Promise<void> {
    let missing = count - this.count
    const worker = async (): Promise<void> => {
      while (missing-- > 0) this.#sockets.push(await connected(port))
    }
    await Promise.all(Array.from({ length: 64 }, worker))
  }

  /** Lets go of all, and resolves when each has ended. */
  async release(): Promise<void> {
    const ends = this.#sockets.map((socket) => {
      const end = new Promise<void>((resolve) => {
        if (socket.closed) resolve()
        else socket.once('close', () => resolve())
      })
      socket.destroy()
      return end
    })
    this.#sockets.length = 0
    await Promise.all(ends)
  }
}

function connected(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.off('error', reject).on('error', () => {})
      resolve(socket)
    })
    socket.once('error', reject)
    socket.resume()
  })
}

/** One connection from connect to close; it sends a byte first if the server waits for one. */
export function visit(port: number, first?: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.resume()
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    if (first !== undefined) socket.write(first)
  })
}

/** Microseconds of a visit, over `count` of them, eight at a time. */
export async function visitMicroseconds(port: number, count: number, first?: string): Promise<number> {
  let left = count
  const started = performance.now()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left-- > 0) await visit(port, first)
    }),
  )
  return ((performance.now() - started) * 1000) / count
}

/** How many guarded connections one process can hold here, if each takes so many descriptors; 10 000 at most. */
export function mostHeld(descriptors: 1 | 2): number {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }))
  return Math.min(10_000, Number.isFinite(limit) ? Math.floor((limit - 300) / descriptors) : 10_000)
}
