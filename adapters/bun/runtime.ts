// What is used of the global `Bun`, and nothing else of it: its own types are no dependency of ours.

/** Bytes as the sockets of Bun take them. */
export type Bytes = string | ArrayBufferLike | ArrayBufferView

/** A native socket of Bun, as `Bun.listen()` and `Bun.connect()` give it; only what is named here is called. */
export interface BunSocket {
  /** The descriptor, -1 once it is closed; Bun has it and its types do not. */
  readonly fd?: number
  /** Positive while the socket is open. */
  readonly readyState: number
  /** The address of our end. */
  readonly localAddress: string
  /** The port of our end. */
  readonly localPort: number
  /** The address of the peer's end. */
  readonly remoteAddress: string
  /** The port of the peer's end. */
  readonly remotePort: number
  /** Hands bytes to the kernel and answers how many it took, -1 if the socket is closed. Nothing is buffered. */
  write(data: Bytes, byteOffset?: number, byteLength?: number): number
  /** Hands bytes over and sends a FIN behind them. */
  end(data?: Bytes, byteOffset?: number, byteLength?: number): number
  /** Sends a FIN; with `true` it stops receiving. */
  shutdown(halfClose?: boolean): void
  /** Closes the descriptor, without a shutdown before. */
  close(): void
  /** Resets. */
  terminate(): void
  /** Stops reading. */
  pause(): void
  /** Reads on. */
  resume(): void
  /** Lets the process end. */
  unref(): void
}

/** The handlers of sockets of Bun, as `Bun.listen()` takes them; more of them are handed on. */
export interface SocketHandlers<Socket = BunSocket> {
  /** The connection is there. */
  open?(socket: Socket): unknown
  /** Bytes have arrived. */
  data?(socket: Socket, chunk: Uint8Array): unknown
  /** The kernel takes bytes again. */
  drain?(socket: Socket): unknown
  /** The peer's FIN has come. */
  end?(socket: Socket): unknown
  /** A handler has thrown. */
  error?(socket: Socket, error: Error): unknown
  /** The time that was set is over. */
  timeout?(socket: Socket): unknown
  /** The handshake of TLS is over. */
  handshake?(socket: Socket, success: boolean, authorizationError: Error | null): unknown
  /** The descriptor is closed. */
  close?(socket: Socket, error?: Error): unknown
}

/** The options of `Bun.listen()`: those that are used here are named. */
export interface ListenOptions<Socket = BunSocket> {
  /** The address to listen at. */
  hostname?: string
  /** The port to listen at. */
  port?: number
  /** The path to listen at, instead. */
  unix?: string
  /** Whether a connection stays when the peer's FIN has come. */
  allowHalfOpen?: boolean
  /** The handlers of all connections. */
  socket: SocketHandlers<Socket>
  [option: string]: unknown
}

/** A listener as `Bun.listen()` gives it; what is used of it is named. */
export interface BunListener {
  /** The address that it listens at. */
  readonly hostname?: string
  /** The port that it listens at. */
  readonly port?: number
  /** Accepts no more; with true it closes the connections. */
  stop(closeActiveConnections?: boolean): void
  /** Keeps the process alive. */
  ref(): void
  /** Lets the process end. */
  unref(): void
  /** Takes other handlers. */
  reload(options: never): unknown
}

/** A server as `Bun.serve()` gives it; what is used of it is named. */
export interface BunServer {
  /** The port that it listens at. */
  readonly port: number | undefined
  /** The address that it listens at. */
  readonly hostname: string | undefined
  /** The address as a URL. */
  readonly url: URL
  /** The requests that are not answered yet. */
  readonly pendingRequests: number
  /** The peer of a request, null if the request is over or did not come over TCP. */
  requestIP(request: Request): { address: string; port: number } | null
  /** Takes other handlers. */
  reload(options: never): unknown
  /** Accepts no more; with true it closes what is under way. */
  stop(closeActiveConnections?: boolean): Promise<void>
  /** Makes a WebSocket of a request. */
  upgrade(request: Request, options?: object): boolean
  /** Keeps the process alive. */
  ref(): void
  /** Lets the process end. */
  unref(): void
}

/** A handler as `Bun.serve()` takes it; answers nothing where it has upgraded the connection. */
// biome-ignore lint/suspicious/noExplicitAny: the request of a route and the server are what the owner's own types say
export type ServeHandler = (request: any, server: any) => unknown

/** The options of `Bun.serve()`: those that are used here are named. */
export interface ServeOptions {
  /** Answers a request. */
  fetch?: ServeHandler
  /** What answers requests of single paths. */
  routes?: Record<string, unknown>
  /** Answers for a handler that throws. */
  error?: (error: Error) => unknown
  [option: string]: unknown
}

/** The part of the global `Bun` that the adapter uses. */
export interface BunGlobal {
  serve(options: ServeOptions): BunServer
  listen(options: object): BunListener
  connect(options: {
    fd: number
    allowHalfOpen: boolean
    socket: {
      open?(socket: BunSocket): void
      data(socket: BunSocket, chunk: Uint8Array): void
      end?(socket: BunSocket): void
      error?(socket: BunSocket, error: Error): void
      close?(socket: BunSocket, error?: Error): void
    }
  }): Promise<BunSocket>
}

/** The global `Bun`. */
export const bun: BunGlobal = (globalThis as unknown as { Bun: BunGlobal }).Bun
