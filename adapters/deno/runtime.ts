// What is used of the global `Deno`, and nothing else of it: its own types are no dependency of ours.

/** One end of a connection. */
export interface NetAddr {
  readonly transport: string
  readonly hostname: string
  readonly port: number
}

/** A TCP connection of Deno, as `Deno.connect()` and `accept()` give it; only what is named here is called. */
export interface TcpConn {
  readonly localAddr: NetAddr
  readonly remoteAddr: NetAddr
  read(into: Uint8Array): Promise<number | null>
  write(bytes: Uint8Array): Promise<number>
  closeWrite(): Promise<void>
  close(): void
  readonly readable: object
  readonly writable: object
}

/** A listener of Deno, as `Deno.listen()` and `Deno.listenTls()` give it; only what is named here is called. */
export interface TcpListener {
  readonly addr: { readonly transport: string }
  accept(): Promise<TcpConn>
  close(): void
}

/** What a handler of `Deno.serve()` is told besides the request. */
export interface ServeInfo {
  readonly remoteAddr: NetAddr | { readonly transport: string }
  /** Settles when Deno has taken the response to its end. */
  readonly completed: Promise<void>
}

/** A handler as `Deno.serve()` takes it. */
// biome-ignore lint/suspicious/noExplicitAny: the address is of whatever kind the owner's own types say
export type ServeHandler = (request: Request, info: any) => Response | Promise<Response>

/** The options of `Deno.serve()`: those that are used here are named. */
export interface ServeOptions {
  hostname?: string
  port?: number
  signal?: AbortSignal
  onError?: (error: unknown) => Response | Promise<Response>
  onListen?: (address: NetAddr) => void
  [option: string]: unknown
}

/** What `Deno.serve()` gives. */
export interface HttpServer {
  readonly addr: NetAddr & { readonly transport: 'tcp' | 'udp' }
  readonly finished: Promise<void>
  ref(): void
  unref(): void
  shutdown(): Promise<void>
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
