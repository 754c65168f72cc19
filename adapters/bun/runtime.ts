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

/** The part of the global `Bun` that the adapter uses. */
export interface BunGlobal {
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
