// What is used of the global `Deno`, and nothing else of it: its own types are no dependency of ours.

/** One end of a connection. */
export interface NetAddr {
  /** `tcp`. */
  readonly transport: string
  /** The address, as text. */
  readonly hostname: string
  /** The port. */
  readonly port: number
}

/** A TCP connection of Deno, as `Deno.connect()` and `accept()` give it; only what is named here is called. */
export interface TcpConn {
  /** Our end. */
  readonly localAddr: NetAddr
  /** The peer's end. */
  readonly remoteAddr: NetAddr
  /** Reads what there is, and answers how much; null: end of file. */
  read(into: Uint8Array): Promise<number | null>
  /** Writes some of the bytes, and answers how many. */
  write(bytes: Uint8Array): Promise<number>
  /** Sends a FIN. */
  closeWrite(): Promise<void>
  /** Closes the connection. */
  close(): void
  /** What arrives, as a stream. */
  readonly readable: object
  /** What is sent, as a stream. */
  readonly writable: object
}

/** A listener of Deno, as `Deno.listen()` and `Deno.listenTls()` give it; only what is named here is called. */
export interface TcpListener {
  /** Where it listens. */
  readonly addr: { readonly transport: string }
  /** The next connection. */
  accept(): Promise<TcpConn>
  /** Accepts no more. */
  close(): void
}

/** What a handler of `Deno.serve()` is told besides the request. */
export interface ServeInfo {
  /** The address of the peer. */
  readonly remoteAddr: NetAddr | { readonly transport: string }
  /** Settles when Deno has taken the response to its end. */
  readonly completed: Promise<void>
}

/** A handler as `Deno.serve()` takes it. */
// biome-ignore lint/suspicious/noExplicitAny: the address is of whatever kind the owner's own types say
export type ServeHandler = (request: Request, info: any) => Response | Promise<Response>

/** The options of `Deno.serve()`: those that are used here are named. */
export interface ServeOptions {
  /** The address to listen at. */
  hostname?: string
  /** The port to listen at. */
  port?: number
  /** Aborting it closes the server. */
  signal?: AbortSignal
  /** Answers for a handler that throws. */
  onError?: (error: unknown) => Response | Promise<Response>
  /** Is told the address, once it listens. */
  onListen?: (address: NetAddr) => void
  [option: string]: unknown
}

/** What `Deno.serve()` gives. */
export interface HttpServer {
  /** Where it listens. */
  readonly addr: NetAddr & { readonly transport: 'tcp' | 'udp' }
  /** Settles when the server has closed. */
  readonly finished: Promise<void>
  /** Keeps the process alive. */
  ref(): void
  /** Lets the process end. */
  unref(): void
  /** Accepts no more, and resolves when what is under way is answered. */
  shutdown(): Promise<void>
  /** The same as `shutdown()`. */
  [Symbol.asyncDispose](): PromiseLike<void>
}

/** A library whose functions can be called. */
interface Library {
  symbols: Record<string, (...values: unknown[]) => unknown>
}

/** The part of the global `Deno` that the adapter uses. */
export interface DenoGlobal {
  readonly version: { readonly deno: string }
  dlopen(path: string, symbols: Record<string, { parameters: readonly string[]; result: string }>): Library
  serve(options: ServeOptions, handler: ServeHandler): HttpServer
  listen(...values: never[]): TcpListener
  listenTls(...values: never[]): TcpListener
  connect(...values: never[]): Promise<TcpConn>
  connectTls(...values: never[]): Promise<TcpConn>
  startTls(...values: never[]): Promise<TcpConn>
  readonly errors: Readonly<Record<'BadResource' | 'BrokenPipe' | 'Interrupted', new (message: string) => Error>>
  readonly UnsafePointerView: new (pointer: object) => { getInt32(offset?: number): number }
  readonly permissions: {
    querySync(what: { name: string; path?: string; variable?: string }): { state: 'granted' | 'prompt' | 'denied' }
  }
}

/** The global `Deno`. */
export const deno: DenoGlobal = (globalThis as unknown as { Deno: DenoGlobal }).Deno

/** An event that ends the process unless a listener prevents it. */
export interface LethalEvent {
  readonly type: string
  readonly defaultPrevented: boolean
}

/** The events of the global object. */
export const events = globalThis as unknown as Record<
  'addEventListener' | 'removeEventListener',
  (name: string, listener: (event: LethalEvent) => void) => void
>

/** An environment variable, where reading it is allowed; nobody is asked for the permission. */
export function variable(name: string): string | undefined {
  const { state } = deno.permissions.querySync({ name: 'env', variable: name })
  return state === 'granted' ? process.env[name] : undefined
}
