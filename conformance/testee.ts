// The bundled testee: one connection on this runtime, driven by the line protocol of spec/testee.md.
//
// 1. Every request has exactly one reply, given when the call has returned; what comes later is an event.
// 2. It reads eagerly, unless it was opened with `unread`.
// 3. Without a guard the same runtime calls are made on the bare socket.
import net from 'node:net'
import { createInterface } from 'node:readline'
import type { Guard, PolicyOptions, StopReceiving, Verdict } from '../adapters/core/types.js'
import { type Adapter, loadAdapter, runtime } from './adapter.js'
import { ownVersion } from './files.js'
import { matchesPattern, patternBytes } from './pattern.js'

type Message = Record<string, unknown>
type Handler = (request: Message) => Message | Promise<Message>

const say = (message: Message): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What an implementation that lacks something answers; the runner skips the script and says why. */
class Unsupported extends Error {}

const needAdapter = async (): Promise<Adapter> => {
  try {
    return await loadAdapter()
  } catch (error) {
    throw new Unsupported(`the guard cannot be loaded: ${messageOf(error)}`)
  }
}

/** The verdict as JSON: an error becomes its message. */
const plainVerdict = (verdict: Verdict): Message => ({
  ...verdict,
  ...(verdict.error ? { error: verdict.error.message } : {}),
})

class Testee {
  #adapter: Adapter | undefined
  #socket: net.Socket | undefined
  #guard: Guard | undefined
  #policy: PolicyOptions | undefined
  #rest: Promise<{ bytes: number; intact: boolean }> | undefined
  #received = 0
  #written = 0
  #reading = false

  readonly handlers: Readonly<Record<string, Handler>> = {
    hello: () => this.#hello(),
    open: (request) => this.#open(request),
    together: (request) => this.#together(request),
    verdict: async () => ({ verdict: plainVerdict(await this.#needGuard().verdict) }),
    state: () => this.#state(),
    rest: async () => ({ ...(await this.#rest) }),
    read: () => this.#read(this.#needSocket()),
    write: (request) => this.#write(Number(request.bytes)),
    ...this.#guardCalls(),
    ...this.#runtimeCalls(),
    ...this.#deaths(),
  }

  #needSocket(): net.Socket {
    if (!this.#socket) throw new Error('there is no connection yet')
    return this.#socket
  }

  #needGuard(): Guard {
    if (!this.#guard) throw new Unsupported('the connection is not guarded')
    return this.#guard
  }

  async #hello(): Promise<Message> {
    const identity = {
      protocol: 1,
      testee: `finrst-${runtime.name}`,
      version: ownVersion(),
      platform: process.platform === 'win32' ? 'windows' : process.platform,
      runtime: `${runtime.name} v${runtime.version}`,
    }
    try {
      const capabilities = await probe((await needAdapter()).guard)
      const platform = capabilities.platform
      return { ...identity, platform, capabilities }
    } catch (error) {
      return { ...identity, capabilities: {}, note: messageOf(error) }
    }
  }

  async #open(request: Message): Promise<Message> {
    const mode = request.guard
    if (mode !== 'none') {
      this.#adapter = await needAdapter()
      this.#policy = { ...(request.policy as PolicyOptions | undefined), preset: mode as 'compatible' }
    }
    const unread = request.unread === true
    const server = net.createServer({ allowHalfOpen: request.halfOpen === true, pauseOnConnect: unread })
    server.once('connection', (socket) => {
      server.close()
      this.#accept(socket, unread)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port }
  }

  #accept(socket: net.Socket, unread: boolean): void {
    this.#socket = socket
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') say({ event: 'reset' })
      else say({ event: 'error', error: error.message })
    })
    socket.on('close', () => say({ event: 'closed' }))
    if (this.#adapter) this.#guard = this.#adapter.guard(socket, this.#policy)
    if (!unread) this.#read(socket)
    say({ event: 'open' })
  }

  #read(socket: net.Socket): Message {
    if (this.#reading) return {}
    this.#reading = true
    socket.on('data', (bytes: Buffer) => {
      const ok = matchesPattern(bytes, this.#received)
      this.#received += bytes.length
      say({ event: 'read', bytes: bytes.length, ok })
    })
    socket.on('end', () => say({ event: 'eof' }))
    socket.resume()
    return {}
  }

  #write(bytes: number): Message {
    this.#needSocket().write(patternBytes(this.#written, bytes), () => undefined)
    this.#written += bytes
    return {}
  }

  #state(): Message {
    const guard = this.#needGuard()
    return { armed: guard.armed, linger: guard.linger(), unsent: guard.unsent() }
  }

  /** Makes several calls without returning to the event loop between them. */
  #together(request: Message): Message {
    for (const call of request.calls as Message[]) {
      const handler = this.handlers[String(call.do)]
      if (!handler) throw new Unsupported(`there is no call "${String(call.do)}"`)
      handler(call)
    }
    return {}
  }

  /** Lets a call go on while the reply is given; a refusal is told as an event. */
  #started(call: string, promise: Promise<unknown>): Message {
    promise.catch((error: unknown) => say({ event: 'rejected', call, error: messageOf(error) }))
    return {}
  }

  #guardCalls(): Record<string, Handler> {
    const guard = (): Guard => this.#needGuard()
    return {
      close: ({ do: _, ...options }) => this.#started('close', guard().close(options)),
      abort: () => this.#started('abort', guard().abort()),
      fail: () => this.#started('fail', guard().fail(new Error('the script failed'))),
      finish: () => {
        const done = guard().finishSending()
        done.then(
          () => say({ event: 'finished' }),
          () => undefined,
        )
        return this.#started('finish', done)
      },
      stop: ({ how }) => {
        guard().stopReceiving(how as StopReceiving)
        return {}
      },
      finalise: ({ do: _, ...options }) => this.#finalise(options),
      dispose: () => {
        guard()[Symbol.dispose]()
        return {}
      },
      linger: ({ seconds }) => {
        guard().setLinger(seconds as number | null)
        return {}
      },
      run: ({ how }) => this.#run(how === 'throw'),
    }
  }

