// What is used of the global `Bun`, and nothing else of it: its own types are no dependency of ours.

/** Bytes as the sockets of Bun take them. */
export type Bytes = string | ArrayBufferLike | ArrayBufferView

/** A native socket of Bun, as `Bun.listen()` and `Bun.connect()` give it; only what is named here is called. */
export interface BunSocket {
  /** The descriptor, -1 once it is closed; Bun has it and its types do not. */
  readonly fd?: number
  /** Positive while the socket is open. */
  readonly readyState: number
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  /** Hands bytes to the kernel and answers how many it took, -1 if the socket is closed. Nothing is buffered. */
  write(data: Bytes, byteOffset?: number, byteLength?: number): number
  end(data?: Bytes, byteOffset?: number, byteLength?: number): number
  /** Sends a FIN; with `true` it stops receiving. */
  shutdown(halfClose?: boolean): void
  /** Closes the descriptor, without a shutdown before. */
  close(): void
  /** Resets. */
  terminate(): void
  pause(): void
  resume(): void
  unref(): void
}

/** The handlers of sockets of Bun, as `Bun.listen()` takes them; more of them are handed on. */
export interface SocketHandlers<Socket = BunSocket> {
  open?(socket: Socket): unknown
  data?(socket: Socket, chunk: Uint8Array): unknown
  drain?(socket: Socket): unknown
  end?(socket: Socket): unknown
  error?(socket: Socket, error: Error): unknown
  timeout?(socket: Socket): unknown
  handshake?(socket: Socket, success: boolean, authorizationError: Error | null): unknown
  close?(socket: Socket, error?: Error): unknown
}

/** The options of `Bun.listen()`: those that are used here are named. */
export interface ListenOptions<Socket = BunSocket> {
  hostname?: string
  port?: number
  unix?: string
  allowHalfOpen?: boolean
  socket: SocketHandlers<Socket>
  [option: string]: unknown
}

/** A listener as `Bun.listen()` gives it; what is used of it is named. */
export interface BunListener {
  readonly hostname?: string
  readonly port?: number
  stop(closeActiveConnections?: boolean): void
  ref(): void
  unref(): void
  reload(options: never): unknown
}

/** A server as `Bun.serve()` gives it; what is used of it is named. */
export interface BunServer {
  readonly port: number | undefined
  readonly hostname: string | undefined
  readonly url: URL
  readonly pendingRequests: number
  /** The peer of a request, null if the request is over or did not come over TCP. */
  requestIP(request: Request): { address: string; port: number } | null
  reload(options: never): unknown
  stop(closeActiveConnections?: boolean): Promise<void>
  upgrade(request: Request, options?: object): boolean
  ref(): void
  unref(): void
}

/** A handler as `Bun.serve()` takes it; answers nothing where it has upgraded the connection. */
// biome-ignore lint/suspicious/noExplicitAny: the request of a route and the server are what the owner's own types say
export type ServeHandler = (request: any, server: any) => unknown

/** The options of `Bun.serve()`: those that are used here are named. */
export interface ServeOptions {
  fetch?: ServeHandler
  routes?: Record<string, unknown>
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
