// What is used of the global `Bun`, and nothing else of it: its own types are no dependency of ours.

/** A native socket of Bun; only what is named here is called. */
export interface BunSocket {
  readonly fd: number
  /** Closes the descriptor, without a shutdown before. */
  close(): void
  pause(): void
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
