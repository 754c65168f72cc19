// The wire of a runtime with nothing of its own, for guards that run over a system in memory.
import type { Descriptor } from '../../adapters/core/descriptor.js'
import { type NativeHost, NativeWire } from '../../adapters/core/native.js'

/** The connection that a system in memory has. */
export const ends = { localAddress: '127.0.0.1', localPort: 7007, remoteAddress: '127.0.0.1', remotePort: 50_000 }

/** What it writes is in the kernel at once, and its close is close(2). */
export class BareWire extends NativeWire {
  readonly #close: () => void
  constructor(host: NativeHost, descriptor: Descriptor | undefined, close: () => void) {
    super(ends, host, descriptor)
    this.#close = close
  }
  protected override unflushed = (): number => 0
  protected override hook(): void {}
  protected override unhook(): void {}
  protected override flush(): void {
    this.flushed()
  }
  protected override finishByRuntime(): void {}
  protected override closeByRuntime(): void {
    this.#close()
  }
  protected override resetByRuntime = (): boolean => false
  protected override discard(): void {}
  protected override hold(): void {}
  /** The peer's FIN was read, or its reset. */
  readEnd(): void {
    this.peerEnded()
  }
  /** The runtime closes on its own. */
  closeBehindUs(): void {
    this.release()
  }
  /** The runtime closes and has not told it yet. */
  closeSilently(): void {
    this.descriptor?.hold()
    this.closeByRuntime()
    this.closed = true
  }
  /** The runtime tells an error of the connection. */
  readError(code: string): void {
    this.failed(Object.assign(new Error(code), { code }))
  }
}
