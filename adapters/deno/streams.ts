// The two streams of a guarded connection of Deno, over calls that the guard hooks. Deno's own streams read and write
// behind every method of the connection, and close all of it at either end.

/** What the streams of a connection do to it. */
export interface StreamCalls {
  /** Reads into the buffer; null at the end of file. */
  read(into: Uint8Array): Promise<number | null>
  /** The reading stream has told the end of file. */
  readEnded(): void
  /** Nobody reads the stream any more. */
  readCancelled(): void
  /** So many bytes wait in the stream until it is their turn. */
  waiting(bytes: number): void
  /** Writes a chunk to its end. */
  writeAll(chunk: Uint8Array): Promise<void>
  /** Everything that will ever be written has been. */
  writeEnded(): Promise<void>
  /** The writing stream was given up. */
  writeAborted(reason: unknown): void
}

const readBytes = 65_536

/** The stream of what the peer sends. */
export function readableOf(calls: StreamCalls): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: readBytes,
    async pull(controller): Promise<void> {
      const request = controller.byobRequest
      const view = request?.view as Uint8Array<ArrayBuffer> | undefined
      const into = view ?? new Uint8Array(readBytes)
      const count = await calls.read(into)
      if (count === null) {
        controller.close()
        request?.respond(0)
        calls.readEnded()
      } else if (request) request.respond(count)
      else controller.enqueue(into.subarray(0, count))
    },
    cancel: () => calls.readCancelled(),
  })
}

/** The stream of what we send. Its queue counts: what waits there would be lost with the connection. */
export function writableOf(calls: StreamCalls): WritableStream<Uint8Array> {
  const size = (chunk?: Uint8Array): number => {
    if (chunk instanceof Uint8Array) calls.waiting(chunk.byteLength)
    return 1
  }
  return new WritableStream<Uint8Array>(
    {
      write: (chunk) => calls.writeAll(chunk),
      close: () => calls.writeEnded(),
      abort: (reason) => calls.writeAborted(reason),
    },
    { highWaterMark: 1, size },
  )
}
