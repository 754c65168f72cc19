// The guarded side of each ending: reads the request of a connection, answers, and ends as it was asked to.
import type net from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { type Guard, guard, type PolicyOptions } from '#adapter/index'
import { answer, type Ending, type Request, restBytes, writtenOf } from './endings.js'

/** One connection, and what was asked of it. */
interface Connection {
  socket: net.Socket
  request: Request
}

interface Guarded extends Connection {
  held: Guard
  /** Tells of what should not be. */
  complain(why: string): void
}

const chunkBytes = 65_536

function* chunksOf(bytes: number): Generator<Buffer> {
  const all = answer(bytes)
  for (let at = 0; at < bytes; at += chunkBytes) yield all.subarray(at, at + chunkBytes)
}

/** Nothing is written ahead of its time: the answer is under way for as long as it takes. */
async function* pacedChunksOf(bytes: number): AsyncGenerator<Buffer> {
  for (const chunk of chunksOf(bytes)) {
    yield chunk
    await setTimeout(1)
  }
}

/** More than the kernel takes at once, so that a part of it is still ours. */
const unsentBytes = 8_000_000

/** How long a peer that does not read is waited for. */
const lateMs = 50

const half = ({ ending, bytes }: Request): Buffer => answer(writtenOf(ending, bytes))

/** What does not name the guard. */
const plain = {
  whole: ({ socket, request }) => void socket.end(answer(request.bytes)),
  streamed: ({ socket, request }) => void Readable.from(chunksOf(request.bytes)).pipe(socket),
  paced: ({ socket, request }) => void Readable.from(pacedChunksOf(request.bytes)).pipe(socket),
  // The peer's FIN may have come with its request.
  'half-closed': ({ socket, request }) => {
    const finish = (): void => void socket.end(answer(request.bytes))
    if (socket.readableEnded) finish()
    else socket.once('end', finish)
  },
  idle: ({ socket, request }) => {
    socket.write(answer(request.bytes))
    socket.once('end', () => socket.end())
  },
  failed: ({ socket, request }) => {
    socket.write(half(request))
    socket.destroy(new Error('the handler failed'))
  },
  dropped: ({ socket }) => {
    const all = answer(unsentBytes)
    socket.write(all.subarray(0, all.length >> 1))
    // Else a peer that reads fast has all of it, and nothing is missing.
    socket.cork()
    socket.write(all.subarray(all.length >> 1))
    socket.destroy()
  },
  'peer-resets': ({ socket, request }) => void socket.write(half(request)),
} satisfies { [Key in Ending]?: (it: Connection) => void }

const handlers: Record<Ending, (it: Guarded) => void> = {
  ...plain,
  closed: ({ socket, held, request: { bytes, within } }) => {
    socket.write(answer(bytes))
    void held.close({ confirm: 'peer', ...(within === undefined ? {} : { within }) })
  },
  finalised: ({ socket, held, request, complain }) => {
    // A stream that flows with nobody listening throws away what comes.
    socket.pause()
    socket.write(answer(request.bytes))
    held.finalise().then(
      ({ rest }) => {
        if (!answer(restBytes).equals(rest)) complain(`finalise() handed back ${rest.length} bytes, not ${restBytes}`)
      },
      (error: Error) => complain(`finalise() rejected: ${error.message}`),
    )
  },
  aborted: ({ socket, held, request }) => {
    socket.write(half(request))
    void held.abort()
  },
  late: ({ socket, held, request: { within } }) => {
    socket.write(answer(unsentBytes))
    void held.close({ within: within ?? lateMs })
  },
}

/** What comes nearest to them where nobody guards. */
const bareHandlers: Record<Ending, (it: Connection) => void> = {
  ...plain,
  closed: plain.whole,
  finalised: plain.whole,
  aborted: ({ socket, request }) => {
    socket.write(half(request))
    // No runtime resets a connection with TLS.
    if ('encrypted' in socket) socket.destroy()
    else socket.resetAndDestroy()
  },
  late: ({ socket, request: { within } }) => {
    socket.write(answer(unsentBytes))
    void setTimeout(within ?? lateMs).then(() => socket.destroy())
  },
}

/** Who is told of each connection. */
export interface Watcher {
  /** Called once, with the request that has come and the verdict that has been given. */
  ended(request: Request, held: Guard): void
  complain(ending: string, why: string): void
}

const parse = (line: string): Request => {
  const request = JSON.parse(line) as Request
  if (handlers[request.ending] === undefined) throw new Error(`there is no ending "${request.ending}"`)
  return request
}

/** Calls back with the first line of a connection; what came with it is no part of it. */
const readRequest = (socket: net.Socket, then: (request: Request) => void): void => {
  let head = Buffer.alloc(0)
  const take = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\n')
    if (end < 0) return
    socket.off('data', take)
    if (end + 1 < head.length) socket.unshift(head.subarray(end + 1))
    then(parse(head.subarray(0, end).toString()))
  }
  socket.on('error', () => undefined).on('data', take)
}

/** Serves one connection: guards it at once, and ends it as its first line asks. */
export const serve = (socket: net.Socket, policy: PolicyOptions | undefined, watcher: Watcher): void => {
  const held = guard(socket, policy)
  readRequest(socket, (request) => {
    void held.verdict.then(() => watcher.ended(request, held))
    if (request.ending !== 'finalised') socket.resume()
    handlers[request.ending]({
      socket,
      held,
      request,
      complain: (why) => watcher.complain(request.ending, why),
    })
  })
}

/** Serves one connection that nobody guards. */
export const serveBare = (socket: net.Socket): void =>
  readRequest(socket, (request) => bareHandlers[request.ending]({ socket: socket.resume(), request }))
