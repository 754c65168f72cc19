// Guards the servers of node:net, tls, http, https and http2: every connection, from the moment it is accepted.
//
// 1. The server's own emit() is where everything passes: a listener of ours would change what a server without
//    listeners does (an upgrade, 100-continue, a request that cannot be read).
// 2. A connection is guarded before any listener sees it; with TLS when its handshake is done.
// 3. The protocol may turn out later: HTTP/1 at its first request, HTTP/2 at its session.
import type { EventEmitter } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Http2Session, ServerHttp2Stream } from 'node:http2'
import https from 'node:https'
import { Server, type Socket } from 'node:net'
import tls from 'node:tls'
import { wrongType } from '../core/check.js'
import type { ConnectionGuard } from '../core/guard.js'
import { type ParsedPolicy, parsePolicy } from '../core/policy.js'
import { type Door, GuardedServer, parseServerOptions, PlainMember } from '../core/server.js'
import type { ServerGuard, ServerOptions } from '../core/server-types.js'
import { original } from '../core/originals.js'
import { shared } from '../core/shared.js'
import type { Policy, PolicyOptions } from '../core/types.js'
import type { Answer } from './body.js'
import { type Accept, briefOf } from './brief.js'
import { Briefs } from './briefs.js'
import { Exchanges } from './exchanges.js'
import { watchRejections } from './failures.js'
import { guardNetSocket } from './guards.js'
import { wireOf } from './hooks.js'
import type { NetHost } from './host.js'
import { type Place, places } from './places.js'
import type { Internals } from './stream.js'
import { failStream, Streams } from './streams.js'

/** An upload that is refused is read so far that its client comes to read the refusal. */
const uploadBytes = 64 * 1024 * 1024
const expected = 'a server of node:net, node:tls, node:http, node:https or node:http2'
const known = shared('servers', () => new WeakMap<Server, ServerGuard>())
const hooks = new WeakMap<Server, Hooks>()
const handled = new Set(['request', 'checkContinue', 'checkExpectation', 'upgrade', 'connect', 'stream'])

const gone = Symbol('finrst gone')

/** A connection with TLS below it, whose handshake may not be done. */
interface Greeting extends Socket {
  /** Tells that it has a guard now, or has ended; to tell it twice changes nothing. */
  [gone]?: () => void
}

/** What is used of servers of HTTP and left out of the type of a server. */
interface HttpServer extends Server {
  httpAllowHalfOpen?: boolean
  closeIdleConnections?(): void
  closeAllConnections?(): void
}

/**
 * Guards every connection that the server accepts from now on. A second call gives the first one's guard.
 * @throws TypeError, RangeError that names the argument, the value and what is allowed; the server is left as it was
 */
export function guardNetServer(
  server: Server,
  policy: Policy | undefined,
  options: ServerOptions | undefined,
  host: NetHost,
  allowed = expected,
): ServerGuard {
  if (!(server instanceof Server) && !isHttp(server)) throw wrongType('server', server, allowed)
  const before = known.get(server)
  if (before !== undefined) return before
  parsePolicy(policy, true)
  const door = new ServerDoor(server)
  const guarded = new GuardedServer(door, parseServerOptions(options))
  const itsHooks = new Hooks(server, guarded, policy, host)
  door.waiting = itsHooks.briefs
  hooks.set(server, itsHooks)
  known.set(server, guarded)
  return guarded
}

/** The same, in the middle of emitting a connection: this one is guarded too. A guarded server is left as it is. */
export function guardServerAt(
  server: Server,
  connection: Socket,
  policy: Policy | undefined,
  options: ServerOptions | undefined,
  host: NetHost,
): void {
  if (known.has(server)) return
  guardNetServer(server, policy, options, host)
  hooks.get(server)?.connected(connection)
}

const isHttp = (server: unknown): boolean => server instanceof http.Server || server instanceof https.Server

/** Whether a server hands out its connections after a handshake. */
const isSecure = (server: Server): boolean =>
  server instanceof tls.Server || typeof (server as { setSecureContext?: unknown }).setSecureContext === 'function'

/** Stops a server without letting it destroy its idle connections, which may have a request under way to us. */
class ServerDoor implements Door {
  waiting: Briefs | undefined

  constructor(readonly server: HttpServer) {}

