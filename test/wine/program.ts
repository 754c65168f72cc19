// The program that runs inside of Wine, in Node or Bun: it guards connections with the built package, as it is told.
//
// 1. Orders come over a connection of its own, one JSON object a line: Node under Wine cannot write to a pipe of Linux.
// 2. `finrst` is the package as it is published. What it asks of Winsock here goes through bindings of its own, which
//    are those of the sources.
// 3. When whoever started it has gone it dies, by a signal.
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { Worker } from 'node:worker_threads'
import { type Guard, guard, guardServer, type Policy } from 'finrst'
import { platform } from '#adapter/platform'
import { netHost } from '#adapter/socket'
import { engine } from '../../adapters/core/wasm.js'
import { loadKoffi } from '../../adapters/node/koffi.js'
import type { BunFfi } from '../../adapters/bun/ffi.js'
import type { BunSocket } from '../../adapters/bun/runtime.js'
import type { Internals } from '../../adapters/net/stream.js'
import type { Certificate } from '../support/certificate.js'
import { hear } from '../support/channel.js'

/** What the program is told; which fields belong to what is seen below. */
export interface Order {
  id: number
  do: keyof typeof acts
  connection?: number
  port?: number
  policy?: Policy
  tls?: Certificate
  bytes?: number
  seconds?: number | null
  within?: number
  code?: number
  how?: string
  number?: number
  numbers?: number[]
}

interface Held {
  socket: net.Socket
  guard: Guard
  /** The SOCKET, by the word of libuv or Bun. */
  number: number
  /** The bytes of struct linger at the moment in which the runtime closed the SOCKET. */
  atClose?: number[]
}

const held: Held[] = []
const { libc } = platform()
/** SOL_SOCKET, SO_LINGER, and room for what it is. */
const linger = [0xffff, 0x80, 0, 0, 0, 0]

const numberOf = (socket: net.Socket): number | undefined =>
  libc === undefined || socket.destroyed ? undefined : Reflect.get(netHost.find(socket as Internals) ?? {}, 'fd')

// Sockets of our own, that no runtime knows.
const ownSockets = (): { open(): number; close(number: number): void } => {
  if (process.versions.bun === undefined) {
    const library = loadKoffi().load('ws2_32.dll')
    const socket = library.func('intptr_t __stdcall socket(int, int, int)')
    return { open: () => socket(2, 1, 6), close: library.func('int __stdcall closesocket(intptr_t)') }
  }
  const { dlopen } = createRequire(import.meta.url)('bun:ffi') as BunFfi
  const i32 = 'i32'
  const { symbols } = dlopen('ws2_32.dll', {
    socket: { args: [i32, i32, i32], returns: 'i64_fast' },
    closesocket: { args: ['i64'], returns: i32 },
  })
  return { open: () => Number(symbols.socket?.(2, 1, 6)), close: (number) => symbols.closesocket?.(number) }
}

type Closing = Record<'close' | 'reset', (...values: unknown[]) => unknown>

// What the runtime finds when it closes: nothing that comes later counts.
const watchClose = (it: Held): void => {
  const top = (it.socket as unknown as { _handle: Closing & { _parent?: Closing } })._handle
  const handle = top._parent ?? top
  for (const name of ['close', 'reset'] as const) {
    const original = handle[name]
    handle[name] = (...values) => {
      it.atClose ??= call({ how: 'getsockopt', number: it.number, numbers: linger }).bytes
      return Reflect.apply(original, handle, values)
    }
  }
}

const hold = (socket: net.Socket, policy: Policy | undefined): number => {
  socket.on('error', () => undefined)
  const it: Held = { socket, guard: guard(socket, policy), number: numberOf(socket) ?? -1 }
  if (libc !== undefined && process.versions.bun === undefined) watchClose(it)
  return held.push(it) - 1
}

const of = ({ connection = -1 }: Order): Held => {
  const it = held[connection]
  if (it === undefined) throw new Error(`there is no connection ${connection}`)
  return it
}

const listening = (server: net.Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port)))

// The next connection is held, and the port is told at once: who accepted it asks with `accepted`.
let accepted: Promise<number> = Promise.resolve(-1)
const listen = ({ policy, tls: certificate }: Order): Promise<number> => {
  const server = certificate ? tls.createServer(certificate) : net.createServer({ allowHalfOpen: true })
  accepted = new Promise((resolve) => {
    server.once(certificate ? 'secureConnection' : 'connection', (socket: net.Socket) => {
      server.close()
      resolve(hold(socket, policy))
    })
  })
  return listening(server)
}

const connect = ({ port = 0, policy }: Order): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.once('error', reject).once('connect', () => resolve(hold(socket, policy)))
  })

const serveHttp = async ({ policy }: Order): Promise<number> => {
  const server = http.createServer((request, response) => {
    if (request.url === '/whole') return void response.end('the whole answer')
    response.write('a part of it')
    throw new Error('the handler fails')
  })
  guardServer(server, policy)
  process.on('uncaughtException', () => undefined)
  return listening(server)
}

// A listener of Bun's own, whose one connection ends as told as soon as it is there.
const listenNative = async ({ how = '' }: Order): Promise<number> => {
  const { guard: hold, observe } = (await import('finrst')) as unknown as typeof import('../../adapters/bun/index.js')
  const { Bun } = globalThis as unknown as { Bun: { listen(options: object): { port: number; stop(): void } } }
  const open = (socket: BunSocket): void => {
    listener.stop()
    const it = hold(socket)
    if (!it.armed) throw new Error(it.capabilities.arm.why)
    if (how === 'end') socket.end('bytes')
    else if (how === 'close') socket.close()
    else if (how === 'terminate') socket.terminate()
    else void it.abort()
  }
  const socket = observe({ open, data: () => undefined, close: () => undefined })
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, allowHalfOpen: true, socket })
  return listener.port
}