  #finalise(options: Message): Message {
    const start = this.#received
    const done = this.#needGuard().finalise(options)
    this.#rest = done.then(({ rest }) => ({ bytes: rest.length, intact: matchesPattern(rest, start) }))
    return this.#started('finalise', this.#rest)
  }

  #run(throws: boolean): Message {
    const adapter = this.#adapter
    if (!adapter) throw new Unsupported('the connection is not guarded')
    const done = adapter.run(
      this.#needSocket(),
      () => {
        if (throws) throw new Error('the script threw inside run')
      },
      this.#policy,
    )
    done.catch((error: unknown) => {
      if (!throws) say({ event: 'rejected', call: 'run', error: messageOf(error) })
    })
    return {}
  }

  #runtimeCalls(): Record<string, Handler> {
    const on =
      (act: (socket: net.Socket) => unknown): Handler =>
      () => {
        act(this.#needSocket())
        return {}
      }
    return {
      end: on((socket) => socket.end(() => say({ event: 'finished' }))),
      destroy: on((socket) => socket.destroy()),
      'destroy-error': on((socket) => socket.destroy(new Error('the script destroyed the socket'))),
      'reset-and-destroy': on((socket) => socket.resetAndDestroy()),
    }
  }

  /** The reply to these is the death of the process. */
  #deaths(): Record<string, Handler> {
    return {
      throw: () => {
        setImmediate(() => {
          throw new Error('the script threw')
        })
        return { dying: true }
      },
      reject: () => {
        setImmediate(() => void Promise.reject(new Error('the script rejected')))
        return { dying: true }
      },
      exit: ({ code }) => process.exit(Number(code)),
      'abort-process': () => process.abort(),
      signal: ({ name }) => {
        process.kill(process.pid, String(name))
        return { dying: true }
      },
    }
  }
}

/** Asks a guard of a connection to ourselves what can really be done here. */
const probe = async (guard: Adapter['guard']): Promise<Guard['capabilities']> => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  const socket = await new Promise<net.Socket>((resolve) => server.once('connection', resolve))
  socket.on('error', () => undefined)
  const probed = guard(socket, 'manual')
  const { capabilities } = probed
  await probed.abort()
  client.destroy()
  server.close()
  return capabilities
}

/** Serves until its input ends. */
export const serveTestee = (): void => {
  const { handlers } = new Testee()
  const answer = async (line: string): Promise<void> => {
    try {
      const request = JSON.parse(line) as Message
      const handler = Object.hasOwn(handlers, String(request.do)) ? handlers[String(request.do)] : undefined
      if (!handler) throw new Unsupported(`there is no call "${String(request.do)}"`)
      const reply = handler(request)
      const result = reply instanceof Promise ? await reply : reply
      if (!result.dying) say({ ok: true, ...result })
    } catch (error) {
      if (error instanceof Unsupported) say({ ok: false, unsupported: true, why: error.message })
      else say({ ok: false, error: messageOf(error) })
    }
  }
  const input = createInterface({ input: process.stdin })
  input.on('line', (line) => void answer(line))
  input.on('close', () => process.exit(0))
}