  stop(): void {
    const { server } = this
    if (!server.listening) return
    if (server.closeIdleConnections === undefined) return void server.close()
    server.closeIdleConnections = () => {}
    server.close()
    Reflect.deleteProperty(server, 'closeIdleConnections')
  }

  abort(): void {
    this.server.closeAllConnections?.()
  }
}

/** What is known of a connection; one that had no guard yet has it now. */
function placeOf(socket: Socket | undefined): Place | undefined {
  briefOf(socket)?.takeUp()
  return places.of(socket)
}

class Hooks {
  /** Of HTTP without TLS. */
  readonly briefs: Briefs | undefined
  readonly #secure: boolean
  readonly #http: boolean
  /** Those that could not be guarded, which every request asks for again. */
  readonly #refused = new WeakSet<Socket>()
  readonly #server: HttpServer
  readonly #guards: GuardedServer
  readonly #policy: (allowHalfOpen: boolean) => ParsedPolicy
  readonly #host: NetHost
  readonly #emit: EventEmitter['emit']
  readonly #rejected = (event: string, error: unknown, values: readonly unknown[]): void =>
    this.#failed(event, error, values)

  constructor(server: HttpServer, guards: GuardedServer, policy: Policy | undefined, host: NetHost) {
    this.#server = server
    this.#guards = guards
    this.#http = isHttp(server)
    this.#secure = isSecure(server)
    const mine = this.#http ? this.#ofHttp(policy) : policy
    const [full, half] = [parsePolicy(mine, false), parsePolicy(mine, true)]
    this.#policy = (allowHalfOpen) => (allowHalfOpen ? half : full)
    this.#host = host
    const accept: Accept = (socket, answer, writtenBefore) => this.#takeUp(socket, answer, writtenBefore)
    if (this.#http && !this.#secure) this.briefs = new Briefs(host, half, guards, accept)
    // Under finrst/auto: nothing of it is needed any more.
    this.#emit = original(server.emit)
    server.emit = (event: string | symbol, ...values: unknown[]) =>
      event === 'request'
        ? this.#requested(values[0] as IncomingMessage, values[1] as ServerResponse)
        : this.#emitted(event, values)
  }

  // Whether the client's FIN ends an answer is for the server of HTTP to say: it alone knows where one ends.
  #ofHttp(policy: Policy | undefined): Policy {
    const given: PolicyOptions = typeof policy === 'object' ? policy : policy === undefined ? {} : { preset: policy }
    const keeps = given.onPeerFin === undefined ? given.preset === 'strict' : given.onPeerFin === 'keep'
    if (keeps) this.#server.httpAllowHalfOpen = true
    return { ...given, onPeerFin: 'keep', drainBytes: given.drainBytes ?? uploadBytes }
  }