// A call of Winsock on a number: what it answers, and what the engine takes it for.
const call = ({
  how = '',
  number = -1,
  numbers = [],
}: Pick<Order, 'how' | 'number' | 'numbers'>): { answer: number; error: number; bytes: number[] } => {
  if (libc === undefined) throw new Error(platform().backend.why)
  const [level = 0, option = 0, ...values] = numbers
  const bytes = new Uint8Array(values)
  const ways: Record<string, () => number> = {
    setsockopt: () => libc.setsockopt(number, level, option, bytes),
    getsockopt: () => libc.getsockopt(number, level, option, bytes),
    shutdown: () => libc.shutdown(number, level),
    unread: () => libc.ioctl(number, platform().unreadRequest),
    name: () => libc.name(number, level === 0 ? 'getsockname' : 'getpeername', bytes),
  }
  const answer = ways[how]?.()
  if (answer === undefined) throw new Error(`no call is named ${how}`)
  return { answer, error: answer < 0 ? engine().normalise(platform().row, -answer) : 0, bytes: [...bytes] }
}

// A socket that nobody connects.
const unconnected = (): number => {
  const { open, close } = ownSockets()
  const number = open()
  const { error } = call({ how: 'shutdown', number, numbers: [1] })
  close(number)
  return error
}

// The number is another's as soon as the runtime has closed, and before it tells that it has: what the guard says then.
const reuse = (order: Order): { same: boolean; linger: unknown } => {
  const { socket, number, guard: it } = of(order)
  const { open, close } = ownSockets()
  const others: number[] = []
  // Of TLS, the connection below it closes, and its own hooks see nothing.
  const below = (socket as Internals)._handle?._parentWrap
  if (order.how === 'below' && below !== undefined) below.destroy()
  else socket.destroy()
  while (others.at(-1) !== number && others.length < 200) others.push(open())
  let linger: unknown = 'refused'
  try {
    linger = it.linger()
  } catch {
    // So it is to be.
  }
  for (const other of others) close(other)
  return { same: others.at(-1) === number, linger }
}

const inWorker = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const source = `
      const net = require('node:net')
      const { parentPort } = require('node:worker_threads')
      import('finrst').then(({ guard }) => {
        const server = net.createServer((socket) => {
          parentPort.postMessage(guard(socket).capabilities)
          server.close()
          socket.destroy()
        })
        server.listen(0, '127.0.0.1', () => {
          net.connect(server.address().port, '127.0.0.1').on('error', () => undefined).resume()
        })
      })
    `
    new Worker(source, { eval: true }).once('message', resolve).once('error', reject)
  })

const winsockNumbers = (): Record<string, unknown> => {
  const { column } = engine()
  const { row, unreadRequest, errorOption } = platform()
  return {
    level: column(row, 1),
    option: column(row, 2),
    most: column(row, 3),
    size: column(row, 4),
    unreadRequest,
    errorOption,
  }
}

// Behind the exit hook of the package, which is there since the first guard.
const leave = (order: Order): void => {
  const { number } = of(order)
  process.on('exit', () => {
    const { answer } = call({ how: 'getsockopt', number, numbers: linger })
    writeSync(1, `at exit: ${answer === 0 ? 'open' : answer}\n`)
  })
  process.exit(order.code ?? 0)
}

const acts = {
  listen,
  connect,
  serveHttp,
  listenNative,
  call,
  inWorker,
  unconnected,
  reuse,
  winsockNumbers,
  leave,
  accepted: () => accepted,
  capabilities: (order: Order) => of(order).guard.capabilities,
  armed: (order: Order) => of(order).guard.armed,
  linger: (order: Order) => of(order).guard.linger(),
  setLinger: (order: Order) => of(order).guard.setLinger(order.seconds ?? null),
  socket: (order: Order) => {
    const { socket, number } = of(order)
    return { number, local: socket.localPort, remote: socket.remotePort }
  },
  atClose: (order: Order) => of(order).atClose ?? null,
  found: (order: Order) => numberOf(of(order).socket) ?? null,
  pause: (order: Order) => void of(order).socket.pause(),
  write: (order: Order) => of(order).socket.write(Buffer.alloc(order.bytes ?? 0, 'w')),
  end: (order: Order) => void of(order).socket.end(Buffer.alloc(order.bytes ?? 0, 'w')),
  close: (order: Order) => void of(order).guard.close(order.within === undefined ? {} : { within: order.within }),
  abort: (order: Order) => void of(order).guard.abort(),
  destroy: (order: Order) => void of(order).socket.destroy(order.how === undefined ? undefined : new Error(order.how)),
  resetAndDestroy: (order: Order) => void of(order).socket.resetAndDestroy(),
  verdict: (order: Order) => of(order).guard.verdict,
  throwUp: () =>
    void setImmediate(() => {
      throw new Error('nobody catches this')
    }),
  kill: () => process.kill(process.pid, 'SIGKILL'),
}

const control = net.connect(Number(process.argv[2]), '127.0.0.1')
control.on('error', () => undefined).on('close', () => process.kill(process.pid, 'SIGKILL'))
hear(control, async (message) => {
  const order = message as Order
  let answer: object
  try {
    answer = { value: await acts[order.do](order) }
  } catch (error) {
    answer = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
  control.write(`${JSON.stringify({ id: order.id, ...answer })}\n`)
})