  #emitted(event: string | symbol, values: unknown[]): boolean {
    if (typeof event !== 'string') return this.#pass(event, values)
    this.#before(event, values)
    return handled.has(event) ? this.#handle(event, values) : this.#pass(event, values)
  }

  #requested(request: IncomingMessage, answer: ServerResponse): boolean {
    const brief = briefOf(request.socket)
    if (!brief?.begin(answer)) this.#begin(request, answer)
    const had = this.#handle('request', [request, answer])
    brief?.handled()
    return had
  }

  #handle(event: string, values: unknown[]): boolean {
    watchRejections(this.#server, event, this.#rejected)
    try {
      return this.#pass(event, values)
    } catch (error) {
      this.#failed(event, error, values)
      throw error
    }
  }

  #pass(event: string | symbol, values: unknown[]): boolean {
    return this.#emit.call(this.#server, event, ...values)
  }

  #before(event: string, values: unknown[]): void {
    switch (event) {
      case 'connection':
        return this.connected(values[0] as Socket)
      case 'listening':
        return this.briefs?.listens()
      case 'secureConnection':
        this.#accept(values[0] as Socket)
        return
      case 'tlsClientError':
        return this.#greeted((values[1] as { _parent?: Socket } | undefined)?._parent)
      case 'checkContinue':
      case 'checkExpectation':
        return this.#begin(values[0] as IncomingMessage, values[1] as ServerResponse)
      case 'upgrade':
      case 'connect':
        // Without a listener the runtime goes on as if it were an ordinary request, or lets go.
        if (this.#server.listenerCount(event) > 0) placeOf(values[1] as Socket)?.exchanges?.handOver()
        return
      case 'clientError':
        return placeOf(values[1] as Socket)?.exchanges?.refused(values[0])
      case 'session':
        return this.#open(values[0] as Http2Session)
      case 'stream': {
        const stream = values[0] as ServerHttp2Stream
        return places.of(stream.session?.socket as Socket)?.streams?.begin(stream)
      }
      default:
    }
  }

  // ---- Connections --------------------------------------------------------------------------------------------------

  connected(socket: Socket): void {
    if (this.#secure) this.#greet(socket)
    else if (!this.#isBrief(socket)) this.#accept(socket)
  }

  #greet(socket: Socket): void {
    ;(socket as Greeting)[gone] = this.#guards.admitUnguarded(socket)
    socket.once('close', () => this.#greeted(socket))
  }

  #greeted(socket: Socket | undefined): void {
    ;(socket as Greeting | undefined)?.[gone]?.()
  }

  // One that nobody has guarded yet, and that may need no guard.
  #isBrief(socket: Socket): boolean {
    if (this.briefs === undefined || wireOf(socket) !== undefined || placeOf(socket) !== undefined) return false
    return this.briefs.take(socket)
  }

  // It needs its guard.
  #takeUp(socket: Socket, answer: Answer | undefined, writtenBefore: number): boolean {
    const place = this.#accept(socket, writtenBefore)
    if (answer !== undefined) place?.exchanges?.begin(answer, socket.bytesWritten - writtenBefore)
    return place !== undefined
  }

  #accept(socket: Socket, writtenBefore?: number): Place | undefined {
    // Bun tells a connection with TLS twice.
    const known = places.of(socket)
    if (known !== undefined) return known
    const guard = this.#guard(socket)
    if (this.#secure) this.#greeted((socket as { _parent?: Socket })._parent)
    if (guard === undefined) return undefined
    const place: Place = { guard, socket }
    places.set(socket, place)
    if (this.#http) place.exchanges = this.#exchanges(guard, socket, writtenBefore)
    this.#guards.admit(place.exchanges ?? new PlainMember(guard))
    return place
  }

  #exchanges(guard: ConnectionGuard, socket: Socket, writtenBefore?: number): Exchanges {
    return new Exchanges(guard, socket, this.#host.past?.is(socket as Internals) === true, writtenBefore)
  }

  #guard(socket: Socket): ConnectionGuard | undefined {
    try {
      return guardNetSocket(socket, this.#policy, this.#host)
    } catch (reason) {
      // One that has gone again already needs none.
      if (socket.destroyed || this.#refused.has(socket)) return undefined
      this.#refused.add(socket)
      socket.once('close', this.#guards.admitUnguarded(socket, reason as Error))
      return undefined
    }
  }

  // ---- What they carry ----------------------------------------------------------------------------------------------

  #begin({ httpVersionMajor, socket }: IncomingMessage, answer: ServerResponse): void {
    if (httpVersionMajor !== 1) return
    // A connection that was there before the server was guarded is guarded with its next request.
    const place = placeOf(socket) ?? this.#accept(socket)
    if (place === undefined || place.guard.over) return
    if (place.exchanges === undefined) {
      place.exchanges = this.#exchanges(place.guard, socket)
      this.#guards.become(place.exchanges)
    }
    place.exchanges.begin(answer)
  }

  #open(session: Http2Session): void {
    const place = placeOf(session.socket as Socket)
    if (place === undefined || place.guard.over) return
    place.streams = new Streams(place.guard, place.socket, session)
    this.#guards.become(place.streams)
  }

  #failed(event: string, error: unknown, values: readonly unknown[]): void {
    if (event === 'stream') return failStream(values[0] as ServerHttp2Stream, error)
    const [request, answer] = values as [IncomingMessage, ServerResponse & { stream?: ServerHttp2Stream }]
    if (answer.stream !== undefined) return failStream(answer.stream, error)
    const place = placeOf(request.socket)
    if (event === 'upgrade' || event === 'connect') void place?.guard.fail(error)
    else place?.exchanges?.failed(error, answer)
  }
}
